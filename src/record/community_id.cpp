#include "sensor/net/community_id.h"

#include "sensor/record/decoder.h"
#include "sensor/record/schema.h"

namespace sensor {
namespace {

/// Addresses and ports in the order of ConnHeader, then the protocol.
size_t from_columns(std::span<const Cell> row, size_t first, std::span<char> out) {
  const Cell &orig_h = row[first], &orig_p = row[first + 1], &resp_h = row[first + 2], &resp_p = row[first + 3], &proto = row[first + 4];
  if (proto.number == 0 || !orig_h.present || !resp_h.present) return 0;
  FiveTuple t;
  t.src = orig_h.address();
  t.dst = resp_h.address();
  t.src_port = static_cast<uint16_t>(orig_p.number);
  t.dst_port = static_cast<uint16_t>(resp_p.number);
  t.ip_proto = static_cast<uint8_t>(proto.number);
  return community_id(t, 0, out);
}

}  // namespace

size_t conn_community_id(std::span<const Cell> row, std::span<char> out) {
  return from_columns(row, 2, out);
}

size_t file_community_id(std::span<const Cell> row, std::span<char> out) {
  return from_columns(row, 3, out);
}

}  // namespace sensor
