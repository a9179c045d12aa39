// Input: see feed_pieces(); every piece is a datagram.
#include "analyzer_pieces.h"
#include "src/session/dhcp_analyzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  FakeContext c;
  c.transport_protocol = Transport::Udp;
  c.header.orig_p = {68};
  DhcpAnalyzer analyzer;
  probe_dhcp({{}, Bytes(data, size)});
  feed_pieces({data, size}, analyzer, c);
  if (c.catcher.writer().records_too_large() != 0) __builtin_trap();
  return 0;
}
