// Input: see feed_pieces().
#include "analyzer_pieces.h"
#include "src/session/pop3_analyzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  FakeContext c;
  Pop3Analyzer analyzer;
  probe_pop3({{data, size}, {data, size}});
  feed_pieces({data, size}, analyzer, c);
  return 0;
}
