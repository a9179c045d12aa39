// sensor-cut FIELD...: picks columns out of logs, as zeek-cut does.
#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>

#include "tools/logs/log_cutter.h"

namespace {

using sensor::tools::CutOptions;
using sensor::tools::LogCutter;

/// Text is written in pieces of at least this size.
constexpr size_t kPieceBytes = 1 << 16;

/// False when the stream broke or a line was no log line.
bool cut(std::istream& in, LogCutter& cutter) {
  std::string line, out;
  bool good = true;
  while (std::getline(in, line)) {
    good = cutter.line(line, out) && good;
    if (out.size() >= kPieceBytes) {
      if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size()) return false;
      out.clear();
    }
  }
  return std::fwrite(out.data(), 1, out.size(), stdout) == out.size() && !in.bad() && good;
}

int run(const CutOptions& options, const std::vector<std::string>& files) {
  LogCutter cutter(options);
  bool good = true;
  if (files.empty()) {
    std::ios::sync_with_stdio(false);
    good = cut(std::cin, cutter);
  }
  for (const std::string& name : files) {
    std::ifstream in(name, std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "sensor-cut: cannot read %s: %s\n", name.c_str(), std::strerror(errno));
      return 2;
    }
    good = cut(in, cutter) && good;
  }
  if (std::fflush(stdout) != 0) good = false;
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Picks columns out of logs (TSV or JSON) from standard input or files. A column that a log lacks is written as unset."};
  app.option_defaults()->always_capture_default(false);
  CutOptions options;
  std::vector<std::string> files;
  bool first_header = false, all_headers = false, local_time = false, utc_time = false;
  std::string local_format, utc_format;
  app.add_option("fields", options.fields, "columns, in the order in which they are written; none: all");
  app.add_option("-f,--file", files, "read this file instead of standard input; may be repeated")->allow_extra_args(false);
  app.add_flag("-c", first_header, "write the header of the first log");
  app.add_flag("-C", all_headers, "write the header of every log");
  app.add_flag("-n", options.invert, "write all columns but those named");
  app.add_option("-F", options.output_separator, "separator between the columns written");
  app.add_flag("-d", local_time, "times as local date and time");
  app.add_option("-D", local_format, "times in local time by this strftime format");
  app.add_flag("-u", utc_time, "times as date and time in UTC");
  app.add_option("-U", utc_format, "times in UTC by this strftime format");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  if (first_header) options.headers = CutOptions::Headers::First;
  if (all_headers) options.headers = CutOptions::Headers::All;
  options.utc = utc_time || !utc_format.empty();
  if (local_time || utc_time) options.time_format = "%Y-%m-%dT%H:%M:%S%z";
  if (!local_format.empty()) options.time_format = local_format;
  if (!utc_format.empty()) options.time_format = utc_format;
  return run(options, files);
}
