// A connection: each line that begins with '<' comes from the server, any other from the client; a line "<gap" is a gap.
#include <cstdlib>

#include "fake_context.h"
#include "sensor/session/file_analysis.h"
#include "src/session/smtp_analyzer.h"

using namespace sensor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FakeContext c;
  FileAnalysis files;
  c.file_analysis = &files;
  SmtpAnalyzer smtp;
  std::string_view text = as_chars(Bytes(data, size));
  probe_smtp({Bytes(data, size), Bytes(data, size)});
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n') == std::string_view::npos ? text.size() : text.find('\n') + 1);
    text.remove_prefix(line.size());
    const bool server = line.starts_with('<');
    if (line == "<gap\n") {
      smtp.on_gap(c, Direction::Orig, 10);
      continue;
    }
    if (server) line.remove_prefix(1);
    smtp.on_data(c, server ? Direction::Resp : Direction::Orig, as_bytes(line));
  }
  smtp.on_eof(c, Direction::Orig);
  smtp.on_finish(c);
  if (files.open_files() != 0 || c.records().records_too_large() != 0) std::abort();
  return 0;
}
