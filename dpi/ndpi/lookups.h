// What nDPI knows of ports and addresses, and labels that were worked out before: remembered.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dpi/ndpi/ndpi_classifier.h"
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

/// Labels by all that they were made from. At most kEntries, of which a new one takes the place of an older one.
class LabelMemory {
 public:
  static constexpr size_t kEntries = 1024;
  static constexpr size_t kMaxKey = 128;  // bytes; labels with longer keys are not remembered

  /// Null when it is not known. Valid until the next call.
  const AppLabel* find(std::string_view key);
  void remember(std::string_view key, const AppLabel& label);

 private:
  struct Entry {
    std::string key;
    AppLabel label;
  };
  Entry& entry(std::string_view key);

  std::vector<Entry> entries_;
};

}  // namespace sensor::ndpi
