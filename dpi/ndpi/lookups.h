// What nDPI knows of ports and addresses, remembered.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sensor/net/ip_address.h"

struct ndpi_detection_module_struct;

namespace sensor::ndpi {

/// What nDPI's trees of ports and addresses say, which lie all over the memory. All contexts give the same answers. 256 KB.
class Lookups {
 public:
  /// The protocol whose well-known port is one of these, the lower one first; 0: none.
  uint16_t by_ports(ndpi_detection_module_struct* context, uint8_t ip_proto, uint16_t a, uint16_t b);
  /// The protocol of the owner of the first address that nDPI knows one of; 0: none, as for any IPv6 address.
  uint16_t by_addresses(ndpi_detection_module_struct* context, const IpAddress& a, const IpAddress& b);

 private:
  static constexpr uint16_t kNotAsked = UINT16_MAX;

  uint16_t by_port(ndpi_detection_module_struct* context, uint8_t ip_proto, uint16_t port);

  std::array<std::vector<uint16_t>, 2> ports_;  // TCP's and UDP's; empty before the first question
};

}  // namespace sensor::ndpi
