// Logs as the tools read them: TSV and JSON.
#include <cstdint>

#include "sensor/base/byte_reader.h"
#include "tools/logs/log_cutter.h"
#include "tools/logs/log_diff.h"

using namespace sensor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = as_chars(Bytes(data, size));
  tools::CutOptions options;
  options.fields = {"ts", "uid", "nope"};
  options.headers = tools::CutOptions::Headers::All;
  options.time_format = "%Y-%m-%d";
  tools::LogCutter cutter(options);
  std::string out;
  for (std::string_view line : tools::split(text, '\n')) cutter.line(line, out);

  // A log equals itself.
  auto a = tools::parse_log(text, "x");
  auto b = tools::parse_log(text, "x");
  if (!a.ok() || !b.ok()) return 0;
  std::map<std::string, tools::LogTable> left, right;
  left.emplace("x", std::move(a).value());
  right.emplace("x", std::move(b).value());
  if (!tools::diff_logs(std::move(left), std::move(right), {}).equal) __builtin_trap();
  return 0;
}
