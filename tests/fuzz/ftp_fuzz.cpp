// A control connection: each line that begins with '<' comes from the server, any other from the client. The data that is announced is
// the input itself.
#include <cstdlib>

#include "fake_context.h"
#include "sensor/session/file_analysis.h"
#include "src/session/ftp_analyzer.h"

using namespace sensor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FakeContext c;
  FileAnalysis files;
  c.file_analysis = &files;
  FtpAnalyzer ftp;
  std::string_view text = as_chars(Bytes(data, size));
  const ProbeInput probe{Bytes(data, size), Bytes(data, size)};
  probe_ftp(probe);
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n') == std::string_view::npos ? text.size() : text.find('\n') + 1);
    text.remove_prefix(line.size());
    const bool server = line.starts_with('<');
    if (server) line.remove_prefix(1);
    ftp.on_data(c, server ? Direction::Resp : Direction::Orig, as_bytes(line));
  }
  for (const Expectation& e : c.expected) {
    FtpDataAnalyzer carried;
    carried.on_expected(c, e);
    carried.on_data(c, Direction::Orig, Bytes(data, size));
    carried.on_finish(c);
    break;
  }
  ftp.on_finish(c);
  for (const RowText& row : c.rows("ftp"))
    if (row.at("command") == "-") std::abort();
  return 0;
}
