#include "sensor/api/live_status.h"

#include <fmt/format.h>

#include <iterator>

namespace sensor {
namespace {

/// Text between quotes: control characters, quotes and backslashes escaped (RFC 8259 section 7).
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + '"';
}

std::string object(const std::vector<CounterValue>& values) {
  std::string out = "{";
  for (const auto& [info, n] : values) out += fmt::format("{}{}:{}", out.size() > 1 ? "," : "", quoted(info.name), n);
  return out + '}';
}

std::string names(const std::vector<NameCount>& counts) {
  std::string out = "{";
  for (const NameCount& c : counts) out += fmt::format("{}{}:{}", out.size() > 1 ? "," : "", quoted(c.name), c.connections);
  return out + '}';
}

std::string addresses(const std::vector<TopAddress>& list) {
  std::string out = "[";
  for (const TopAddress& a : list)
    out += fmt::format("{}{{\"ip\":{},\"value\":{},\"error\":{}}}", out.size() > 1 ? "," : "", quoted(a.address.to_string()), a.value,
                       a.error);
  return out + ']';
}

double seconds(DurationNs ns) {
  return static_cast<double>(ns) / static_cast<double>(kSecond);
}

class Metrics {
 public:
  void head(std::string_view name, std::string_view help, std::string_view type) {
    fmt::format_to(std::back_inserter(out_), "# HELP sensor_{} {}\n# TYPE sensor_{} {}\n", name, help, name, type);
  }
  template <class Number>
  void value(std::string_view name, std::string_view labels, Number n) {
    fmt::format_to(std::back_inserter(out_), "sensor_{}{} {}\n", name, labels, n);
  }
  template <class Number>
  void gauge(std::string_view name, std::string_view help, Number n) {
    head(name, help, "gauge");
    value(name, "", n);
  }
  void counters(const std::vector<CounterValue>& values) {
    for (const auto& [info, n] : values) {
      const std::string name = std::string(info.name) + "_total";
      head(name, info.help, "counter");
      value(name, "", n);
    }
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace

std::string status_json(const LiveStatus& s) {
  std::string workers;
  for (const auto& q : s.queues) workers += (workers.empty() ? "" : ",") + object(q);
  return fmt::format(
      "{{\"mode\":\"live\",\"version\":{},\"interfaces\":{},\"log_dir\":{},\"uptime_s\":{:.3f},\"memory_bytes\":{},\"lag_s\":{:.3f},"
      "\"connections_open\":{},\"traffic\":{},\"workers\":[{}],\"logs\":{},\"losses\":{}}}\n",
      quoted(s.version), quoted(s.interfaces), quoted(s.log_dir), s.uptime_s, s.memory_bytes, seconds(s.lag_ns), s.connections_open,
      object(s.traffic), workers, object(s.logs), object(s.losses));
}

std::string top_json(const StatsReport& r) {
  static constexpr std::string_view kRoles[] = {"sources", "destinations"}, kMetrics[] = {"bytes", "packets", "connections"};
  std::string lists;
  for (size_t role = 0; role < kTopRoles; role++)
    for (size_t metric = 0; metric < kTopMetrics; metric++)
      lists += fmt::format(",\"{}_by_{}\":{}", kRoles[role], kMetrics[metric], addresses(r.top.lists[role][metric]));
  return fmt::format(
      "{{\"start\":{:.6f},\"end\":{:.6f},\"packets\":{},\"bytes\":{},\"connections\":{},\"services\":{},\"applications\":{}{}}}\n",
      seconds(r.start_ns), seconds(r.end_ns), r.traffic.packets, r.traffic.bytes, r.connections(), names(r.services), names(r.applications),
      lists);
}

std::string metrics_text(const LiveStatus& s) {
  Metrics m;
  m.gauge("uptime_seconds", "time since the start", s.uptime_s);
  m.gauge("memory_bytes", "resident memory", s.memory_bytes);
  m.gauge("lag_seconds", "how far packet time is behind the clock", seconds(s.lag_ns));
  m.gauge("connections_open", "connections open now", s.connections_open);
  m.counters(s.traffic);
  m.counters(s.logs);
  m.head("lost_total", "what was lost, cut or malformed, by reason", "counter");
  for (const auto& [info, n] : s.losses) m.value("lost_total", fmt::format("{{reason=\"{}\"}}", info.name), n);
  for (size_t c = 0; !s.queues.empty() && c < s.queues[0].size(); c++) {
    const std::string name = "capture_" + std::string(s.queues[0][c].first.name) + "_total";
    m.head(name, s.queues[0][c].first.help, "counter");
    for (size_t w = 0; w < s.queues.size(); w++) m.value(name, fmt::format("{{worker=\"{}\"}}", w), s.queues[w][c].second);
  }
  return m.take();
}

}  // namespace sensor
