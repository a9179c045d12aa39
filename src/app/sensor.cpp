
#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>
#include <vector>

#include "run_parts.h"
#include "sensor/capture/pcap_file.h"
#include "sensor/output/log_writer.h"
#include "sensor/output/stats_log.h"
#include "sensor/record/unfilterable_link.h"
#include "sensor/stats/stats_collector.h"
#include "sensor/worker/replay.h"

namespace sensor {
namespace {

/// Below this many bytes of input, further workers cost more than they bring.
constexpr uint64_t kBytesWorthSharing = 256 << 20;
constexpr uint64_t kMaxAutoWorkers = 8;
/// Wrong checksums are worth a warning from this number on, when they are at least one packet in this many.
constexpr uint64_t kChecksumWarningMin = 10, kChecksumWarningShare = 20;

/// One core is left for the reader, one for the log thread.
size_t worker_count(const Config& config, uint64_t input_bytes) {
  if (config.workers != 0) return config.workers;
  const uint64_t cores = std::max(1U, std::thread::hardware_concurrency());
  if (input_bytes < kBytesWorthSharing || cores <= 2) return 1;
  return std::min(cores - 2, kMaxAutoWorkers);
}

/// How much of the files was read.
std::string progress_of(const CaptureProgress& p) {
  if (p.bytes_total == 0) return short_number(static_cast<double>(p.bytes_read)) + "B";
  return fmt::format("{:3.0f} % of {}B", 100.0 * static_cast<double>(p.bytes_read) / static_cast<double>(p.bytes_total),
                     short_number(static_cast<double>(p.bytes_total)));
}

class ReplaySensor final : public Sensor {
 public:
  ReplaySensor(const Config& config, std::unique_ptr<PcapFileSource> source, std::unique_ptr<LogWriter> logs,
               std::unique_ptr<FileExtraction> extraction, size_t workers)
      : config_(config),
        source_(std::move(source)),
        logs_(std::move(logs)),
        extraction_(std::move(extraction)),
        stats_log_(logs_->side_writer(0)),
        stats_(stats_options(config, workers)) {
    WorkerConfig worker;
    worker.session = config.session;
    worker.session.files.sink = extraction_.get();
    worker.session.tell_refused = wanted(config.notices.optional, false);
    worker.decode.ignore_checksums = config.ignore_checksums;
    for (size_t i = 0; i < workers; i++)
      workers_.push_back(std::make_unique<Worker>(worker, static_cast<uint8_t>(i), logs_->worker(i), stats_.worker(i)));
    replay_ = std::make_unique<Replay>(*source_, workers_, worker.decode, config.duration_ns);
  }

  int run() override {
    if (workers_.size() == 1) ::pthread_setname_np(::pthread_self(), "worker 0");
    tell_unfilterable_links(0);
    logs_->start();
    if (extraction_) extraction_->start();
    stats_.start();
    {
      std::optional<ProgressLine> progress;
      if (!config_.quiet && isatty(STDERR_FILENO) != 0) progress.emplace([this] { return progress_of(source_->progress()); }, stats_);
      replay_->run();
    }
    stats_.finish();
    tell_unfilterable_links(stats_.whole_run().end_ns);
    if (extraction_) extraction_->finish();
    logs_->finish(workers_.front()->clock());
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start_;
    if (!config_.quiet) report(wall.count());
    const bool damaged = source_->state() == PacketSource::State::Failed;
    if (damaged) std::fprintf(stderr, "sensor: %s\n", source_->error().message.c_str());
    return damaged || logs_->had_trouble() || lost_bytes(extraction_.get()) ? Error::RunTime : 0;
  }

  void stop() override { replay_->stop(); }

  RunStatus status() const override {
    RunStatus s = status_of(config_, *logs_, stats_, workers_);
    s.mode = RunMode::Replay;
    s.uptime_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    const CaptureProgress p = source_->progress();
    s.replay = ReplayStatus{config_.pcap_files, p.files_done, p.bytes_read, p.bytes_total, reports_.get(TopPeriod::Run).end_ns};
    add_source(source_->counters(), s);
    close_ledger(0, s.ledger);
    set_losses(losses(), s);
    return s;
  }
  StatsReport top(TopPeriod period) const override { return reports_.get(period); }
  std::string failure() const override {
    if (source_->state() == PacketSource::State::Failed) return source_->error().message;
    return logs_->had_trouble() ? "rows of logs could not be written to " + config_.log_dir : "";
  }

 private:
  /// With the statistics thread's writer: before that thread starts, and after it has ended. `now`: no earlier than what was written.
  void tell_unfilterable_links(TimeNs now) {
    for (const LinkType link : source_->unfilterable_links().subspan(unfilterable_told_)) {
      logs_->side_writer(0).write(now, {}, UnfilterableLinkRecord{static_cast<uint64_t>(link)});
      unfilterable_told_++;
    }
    logs_->side_writer(0).flush();
  }

  void report(double seconds) {
    const uint32_t files = source_->progress().files_done;
    const RunSummary run{stats_.whole_run(), fmt::format("in {} file{}", files, files == 1 ? "" : "s"),
                         losses(),           logs_->written_logs(),
                         config_.log_dir,    seconds};
    std::fputs(format_summary(run, config_.color && isatty(STDOUT_FILENO) != 0).c_str(), stdout);
    warn_of_bad_checksums();
  }

  std::vector<Loss> losses() const {
    LossList all;
    all.add_capture(source_->counters());
    for (const auto& worker : workers_) all.add_worker(*worker);
    all.add_logs(*logs_);
    all.add_extraction(extraction_.get());
    return all.take();
  }

  /// Captured on the sending host, packets are complete but for the checksum, which the card fills in later.
  void warn_of_bad_checksums() const {
    uint64_t bad = 0;
    for (const auto& worker : workers_) bad += worker->bad_checksums();
    const uint64_t packets = stats_.get(StatsCounter::Packets);
    if (bad < kChecksumWarningMin || bad * kChecksumWarningShare < packets) return;
    fmt::print(
        stderr,
        "sensor: {} of {} packets have wrong checksums and were left out; if they were captured on the host that sent them, its card "
        "computes the checksums (offload): replay with -C, or switch it off there with 'ethtool -K IF tx off rx off'\n",
        bad, packets);
  }

  StatsOptions stats_options(const Config& config, size_t workers) {
    StatsOptions o;
    o.workers = workers;
    o.interval_ns = config.stats_interval_ns;
    o.top_count = config.top_count;
    o.on_progress = [this](TimeNs now) { stats_log_.advance(now); };
    o.on_interval = [this](const StatsReport& report) {
      stats_log_.write(report);
      reports_.set_interval(report);
    };
    if (config.serve) o.on_snapshot = [this](const StatsSnapshot& s) { reports_.set_snapshot(s); };
    return o;
  }

  Config config_;
  std::unique_ptr<PcapFileSource> source_;
  std::unique_ptr<LogWriter> logs_;
  std::unique_ptr<FileExtraction> extraction_;
  StatsLog stats_log_;
  LatestReports reports_;
  StatsCollector stats_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Replay> replay_;
  size_t unfilterable_told_ = 0;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

Result<std::unique_ptr<Sensor>> create_replay(const Config& config) {
  auto source = PcapFileSource::open({config.pcap_files, config.filter});
  if (!source.ok()) return source.error();
  const size_t workers = worker_count(config, source.value()->progress().bytes_total);
  auto logs = create_logs(config, workers, true);
  if (!logs.ok()) return logs.error();
  auto extraction = create_extraction(config, true);
  if (!extraction.ok()) return extraction.error();
  return std::unique_ptr<Sensor>(
      new ReplaySensor(config, std::move(source).value(), std::move(logs).value(), std::move(extraction).value(), workers));
}

}  // namespace sensor
