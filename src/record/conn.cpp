#include "sensor/record/conn.h"

#include "sensor/net/community_id.h"
#include "sensor/record/decoder.h"

namespace sensor {
namespace {

constexpr size_t column(std::string_view name) {
  return column_index(detail::kColumns<ConnRecord>, name);
}
constexpr size_t kOrigH = column("id.orig_h"), kOrigP = column("id.orig_p"), kRespH = column("id.resp_h"), kRespP = column("id.resp_p"),
                 kIpProto = column("ip_proto");
static_assert(kIpProto < detail::kColumns<ConnRecord>.size());

}  // namespace

size_t conn_community_id(std::span<const Cell> row, std::span<char> out) {
  if (!row[kIpProto].present) return 0;
  FiveTuple t;
  t.src = row[kOrigH].address();
  t.dst = row[kRespH].address();
  t.src_port = static_cast<uint16_t>(row[kOrigP].number);
  t.dst_port = static_cast<uint16_t>(row[kRespP].number);
  t.ip_proto = static_cast<uint8_t>(row[kIpProto].number);
  return community_id(t, 0, out);
}

}  // namespace sensor
