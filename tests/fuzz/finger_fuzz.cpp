// Input: see feed_pieces().
#include "analyzer_pieces.h"
#include "src/session/finger_analyzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  FakeContext c;
  FingerAnalyzer analyzer;
  feed_pieces({data, size}, analyzer, c);
  return 0;
}
