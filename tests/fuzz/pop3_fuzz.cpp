// Input: see feed_pieces().
#include <cstdlib>

#include "analyzer_pieces.h"
#include "sensor/session/file_analysis.h"
#include "src/session/pop3_analyzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  FakeContext c;
  FileAnalysis files;
  c.file_analysis = &files;
  Pop3Analyzer analyzer;
  probe_pop3({{data, size}, {data, size}});
  feed_pieces({data, size}, analyzer, c);
  if (files.open_files() != 0) std::abort();
  return 0;
}
