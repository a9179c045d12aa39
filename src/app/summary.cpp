#include "sensor/app/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace sensor {
namespace {

constexpr size_t kNamesShown = 8;
constexpr size_t kTalkersShown = 5;

class Text {
 public:
  explicit Text(bool color) : color_(color) {}

  void heading(std::string_view s) { color_ ? line("\x1b[1m{}\x1b[0m", s) : line("{}", s); }
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }
  std::string take() { return std::move(out_); }

 private:
  bool color_;
  std::string out_;
};

void names(Text& text, std::string_view what, const std::vector<NameCount>& counts) {
  if (counts.empty()) return;
  std::string shown;
  for (const NameCount& n : std::span(counts).first(std::min(counts.size(), kNamesShown)))
    shown += fmt::format("{}{} {}", shown.empty() ? "" : ", ", n.name, n.connections);
  if (counts.size() > kNamesShown) shown += fmt::format(", and {} more", counts.size() - kNamesShown);
  text.line("  {:<14}{}", what, shown);
}

void talkers(Text& text, std::string_view what, const std::vector<TopAddress>& list) {
  for (const TopAddress& t : std::span(list).first(std::min(list.size(), kTalkersShown))) {
    text.line("  {:<14}{:<40}{:>10}B", what, t.address.to_string(), short_number(static_cast<double>(t.value)));
    what = "";
  }
}

}  // namespace

std::string short_number(double n) {
  constexpr std::string_view kUnits[] = {"", "k", "M", "G", "T", "P", "E"};
  size_t unit = 0;
  for (; n >= 999.95 && unit + 1 < std::size(kUnits); unit++) n /= 1000;
  return unit == 0 ? fmt::format("{:.0f} ", n) : fmt::format("{:.1f} {}", n, kUnits[unit]);
}

std::string format_summary(const RunSummary& run, bool color) {
  const StatsReport& t = run.traffic;
  const double packets = static_cast<double>(t.traffic.packets), bytes = static_cast<double>(t.traffic.bytes);
  Text text(color);
  text.heading("Traffic");
  text.line("  {:<14}{} {}, {}B, {:.1f} s of packet time", "packets", t.traffic.packets, run.origin, short_number(bytes), t.seconds());
  text.line("  {:<14}{} (TCP {}, UDP {}, ICMP {}, other {})", "connections", t.connections(), t.traffic.opened[1], t.traffic.opened[2],
            t.traffic.opened[3], t.traffic.opened[0]);
  names(text, "protocols", t.services);
  names(text, "applications", t.applications);
  talkers(text, "top sources", t.top.list(TopRole::Source, TopMetric::Volume));
  talkers(text, "top receivers", t.top.list(TopRole::Destination, TopMetric::Volume));
  if (!run.losses.empty()) text.heading("Lost, cut or malformed");
  for (const auto& [reason, count] : run.losses) text.line("  {:<40}{:>12}", reason, count);
  text.heading("Run");
  if (run.seconds > 0)
    text.line("  {:<14}{:.2f} s, {}packets/s, {}B/s", "time", run.seconds, short_number(packets / run.seconds),
              short_number(bytes / run.seconds));
  std::string logs;
  for (const WrittenLog& log : run.logs) logs += fmt::format("{}{} {}", logs.empty() ? "" : ", ", log.path.filename().string(), log.rows);
  text.line("  {:<14}{}: {}", "logs", run.log_dir, logs.empty() ? "none, nothing was logged" : logs);
  return text.take();
}

}  // namespace sensor
