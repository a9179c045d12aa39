#include "sensor/api/live_status.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "sensor/api/json_text.h"

namespace sensor {
namespace {

double seconds(DurationNs ns) {
  return static_cast<double>(ns) / static_cast<double>(kSecond);
}

void add_counters(const std::vector<CounterValue>& values, JsonWriter& w) {
  for (const auto& [info, n] : values) w.member(info.name, n);
}

void add_object(std::string_view name, const std::vector<CounterValue>& values, JsonWriter& w) {
  w.key(name).begin('{');
  add_counters(values, w);
  w.end('}');
}

void add_replay(const std::optional<ReplayStatus>& replay, JsonWriter& w) {
  w.key("replay");
  if (!replay) {
    w.null();
    return;
  }
  w.begin('{').key("files").begin('[');
  for (const std::string& f : replay->files) w.value(f);
  w.end(']').member("files_done", replay->files_done).member("bytes_read", replay->bytes_read);
  w.member("bytes_total", replay->bytes_total).key("packet_time").time(seconds(replay->packet_time_ns)).end('}');
}

void add_ports(const std::vector<PortStatus>& ports, JsonWriter& w) {
  w.key("ports").begin('[');
  for (const PortStatus& p : ports) w.begin('{').member("name", p.name).member("idle", p.idle).end('}');
  w.end(']');
}

void add_workers(const RunStatus& s, const ProcessStatus* process, JsonWriter& w) {
  w.key("workers").begin('[');
  for (size_t i = 0; i < s.workers.size(); i++) {
    const WorkerStatus& worker = s.workers[i];
    w.begin('{').member("packets", worker.packets).member("bytes", worker.bytes).member("dropped", worker.dropped);
    w.member("ring_queue", worker.ring_queue).member("ring_queue_capacity", worker.ring_queue_capacity);
    w.member("log_queue", worker.log_queue).member("log_queue_capacity", worker.log_queue_capacity);
    w.member("stats_queue", worker.stats_queue).member("stats_queue_capacity", worker.stats_queue_capacity);
    const auto cpu = process == nullptr ? std::nullopt : process->cpu_of(fmt::format("worker {}", i));
    w.key("cpu_percent");
    cpu ? w.value(*cpu) : w.null();
    w.member("lag_s", seconds(worker.lag_ns));
    add_counters(worker.queue, w);
    w.end('}');
  }
  w.end(']');
}

using PacketRow = std::pair<std::string_view, uint64_t>;

/// The ledger's counts of packets. What is on its way is no count: it falls again.
std::array<PacketRow, 11> packet_rows(const Ledger& l) {
  return {{{"received", l.received},
           {"filtered", l.filtered},
           {"dropped_capture", l.dropped_capture},
           {"delivered", l.delivered},
           {"dropped_end", l.dropped_end},
           {"decoded", l.decoded},
           {"undecoded", l.undecoded},
           {"inner_decoded", l.inner_decoded},
           {"inner_undecoded", l.inner_undecoded},
           {"tracked", l.tracked},
           {"untracked", l.untracked}}};
}

void add_ledger(const Ledger& l, JsonWriter& w) {
  w.key("ledger").begin('{');
  for (const auto& [name, n] : packet_rows(l)) w.member(name, n);
  w.member("waiting", l.waiting());
  w.member("connections_opened", l.connections_opened).member("connections_ended", l.connections_ended);
  w.member("records", l.records).member("records_written", l.records_written).member("records_reduced", l.records_reduced);
  w.member("records_lost", l.records_lost).end('}');
}

void add_last_run(const std::optional<LastRun>& last, JsonWriter& w) {
  w.key("last_run");
  if (!last) {
    w.null();
    return;
  }
  w.begin('{').member("mode", mode_name(last->mode)).member("origin", last->origin).key("ended").time(last->ended);
  w.member("ok", last->message.empty()).member("message", last->message).member("packets", last->packets).end('}');
}

void add_process(const ProcessStatus& p, JsonWriter& w) {
  w.key("time").time(p.time).member("process_uptime_s", p.uptime_s);
  add_last_run(p.last_run, w);
  w.key("rates").begin('{').member("packets", p.rates.packets).member("bits", p.rates.bits).member("connections", p.rates.connections);
  w.member("drops", p.rates.drops).member("records", p.rates.records).end('}').key("threads").begin('[');
  for (const auto& [name, percent] : p.threads) w.begin('{').member("name", name).member("cpu_percent", percent).end('}');
  w.end(']').member("cpu_percent", p.cpu_percent).key("disk").begin('{').member("log_bytes", p.log_bytes);
  w.member("free_bytes", p.free_bytes).member("bytes_per_s", p.log_bytes_per_s).key("seconds_left");
  p.log_bytes_per_s > 0 ? w.value(static_cast<double>(p.free_bytes) / p.log_bytes_per_s) : w.null();
  w.end('}');
}

void add_names(std::string_view name, const std::vector<NameCount>& counts, JsonWriter& w) {
  w.key(name).begin('{');
  for (const NameCount& c : counts) w.member(c.name, c.connections);
  w.end('}');
}

void add_protocols(std::string_view name, const std::vector<NameCount>& counts, JsonWriter& w) {
  w.key(name).begin('[');
  for (const NameCount& c : counts)
    w.begin('{').member("name", c.name).member("connections", c.connections).member("packets", c.packets).member("bytes", c.bytes).end('}');
  w.end(']');
}

void add_addresses(std::string_view name, const std::vector<TopAddress>& list, JsonWriter& w) {
  w.key(name).begin('[');
  for (const TopAddress& a : list)
    w.begin('{').member("ip", a.address.to_string()).member("value", a.value).member("error", a.error).end('}');
  w.end(']');
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

std::string_view mode_name(RunMode mode) {
  static constexpr std::string_view kNames[] = {"idle", "live", "replay"};
  return kNames[static_cast<size_t>(mode)];
}

uint64_t RunStatus::dropped() const {
  uint64_t n = 0;
  for (const WorkerStatus& w : workers) n += w.dropped;
  return n;
}

std::optional<double> ProcessStatus::cpu_of(std::string_view thread) const {
  for (const auto& [name, percent] : threads)
    if (name == thread) return percent;
  return std::nullopt;
}

std::string status_json(const RunStatus& s, const ProcessStatus* process) {
  JsonWriter w;
  w.begin('{').member("mode", mode_name(s.mode)).member("version", s.version).member("interfaces", s.interfaces);
  w.member("filter", s.filter).member("log_dir", s.log_dir).key("uptime_s").raw(fmt::format("{:.3f}", s.uptime_s));
  w.member("memory_bytes", s.memory_bytes).key("lag_s").raw(fmt::format("{:.3f}", seconds(s.lag_ns)));
  w.member("connections_open", s.connections_open);
  add_replay(s.replay, w);
  add_ports(s.ports, w);
  add_object("traffic", s.traffic, w);
  add_workers(s, process, w);
  add_object("logs", s.logs, w);
  add_object("losses", s.losses, w);
  add_ledger(s.ledger, w);
  if (process != nullptr) add_process(*process, w);
  return w.end('}').take();
}

std::string top_json(const StatsReport& r, std::string_view period) {
  static constexpr std::string_view kRoles[] = {"sources", "destinations"}, kMetrics[] = {"bytes", "packets", "connections"};
  JsonWriter w;
  w.begin('{');
  if (!period.empty()) w.member("period", period);
  w.key("start").time(seconds(r.start_ns)).key("end").time(seconds(r.end_ns));
  w.member("packets", r.traffic.packets).member("bytes", r.traffic.bytes).member("connections", r.connections());
  add_names("services", r.services, w);
  add_names("applications", r.applications, w);
  add_protocols("protocols_by_service", r.services, w);
  add_protocols("protocols_by_application", r.applications, w);
  w.key("totals").begin('{');
  for (size_t metric = 0; metric < kTopMetrics; metric++) w.member(kMetrics[metric], r.top.totals[metric]);
  w.end('}');
  for (size_t role = 0; role < kTopRoles; role++)
    for (size_t metric = 0; metric < kTopMetrics; metric++)
      add_addresses(fmt::format("{}_by_{}", kRoles[role], kMetrics[metric]), r.top.lists[role][metric], w);
  return w.end('}').take();
}

void add_queues(const std::vector<WorkerStatus>& workers, Metrics& m) {
  const auto all = [&](std::string_view name, size_t WorkerStatus::*ring, size_t WorkerStatus::*logs, size_t WorkerStatus::*statistics) {
    for (size_t i = 0; i < workers.size(); i++)
      for (const auto& [queue, member] : {std::pair{"ring", ring}, std::pair{"logs", logs}, std::pair{"statistics", statistics}})
        m.value(name, fmt::format("{{worker=\"{}\",queue=\"{}\"}}", i, queue), workers[i].*member);
  };
  if (workers.empty()) return;
  m.head("queue_depth", "what waits in a worker's queues: blocks or packets of the ring, batches of the others", "gauge");
  all("queue_depth", &WorkerStatus::ring_queue, &WorkerStatus::log_queue, &WorkerStatus::stats_queue);
  m.head("queue_capacity", "what these queues hold; 0: not known", "gauge");
  all("queue_capacity", &WorkerStatus::ring_queue_capacity, &WorkerStatus::log_queue_capacity, &WorkerStatus::stats_queue_capacity);
}

std::string metrics_text(const RunStatus& s) {
  Metrics m;
  m.gauge("uptime_seconds", "time since the start", s.uptime_s);
  m.gauge("memory_bytes", "resident memory", s.memory_bytes);
  m.gauge("lag_seconds", "how far packet time is behind the clock", seconds(s.lag_ns));
  m.gauge("connections_open", "connections open now", s.connections_open);
  m.head("ledger_packets_total", "received = filtered + dropped_capture + dropped_end + decoded + undecoded + ledger_packets_waiting",
         "counter");
  for (const auto& [name, n] : packet_rows(s.ledger)) m.value("ledger_packets_total", fmt::format("{{row=\"{}\"}}", name), n);
  m.gauge("ledger_packets_waiting", "packets on their way to a worker", s.ledger.waiting());
  m.counters(s.traffic);
  m.counters(s.logs);
  m.head("lost_total", "what was lost, cut or malformed, by reason", "counter");
  for (const auto& [info, n] : s.losses) m.value("lost_total", fmt::format("{{reason=\"{}\"}}", info.name), n);
  for (size_t c = 0; !s.workers.empty() && c < s.workers[0].queue.size(); c++) {
    const std::string name = "capture_" + std::string(s.workers[0].queue[c].first.name) + "_total";
    m.head(name, s.workers[0].queue[c].first.help, "counter");
    for (size_t w = 0; w < s.workers.size(); w++) m.value(name, fmt::format("{{worker=\"{}\"}}", w), s.workers[w].queue[c].second);
  }
  add_queues(s.workers, m);
  return m.take();
}

}  // namespace sensor
