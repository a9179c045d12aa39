#include "run_parts.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace sensor {
namespace {

/// Full batches that a live worker can be ahead of the log thread: what it writes when many connections end at once.
constexpr size_t kLiveRingBatches = 128;

void say_trouble(const std::string& trouble) {
  std::fprintf(stderr, "sensor: %s\n", trouble.c_str());
}

}  // namespace

Result<std::unique_ptr<Sensor>> Sensor::create(const Config& config, ReadAgain read_again) {
  const bool live = !config.interfaces.empty() || !config.dpdk_eal.empty();
  if (config.serve) return create_serve(config, std::move(read_again));
  return live ? create_live(config, std::move(read_again), true) : create_replay(config);
}

Result<std::unique_ptr<Sensor>> Sensor::create_within(const Config& config, ReadAgain read_again) {
  return config.interfaces.empty() ? create_replay(config) : create_live(config, std::move(read_again), false);
}

uint64_t resident_bytes() {
  unsigned long long total = 0, resident = 0;
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen("/proc/self/statm", "r"), &std::fclose);
  if (file == nullptr || std::fscanf(file.get(), "%llu %llu", &total, &resident) != 2) return 0;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

BlockedSignals::BlockedSignals() {
  sigset_t ours;
  ::sigemptyset(&ours);
  for (const int s : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&ours, s);
  ::pthread_sigmask(SIG_BLOCK, &ours, &before_);
}

BlockedSignals::~BlockedSignals() {
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void LatestReports::set_snapshot(const StatsSnapshot& s) {
  std::lock_guard lock(mutex_);
  snapshot_ = s;
}

void LatestReports::set_interval(const StatsReport& r) {
  std::lock_guard lock(mutex_);
  last_ = r;
}

StatsReport LatestReports::get(TopPeriod period) const {
  std::lock_guard lock(mutex_);
  return period == TopPeriod::Last ? last_ : period == TopPeriod::Run ? snapshot_.run : snapshot_.current;
}

namespace {

void add_worker_counts(const Worker& worker, Ledger& l) {
  using D = DecodeCounter;
  const auto get = [&](std::initializer_list<D> list) {
    uint64_t n = 0;
    for (const D c : list) n += worker.decode_counters().get(c);
    return n;
  };
  // The worker counts on meanwhile: parts are read before what they are part of, and are never more than that.
  const uint64_t inner_counted = get({D::InnerDecoded}), inner_not_read = get({D::InnerUndecoded});
  const uint64_t bad = worker.flow_counters().get(FlowCounter::ChecksumErrors) + worker.flow_counters().get(FlowCounter::HeaderErrors);
  const uint64_t packets = get({D::DecodedPackets}), others = get({D::DecodedFragments, D::ArpPackets});
  const uint64_t not_read = get({D::UnknownProtocol, D::Malformed, D::EspPackets, D::MobilityPackets, D::EmptyPackets, D::WifiControl});
  const uint64_t inner_decoded = std::min(inner_counted, packets + others), inner_undecoded = std::min(inner_not_read, not_read);
  const uint64_t untracked = others + std::min(packets, bad);
  l.decoded += packets + others - inner_decoded;
  l.undecoded += not_read - inner_undecoded;
  l.inner_decoded += inner_decoded;
  l.inner_undecoded += inner_undecoded;
  l.tracked += packets + others - untracked;
  l.untracked += untracked;
}

/// What became of the rows is read before what came: it is never more than that.
void add_records(const LogWriter& logs, Ledger& l) {
  l.records_written = logs.get(LogCounter::Written);
  l.records_reduced = logs.get(LogCounter::Reduced);
  const uint64_t on_the_way_in = logs.get(LogCounter::Dropped) + logs.get(LogCounter::TooLarge);
  l.records_lost = logs.get(LogCounter::LostOnWrite) + logs.get(LogCounter::Malformed) + on_the_way_in;
  l.records = logs.get(LogCounter::Received) + logs.get(LogCounter::Made) + on_the_way_in;
}

}  // namespace

RunStatus status_of(const Config& config, const LogWriter& logs, const StatsCollector& stats,
                    const std::vector<std::unique_ptr<Worker>>& workers) {
  RunStatus s;
  s.version = SENSOR_VERSION;
  s.filter = config.filter;
  s.log_dir = config.log_dir;
  s.memory_bytes = resident_bytes();
  for (size_t i = 0; i < workers.size(); i++) {
    const QueueDepth records = logs.queue(i), counts = stats.queue(i);
    WorkerStatus& w = s.workers.emplace_back();
    w.packets = stats.get(i, StatsCounter::Packets);
    w.bytes = stats.get(i, StatsCounter::WireBytes);
    w.log_queue = records.waiting;
    w.log_queue_capacity = records.capacity;
    w.stats_queue = counts.waiting;
    w.stats_queue_capacity = counts.capacity;
    add_worker_counts(*workers[i], s.ledger);
  }
  for (size_t c = 0; c < std::size(kStatsCounters); c++) s.traffic.emplace_back(kStatsCounters[c], stats.get(static_cast<StatsCounter>(c)));
  for (size_t c = 0; c < std::size(kLogCounters); c++) s.logs.emplace_back(kLogCounters[c], logs.get(static_cast<LogCounter>(c)));
  // What ended is read first: it is never more than what was opened.
  s.ledger.connections_ended = stats.get(StatsCounter::ConnectionsEnded);
  s.ledger.connections_opened = stats.get(StatsCounter::ConnectionsOpened);
  s.connections_open = s.ledger.connections_opened - std::min(s.ledger.connections_opened, s.ledger.connections_ended);
  add_records(logs, s.ledger);
  return s;
}

uint64_t drops_of(const CounterBlock<CaptureCounter>& counters) {
  uint64_t n = 0;
  for (const CaptureCounter c : kCaptureDrops) n += counters.get(c);
  return n;
}

void add_source(const CounterBlock<CaptureCounter>& counters, RunStatus& status) {
  Ledger& l = status.ledger;
  const uint64_t read = counters.get(CaptureCounter::PacketsRead), dropped = drops_of(counters);
  // The kernel is asked for what it took in once a second only.
  l.received += std::max(counters.get(CaptureCounter::PacketsReceived), read + dropped);
  l.filtered += counters.get(CaptureCounter::PacketsFiltered);
  l.delivered += counters.get(CaptureCounter::PacketsDelivered);
  l.dropped_capture += dropped;
}

void close_ledger(uint64_t dropped_end, Ledger& l) {
  l.dropped_end = dropped_end;
  l.received = std::max(l.received, l.settled());
}

void set_losses(std::vector<Loss> losses, RunStatus& status) {
  for (const auto& [name, n] : losses) status.losses.emplace_back(CounterInfo{name, ""}, n);
}

LogSettings log_settings(const Config& config) {
  LogSettings s;
  s.formats = config.log_format;
  s.rotation = rotation_of(config);
  s.notices = config.notices;
  s.assets = config.assets;
  return s;
}

Result<std::unique_ptr<LogWriter>> create_logs(const Config& config, size_t workers, bool replay) {
  LogWriterOptions options;
  static_cast<LogSettings&>(options) = log_settings(config);
  options.directory = config.log_dir;
  options.workers = workers;
  options.replay = replay;
  options.side_writers_advance = true;
  if (!replay) options.ring_batches = kLiveRingBatches;
  options.report = &say_trouble;
  return LogWriter::create(std::move(options));
}

Result<std::unique_ptr<FileExtraction>> create_extraction(const Config& config, bool replay) {
  if (config.extract_dir.empty()) return std::unique_ptr<FileExtraction>();
  FileExtractionOptions options;
  options.directory = config.extract_dir;
  options.max_files = config.extract_max_files;
  options.max_bytes = config.extract_max_mib << 20;
  options.max_files_per_minute = config.extract_per_minute;
  options.patient = replay;
  options.report = &say_trouble;
  return FileExtraction::create(std::move(options));
}

bool lost_bytes(const FileExtraction* extraction) {
  return extraction != nullptr && extraction->get(ExtractionCounter::BytesLost) != 0;
}

void LossList::add(const CounterInfo& info, uint64_t n) {
  if (n == 0) return;
  const auto it = std::ranges::find(all_, info.name, &Loss::first);
  if (it != all_.end())
    it->second += n;
  else
    all_.emplace_back(info.name, n);
}

void LossList::add_capture(const CounterBlock<CaptureCounter>& counters) {
  const auto add_one = [&](CaptureCounter c) { add(kCaptureCounterInfo[static_cast<size_t>(c)], counters.get(c)); };
  for (const CaptureCounter c : {CaptureCounter::PacketsFiltered, CaptureCounter::PacketsCut, CaptureCounter::InterfaceDown}) add_one(c);
  for (const CaptureCounter c : kCaptureDrops) add_one(c);
}

void LossList::add_worker(const Worker& worker) {
  worker.for_each_loss([this](const CounterInfo& info, uint64_t n) { add(info, n); });
}

void LossList::add_logs(const LogWriter& logs) {
  for (const LogCounter c : {LogCounter::LostOnWrite, LogCounter::Malformed, LogCounter::Late, LogCounter::Dropped, LogCounter::TooLarge})
    add(kLogCounters[static_cast<size_t>(c)], logs.get(c));
}

void LossList::add_extraction(const FileExtraction* extraction) {
  if (extraction == nullptr) return;
  for (const ExtractionCounter c : {ExtractionCounter::FilesRefused, ExtractionCounter::PiecesRefused, ExtractionCounter::BytesLost})
    add(kExtractionCounters[static_cast<size_t>(c)], extraction->get(c));
}

}  // namespace sensor
