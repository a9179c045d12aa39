#include "dpi/ndpi/lookups.h"

#include <ndpi/ndpi_api.h>

#include <algorithm>
#include <cstring>

#include "dpi/ndpi/ndpi_context.h"
#include "sensor/net/packet.h"

namespace sensor::ndpi {
namespace {

uint16_t owner(ndpi_detection_module_struct* context, const IpAddress& a) {
  in_addr address{};
  std::memcpy(&address.s_addr, a.wire_bytes().data(), sizeof address.s_addr);
  const AddressOwners* owners = address_owners();
  if (owners != nullptr && !owners->empty()) return owners->find(ntohl(address.s_addr));
  return ndpi_network_port_ptree_match(context, &address, 0);
}

}  // namespace

uint16_t Lookups::by_ports(ndpi_detection_module_struct* context, uint8_t ip_proto, uint16_t a, uint16_t b) {
  if (a == 0 || b == 0) return NDPI_PROTOCOL_UNKNOWN;
  const uint16_t lower = by_port(context, ip_proto, std::min(a, b));
  return lower != NDPI_PROTOCOL_UNKNOWN ? lower : by_port(context, ip_proto, std::max(a, b));
}

uint16_t Lookups::by_port(ndpi_detection_module_struct* context, uint8_t ip_proto, uint16_t port) {
  std::vector<uint16_t>& known = ports_[ip_proto == ipproto::kTcp ? 0 : 1];
  if (known.empty()) known.resize(size_t{UINT16_MAX} + 1, kNotAsked);
  if (known[port] == kNotAsked) {
    u_int8_t user_defined = 0;
    known[port] = ndpi_guess_protocol_id(context, nullptr, ip_proto, port, port, &user_defined);
  }
  return known[port];
}

uint16_t Lookups::by_addresses(ndpi_detection_module_struct* context, const IpAddress& a, const IpAddress& b) {
  if (!a.is_v4()) return NDPI_PROTOCOL_UNKNOWN;
  const uint16_t first = owner(context, a);
  return first != NDPI_PROTOCOL_UNKNOWN ? first : owner(context, b);
}

}  // namespace sensor::ndpi
