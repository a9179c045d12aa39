#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "run_parts.h"
#include "sensor/api/endpoint.h"
#include "sensor/api/live_status.h"
#include "sensor/api/process_sampler.h"
#include "sensor/app/privileges.h"
#include "sensor/capture/af_packet.h"
#include "sensor/capture/dpdk.h"
#include "sensor/capture/interfaces.h"
#include "sensor/output/stats_log.h"
#include "sensor/stats/stats_collector.h"
#include "sensor/worker/expectation_exchange.h"
#include "sensor/worker/live_run.h"

namespace sensor {
namespace {

constexpr uint64_t kMaxAutoWorkers = 8;
/// How often the main thread looks whether it is time to end.
constexpr int kLookMs = 100;
/// At the end, the logs are given up when not a record was written for so long.
constexpr std::chrono::seconds kLongestStall{4};

/// One core is left for the log thread, one for the host.
size_t worker_count(const Config& config) {
  if (config.workers != 0) return config.workers;
  const uint64_t cores = std::max(1U, std::thread::hardware_concurrency());
  return cores <= 2 ? 1 : std::min(cores - 2, kMaxAutoWorkers);
}

TimeNs wall_clock() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

uint64_t random_seed() {
  uint64_t seed = static_cast<uint64_t>(wall_clock());
  (void)::getrandom(&seed, sizeof(seed), 0);
  return seed;
}

using Queues = std::vector<std::unique_ptr<LiveSource>>;

/// Where the packets come from, opened.
struct Capture {
  Queues queues;
  std::string origin;  // names of the interfaces or ports
  std::vector<PortStatus> ports;
};

std::vector<LiveSource*> pointers(const Queues& queues) {
  std::vector<LiveSource*> p;
  for (const auto& q : queues) p.push_back(q.get());
  return p;
}

class LiveSensor final : public Sensor {
 public:
  LiveSensor(const Config& config, ReadAgain read_again, Capture capture, std::unique_ptr<LogWriter> logs,
             std::unique_ptr<FileExtraction> extraction)
      : config_(config),
        read_again_(std::move(read_again)),
        origin_(std::move(capture.origin)),
        ports_(std::move(capture.ports)),
        queues_(std::move(capture.queues)),
        logs_(std::move(logs)),
        extraction_(std::move(extraction)),
        exchange_(queues_.size()),
        stats_log_(logs_->side_writer(0), [this] { return sample(); }),
        stats_(stats_options()) {
    WorkerConfig worker;
    worker.session = config_.session;
    worker.session.files.sink = extraction_.get();
    worker.session.tell_refused = true;  // notices may be asked for later
    worker.session.flow.hash_seed = random_seed();
    if (!config_.uid_seed_set) worker.session.uid_seed = random_seed();
    worker.decode.ignore_checksums = config_.ignore_checksums;
    for (size_t i = 0; i < queues_.size(); i++) {
      workers_.push_back(std::make_unique<Worker>(worker, static_cast<uint8_t>(i), logs_->worker(i), stats_.worker(i)));
      if (queues_.size() > 1) workers_.back()->share_expectations(exchange_);
    }
    run_ = std::make_unique<LiveRun>(pointers(queues_), workers_);
  }

  /// Error as open_endpoint().
  Status open_endpoints() {
    auto opened = open_endpoint(status_socket(config_), config_.api_address, static_cast<uint16_t>(config_.api_port), answers());
    if (!opened.ok()) return opened.error();
    endpoint_ = std::move(opened).value();
    return Ok{};
  }

  int run() override {
    std::optional<ProgressLine> progress;
    {
      const BlockedSignals blocked;
      logs_->start();
      if (extraction_) extraction_->start();
      stats_.start();
      run_->start();
      (void)whole_status();  // what is asked for later is over the time since now
      if (endpoint_ != nullptr)
        if (const Status started = endpoint_->start(); !started.ok()) say(started.error().message);
      if (!config_.quiet && isatty(STDERR_FILENO) != 0) progress.emplace([this] { return place(); }, stats_);
    }
    wait_for_the_end();
    const std::jthread watch([this](const std::stop_token& ended) { watch_the_end(ended); });
    run_->stop();
    logs_->wait_when_full();
    stats_.wait_when_full();
    run_->join();
    progress.reset();
    endpoint_.reset();
    stats_.finish();
    logs_->finish(wall_clock());
    if (extraction_) extraction_->finish();
    if (!config_.quiet) report();
    return logs_->had_trouble() || lost_bytes(extraction_.get()) ? Error::RunTime : 0;
  }

  void reload() override { reload_.store(true, std::memory_order_relaxed); }
  void stop() override { stop_.store(true, std::memory_order_relaxed); }

  RunStatus status() const override {
    RunStatus s;
    {
      std::lock_guard lock(config_mutex_);
      s = status_of(config_, *logs_, stats_, workers_);
    }
    s.mode = RunMode::Live;
    s.interfaces = origin_;
    s.ports = ports_;
    s.uptime_s = seconds();
    s.lag_ns = run_->lag(wall_clock());
    for (size_t i = 0; i < queues_.size(); i++) {
      const auto& counters = queues_[i]->counters();
      const QueueDepth ring = queues_[i]->depth();
      s.workers[i].ring_queue = ring.waiting;
      s.workers[i].ring_queue_capacity = ring.capacity;
      s.workers[i].dropped = drops_of(counters);
      s.workers[i].lag_ns = run_->lag(wall_clock(), i);
      for (size_t c = 0; c < kCaptureCounterInfo.size(); c++)
        s.workers[i].queue.emplace_back(kCaptureCounterInfo[c], counters.get(static_cast<CaptureCounter>(c)));
      add_source(counters, s);
    }
    close_ledger(run_->left(), s.ledger);
    set_losses(losses(), s);
    return s;
  }
  StatsReport top(TopPeriod period) const override { return reports_.get(period); }
  std::string failure() const override {
    if (run_->all_failed()) return "the capture ended by itself";
    return logs_->had_trouble() ? "rows of logs could not be written to " + config_.log_dir : "";
  }

  static void say(const std::string& sentence) { std::fprintf(stderr, "sensor: %s\n", sentence.c_str()); }

 private:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

  void wait_for_the_end() {
    const auto over = [this] {
      return config_.duration_ns != 0 && seconds() * static_cast<double>(kSecond) >= static_cast<double>(config_.duration_ns);
    };
    while (!stop_.load(std::memory_order_relaxed) && !run_->all_failed() && !over()) {
      ::poll(nullptr, 0, kLookMs);
      if (reload_.exchange(false, std::memory_order_relaxed) && read_again_) reconfigure(read_again_());
    }
  }

  /// What can change while we run; the rest is named.
  void reconfigure(const Result<Config>& read) {
    if (!read.ok()) return say(fmt::format("the configuration stays as it was: {}", read.error().message));
    const Config& wanted = read.value();
    if (wanted.filter != config_.filter)
      for (auto& q : queues_)
        if (const Status s = q->set_filter(wanted.filter); !s.ok())
          return say(fmt::format("the configuration stays as it was: {}", s.error().message));
    logs_->reconfigure(log_settings(wanted));
    stats_.reconfigure(wanted.stats_interval_ns, wanted.top_count);
    std::lock_guard lock(config_mutex_);
    say(describe(take_over(config_, wanted)));
  }

  /// A disk that does not answer must not hold up the end for ever.
  void watch_the_end(const std::stop_token& ended) const {
    uint64_t written = 0;
    auto since = std::chrono::steady_clock::now();
    for (; !ended.stop_requested(); std::this_thread::sleep_for(std::chrono::milliseconds(kLookMs))) {
      const auto now = std::chrono::steady_clock::now();
      uint64_t n = logs_->get(LogCounter::Received) + logs_->get(LogCounter::Written);
      if (extraction_) n += extraction_->get(ExtractionCounter::BytesWritten) + extraction_->get(ExtractionCounter::BytesLost);
      if (std::exchange(written, n) != n) since = now;
      if (now - since < kLongestStall) continue;
      say(fmt::format("nothing could be written to {} for {} s; what was not written is lost", config_.log_dir, kLongestStall.count()));
      std::_Exit(Error::RunTime);
    }
  }

  std::string place() const { return fmt::format("{}, {}dropped", origin_, short_number(static_cast<double>(dropped()))); }

  /// With what the process costs: over the time since somebody asked last.
  std::string whole_status() {
    const RunStatus run = status();
    std::lock_guard lock(sampler_mutex_);
    const ProcessStatus process = sampler_.tick(run, 1);
    return status_json(run, &process);
  }

  std::map<std::string, Answer> answers() {
    const char* json = "application/json";
    return {{"/healthz", {"text/plain", [] { return std::string("ok\n"); }}},
            {"/metrics", {"text/plain; version=0.0.4", [this] { return metrics_text(status()); }}},
            {"/api/v1/status", {json, [this] { return whole_status(); }}},
            {"/api/v1/top", {json, [this] { return top_json(reports_.get(TopPeriod::Last)); }}}};
  }

  uint64_t sum(CaptureCounter c) const {
    uint64_t n = 0;
    for (const auto& q : queues_) n += q->counters().get(c);
    return n;
  }
  uint64_t dropped() const {
    uint64_t n = 0;
    for (const CaptureCounter c : kCaptureDrops) n += sum(c);
    return n;
  }

  void report() {
    const RunSummary run{stats_.whole_run(), "from " + origin_, losses(), logs_->written_logs(), config_.log_dir, seconds()};
    std::fputs(format_summary(run, config_.color && isatty(STDOUT_FILENO) != 0).c_str(), stdout);
  }

  std::vector<Loss> losses() const {
    LossList all;
    for (const auto& q : queues_) all.add_capture(q->counters());
    for (const auto& worker : workers_) all.add_worker(*worker);
    all.add({"packets_dropped_at_end", "packets that were taken in and not handled, because the end could not wait for them"},
            run_->left());
    all.add({"expectations_dropped", "announced connections that a worker was not told of"}, exchange_.dropped());
    all.add({"stats_dropped", "connections missing in the statistics"}, stats_.dropped_connections());
    all.add_logs(*logs_);
    all.add_extraction(extraction_.get());
    return all.take();
  }

  StatsOptions stats_options() {
    StatsOptions o;
    o.workers = queues_.size();
    o.replay = false;
    o.interval_ns = config_.stats_interval_ns;
    o.top_count = config_.top_count;
    o.on_interval = [this](const StatsReport& r) {
      stats_log_.write(r);
      reports_.set_interval(r);
    };
    if (config_.serve) o.on_snapshot = [this](const StatsSnapshot& s) { reports_.set_snapshot(s); };
    return o;
  }

  /// What stats.log says of the interval that just ended, in the statistics thread.
  LiveSample sample() {
    LiveSample s;
    s.memory_bytes = resident_bytes();
    s.lag_ns = run_->lag(wall_clock());
    const auto since_last = [this](std::string_view name, uint64_t now) { return now - std::exchange(sampled_[name], now); };
    s.packets_on_link = since_last("packets_received", sum(CaptureCounter::PacketsReceived));
    for (const CaptureCounter c : kCaptureDrops) {
      const std::string_view name = kCaptureCounterInfo[static_cast<size_t>(c)].name;
      const uint64_t fresh = since_last(name, sum(c));
      s.packets_dropped += fresh;
      if (fresh != 0) s.drops.emplace_back(name, fresh);
    }
    const std::pair<std::string_view, uint64_t> others[] = {{"packets_dropped_at_end", run_->left()},
                                                            {"log_records_dropped", logs_->get(LogCounter::Dropped)},
                                                            {"log_records_lost", logs_->get(LogCounter::LostOnWrite)},
                                                            {"expectations_dropped", exchange_.dropped()},
                                                            {"stats_dropped", stats_.dropped_connections()}};
    for (const auto& [name, n] : others)
      if (const uint64_t fresh = since_last(name, n); fresh != 0) s.drops.emplace_back(name, fresh);
    return s;
  }

  mutable std::mutex config_mutex_;  // the main thread changes the configuration, others ask for the status
  Config config_;
  ReadAgain read_again_;
  std::string origin_;
  std::vector<PortStatus> ports_;
  Queues queues_;
  std::unique_ptr<LogWriter> logs_;
  std::unique_ptr<FileExtraction> extraction_;
  ExpectationExchange exchange_;
  StatsLog stats_log_;
  LatestReports reports_;
  StatsCollector stats_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<LiveRun> run_;
  std::atomic<bool> stop_{false}, reload_{false};
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::mutex sampler_mutex_;
  ProcessSampler sampler_{{config_.log_dir, config_.rotation.archive}};
  std::unique_ptr<HttpServer> endpoint_;
  std::map<std::string_view, uint64_t> sampled_;  // belongs to the statistics thread
};

Result<Capture> open_interfaces(const Config& config) {
  AfPacketOptions options;
  options.interfaces = split_interfaces(config.interfaces);
  options.filter = config.filter;
  options.workers = worker_count(config);
  options.fanout = config.fanout;
  options.timestamps = config.timestamps;
  options.ring_bytes = config.ring_mib << 20;
  options.promiscuous = config.promiscuous;
  options.busy_poll = config.busy_poll;
  options.report = &LiveSensor::say;
  auto queues = AfPacketSource::open(options);
  if (!queues.ok()) return queues.error();
  return Capture{
      Queues(std::make_move_iterator(queues.value().begin()), std::make_move_iterator(queues.value().end())), config.interfaces, {}};
}

Result<Capture> open_ports(const Config& config) {
  if (config.timestamps == TimestampSource::Hardware)
    return Error{Error::Usage, "packets from DPDK carry the time when they were taken from the port; set capture.timestamps to software"};
  if (config.busy_poll && config.dpdk_idle == IdleMode::Interrupt)
    return Error{Error::Usage, "threads that spin wait for no interrupt; set capture.busy_poll to false, or dpdk.idle to sleep"};
  DpdkOptions options;
  options.eal = config.dpdk_eal;
  options.ports = split_interfaces(config.dpdk_ports);
  options.filter = config.filter;
  options.workers = config.workers;
  options.default_workers = worker_count(config);
  options.fanout = config.fanout;
  options.queue_packets = static_cast<uint16_t>(config.dpdk_queue_packets);
  options.ring_packets = config.dpdk_ring_packets;
  options.mtu = config.dpdk_mtu;
  options.promiscuous = config.promiscuous;
  options.idle = config.busy_poll ? IdleMode::Poll : config.dpdk_idle;
  options.report = &LiveSensor::say;
  auto opened = open_dpdk(options);
  if (!opened.ok()) return opened.error();
  Capture capture{std::move(opened.value().queues), {}, {}};
  for (const DpdkPortMode& p : opened.value().ports) {
    capture.origin += (capture.origin.empty() ? "" : ",") + p.name;
    capture.ports.push_back({p.name, std::string(kIdleModeNames[static_cast<size_t>(p.idle)])});
  }
  return capture;
}

}  // namespace

Status give_up_rights(const Config& config) {
  const bool dpdk = !config.dpdk_eal.empty();
  PrivilegeOptions rights;
  rights.user = config.run_user;
  rights.group = config.run_group;
  rights.hardware_clock = config.timestamps == TimestampSource::Hardware;
  rights.raw_sockets = !dpdk;
  rights.in_other_threads = dpdk ? &in_dpdk_threads : nullptr;
  rights.seccomp = config.seccomp;
  if (auto s = prepare_log_dir(config.log_dir, rights); !s.ok()) return s;
  if (!config.extract_dir.empty())
    if (auto s = prepare_log_dir(config.extract_dir, rights); !s.ok()) return s;
  return drop_privileges(rights);
}

Result<std::unique_ptr<Sensor>> create_live(const Config& config, ReadAgain read_again, bool alone) {
  const bool dpdk = !config.dpdk_eal.empty();
  auto capture = dpdk ? open_ports(config) : open_interfaces(config);
  if (!capture.ok()) return capture.error();
  if (alone)
    if (auto s = give_up_rights(config); !s.ok()) return s.error();
  auto logs = create_logs(config, capture.value().queues.size(), false);
  if (!logs.ok()) return logs.error();
  auto extraction = create_extraction(config, false);
  if (!extraction.ok()) return extraction.error();
  auto sensor = std::make_unique<LiveSensor>(config, std::move(read_again), std::move(capture).value(), std::move(logs).value(),
                                             std::move(extraction).value());
  if (alone)
    if (auto s = sensor->open_endpoints(); !s.ok()) return s.error();
  return std::unique_ptr<Sensor>(std::move(sensor));
}

}  // namespace sensor
