// sensor-diff A B: do two directories hold the same logs?
#include <CLI/CLI.hpp>
#include <cstdio>

#include "tools/logs/log_diff.h"

namespace {

using sensor::tools::DiffOptions;

std::set<std::string> as_set(const std::vector<std::string>& items) {
  return {items.begin(), items.end()};
}

int run(const std::string& a, const std::string& b, const DiffOptions& options, bool quiet) {
  auto left = sensor::tools::read_logs(a);
  auto right = sensor::tools::read_logs(b);
  for (const auto* side : {&left, &right}) {
    if (side->ok()) continue;
    std::fprintf(stderr, "sensor-diff: %s\n", side->error().message.c_str());
    return 2;
  }
  const auto result = sensor::tools::diff_logs(std::move(left).value(), std::move(right).value(), options);
  if (!quiet) std::fputs(result.report.c_str(), stdout);
  return result.equal ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Compares the logs of two directories by content. TSV or JSON on either side; the order of rows, the header lines and the values of "
      "uids do not matter, but a uid must mean the same connection everywhere. Exit status: 0 equal, 1 different, 2 not comparable."};
  std::string a, b;
  std::vector<std::string> ignored_columns, ignored_logs, only_logs;
  DiffOptions options;
  bool quiet = false;
  app.add_option("A", a, "directory with logs")->required();
  app.add_option("B", b, "directory with logs")->required();
  app.add_option("--ignore", ignored_columns, "columns not to compare, e.g. ts,duration")->delimiter(',');
  app.add_option("--ignore-log", ignored_logs, "logs not to compare, e.g. stats,top_ips")->delimiter(',');
  app.add_option("--only", only_logs, "compare these logs only, e.g. conn,dns")->delimiter(',');
  app.add_flag("--common-columns", options.common_columns, "a column that one side lacks is no difference");
  app.add_option("--max", options.max_shown, "differences shown in full, per log");
  app.add_flag("-q,--quiet", quiet, "only the exit status");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  options.ignored_columns = as_set(ignored_columns);
  options.ignored_logs = as_set(ignored_logs);
  options.only_logs = as_set(only_logs);
  return run(a, b, options, quiet);
}
