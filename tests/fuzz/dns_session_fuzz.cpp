// A connection that speaks DNS: the first byte chooses transport and port; then, again and again, a byte that says what happens, a byte
// of length, and as many bytes of data.
#include <cstdlib>

#include "src/session/dns_analyzer.h"
#include "tests/support/fake_context.h"

using namespace sensor;

namespace {
enum Step : uint8_t { OrigData, RespData, OrigEof, RespEof, OrigGap, RespGap };

void play(DnsAnalyzer& analyzer, FakeContext& c, ByteReader in) {
  while (!in.empty() && c.violations.empty()) {
    const uint8_t what = in.u8();
    const Bytes data = in.bytes(std::min<size_t>(in.u8(), in.remaining()));
    const auto d = (what & 1) != 0 ? Direction::Resp : Direction::Orig;
    c.now_ns += kMillisecond;
    switch (what % 6) {
      case OrigData:
      case RespData:
        analyzer.on_data(c, d, data);
        break;
      case OrigEof:
      case RespEof:
        analyzer.on_eof(c, d);
        break;
      default:
        analyzer.on_gap(c, d, data.size() + 1);
        break;
    }
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader in(Bytes(data, size));
  const uint8_t choice = in.u8();
  FakeContext c;
  c.transport_protocol = (choice & 1) != 0 ? Transport::Udp : Transport::Tcp;
  c.header.resp_p = {static_cast<uint16_t>((choice & 2) != 0 ? 137 : 53)};
  DnsAnalyzer analyzer;
  play(analyzer, c, in);
  analyzer.on_finish(c);
  if (c.catcher.writer().records_too_large() != 0) std::abort();
  for (const RowText& row : c.rows("dns")) {
    if (row.at("trans_id") == "-" || row.at("answers") == "(empty)") std::abort();
  }
  return 0;
}
