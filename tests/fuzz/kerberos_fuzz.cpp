// Input: see feed_pieces(); read as the messages of TCP, and each piece as a datagram.
#include "analyzer_pieces.h"
#include "src/session/kerberos_analyzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  probe_kerberos_datagram({Bytes(data, size), Bytes(data, size)});
  probe_kerberos_stream({Bytes(data, size), Bytes(data, size)});
  KerberosTcpAnalyzer stream;
  KerberosUdpAnalyzer datagrams;
  for (Analyzer* analyzer : {static_cast<Analyzer*>(&stream), static_cast<Analyzer*>(&datagrams)}) {
    FakeContext c;
    feed_pieces({data, size}, *analyzer, c);
    if (c.catcher.writer().records_too_large() != 0) __builtin_trap();
  }
  return 0;
}
