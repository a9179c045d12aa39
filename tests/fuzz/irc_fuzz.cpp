// Input: see feed_pieces().
#include "analyzer_pieces.h"
#include "src/session/irc_analyzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  probe_irc({Bytes(data, size), Bytes(data, size)});
  FakeContext c;
  FileAnalysis files;
  c.file_analysis = &files;
  IrcAnalyzer analyzer;
  feed_pieces({data, size}, analyzer, c);
  if (!c.expected.empty()) {
    c.done_calls = 0;
    IrcDataAnalyzer transfer;
    transfer.on_expected(c, c.expected.back());
    feed_pieces({data, size}, transfer, c);
  }
  if (c.catcher.writer().records_too_large() != 0) __builtin_trap();
  return 0;
}
