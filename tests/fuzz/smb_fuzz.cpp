// Input: see feed_pieces().
#include "analyzer_pieces.h"
#include "sensor/session/file_analysis.h"
#include "src/session/smb_analyzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  FakeContext c;
  FileAnalysis files;
  c.file_analysis = &files;
  SmbAnalyzer analyzer;
  probe_smb({Bytes(data, size), Bytes(data, size)});
  feed_pieces({data, size}, analyzer, c);
  files.finish(c.catcher.writer(), c.now_ns);
  if (c.catcher.writer().records_too_large() != 0) __builtin_trap();
  return 0;
}
