#include "sensor/output/log_writer.h"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>

#include "lane.h"
#include "log_set.h"
#include "merge.h"

namespace sensor {
namespace {

/// The log thread looks for new watermarks at least this often.
constexpr std::chrono::milliseconds kPollInterval{5};
/// After so long without a batch, writers are asked for what they hold, and files for what they buffer.
constexpr std::chrono::milliseconds kQuietInterval{200};

using Clock = std::chrono::steady_clock;

}  // namespace

class LogWriter::Impl {
 public:
  explicit Impl(LogWriterOptions options)
      : options_(std::move(options)),
        trouble_(options_.report),
        logs_(options_, trouble_),
        merged_lanes_(options_.workers + (options_.replay && options_.side_writers_advance ? options_.side_writers : 0)),
        merger_(merged_lanes_),
        waiting_(new std::atomic<size_t>[options_.workers + options_.side_writers]()) {
    for (size_t i = 0; i < options_.workers + options_.side_writers; i++) {
      lanes_.push_back(std::make_unique<RecordLane>(options_.ring_batches, options_.replay, bell_));
      writers_.push_back(std::make_unique<RecordWriter>(*lanes_.back(), std::make_unique<RecordBatch>()));
    }
  }
  ~Impl() { assert(!thread_.joinable()); }

  void start() {
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "logs");
  }
  void reconfigure(const LogSettings& settings) {
    std::lock_guard lock(wanted_mutex_);
    wanted_ = settings;
  }
  void wait_when_full() {
    for (auto& lane : lanes_) lane->wait_when_full();
  }
  void finish(TimeNs end_ns);

  RecordWriter& writer(size_t i) { return *writers_[i]; }
  const LogWriterOptions& options() const { return options_; }
  bool running() const { return thread_.joinable(); }
  uint64_t get(LogCounter c) const;
  QueueDepth queue(size_t i) const { return {waiting_[i].load(std::memory_order_relaxed), options_.ring_batches}; }
  bool had_trouble() const { return trouble_.troubles() > 0; }
  std::vector<WrittenLog> written_logs() const { return logs_.written_logs(); }

 private:
  void run();
  void tend_files();
  bool drain(size_t lane);
  void write_side_batch(RecordBatch& batch);
  void write_merged(TimeNs limit);
  void write_record(LogId log, TimeNs due_ns, Bytes fields);
  void force_when_full();
  TimeNs lowest_watermark() const;
  void ask_for_flushes(bool quiet);
  void publish_counters();

  LogWriterOptions options_;
  Doorbell bell_;
  std::vector<std::unique_ptr<RecordLane>> lanes_;  // the workers', then the side writers'
  std::vector<std::unique_ptr<RecordWriter>> writers_;
  std::thread thread_;
  std::atomic<bool> finishing_{false};
  TimeNs end_ns_ = 0;
  std::mutex wanted_mutex_;
  std::optional<LogSettings> wanted_;

  // What follows belongs to the log thread while it runs.
  TroubleReport trouble_;
  LogSet logs_;
  const size_t merged_lanes_;  // the first ones
  RecordMerger merger_;
  CounterBlock<LogCounter> counters_;
  std::unique_ptr<std::atomic<size_t>[]> waiting_;  // by lane: batches at the last look; any thread reads
  uint64_t unreadable_ = 0;                         // records whose fields could not be decoded
};

void LogWriter::Impl::finish(TimeNs end_ns) {
  if (!thread_.joinable()) return;
  wait_when_full();
  for (auto& w : writers_) {
    w->flush();
    w->advance(kNoDueTime);
  }
  end_ns_ = end_ns;
  finishing_.store(true, std::memory_order_release);
  bell_.ring();
  thread_.join();
}

void LogWriter::Impl::run() {
  auto last_batch = Clock::now();
  auto last_file_flush = last_batch;
  while (true) {
    const bool finishing = finishing_.load(std::memory_order_acquire);
    const TimeNs limit = lowest_watermark();
    bool got_some = false;
    for (size_t i = 0; i < lanes_.size(); i++) got_some = drain(i) || got_some;
    write_merged(limit);
    force_when_full();
    publish_counters();
    if (finishing && !got_some) break;

    const auto now = Clock::now();
    if (got_some) last_batch = now;
    const bool quiet = now - last_batch >= kQuietInterval;
    ask_for_flushes(quiet);
    if (!options_.replay && now - last_file_flush >= kQuietInterval) {
      logs_.flush();
      last_file_flush = now;
      tend_files();
    }
    if (!got_some) bell_.wait(kPollInterval);
  }
  write_merged(kNoDueTime);
  logs_.close(end_ns_);
  publish_counters();
}

/// Live, after a flush.
void LogWriter::Impl::tend_files() {
  logs_.tick();
  std::lock_guard lock(wanted_mutex_);
  if (wanted_) logs_.reconfigure(*wanted_);
  wanted_.reset();
}

bool LogWriter::Impl::drain(size_t i) {
  RecordLane& lane = *lanes_[i];
  std::unique_ptr<RecordBatch> batch;
  size_t n = 0;
  // All that was in the ring when the watermark was read, and not for ever: the other rings wait.
  for (; n < options_.ring_batches && lane.pop(batch); n++) {
    counters_.add(LogCounter::Received, batch->size());
    if (i >= merged_lanes_) {
      write_side_batch(*batch);
      lane.give_back(std::move(batch));
      continue;
    }
    merger_.add(i, std::move(batch));
    auto spare = merger_.take_spare();
    lane.give_back(spare ? std::move(spare) : std::make_unique<RecordBatch>());
  }
  waiting_[i].store(n, std::memory_order_relaxed);
  return n > 0;
}

void LogWriter::Impl::write_side_batch(RecordBatch& batch) {
  RecordCursor cursor(batch.bytes());
  RecordHeader h;
  Bytes fields;
  uint64_t seen = 0;
  for (; cursor.next(h, fields); seen++) {
    if (log_by_id(h.log) == nullptr) break;
    write_record(h.log, h.due_ns, fields);
  }
  unreadable_ += batch.size() - seen;
  batch.clear();
}

void LogWriter::Impl::write_merged(TimeNs limit) {
  constexpr size_t kBetweenCounts = 4096;  // so that others see how it goes on
  RecordMerger::Record r;
  for (size_t n = 1; merger_.pop(limit, r); n++) {
    write_record(r.log, r.due_ns, r.fields);
    if (n % kBetweenCounts == 0) publish_counters();
  }
}

void LogWriter::Impl::write_record(LogId log, TimeNs due_ns, Bytes fields) {
  switch (logs_.write(log, due_ns, fields)) {
    case LogSet::Fate::Kept:
      break;  // the files know whether it was written
    case LogSet::Fate::Reduced:
      counters_.add(LogCounter::Reduced);
      break;
    case LogSet::Fate::Malformed:
      unreadable_++;
      break;
  }
}

void LogWriter::Impl::force_when_full() {
  if (merger_.held_batches() <= options_.max_held_batches) return;
  RecordMerger::Record r;
  while (merger_.held_batches() > options_.max_held_batches / 2 && merger_.pop(kNoDueTime, r)) {
    write_record(r.log, r.due_ns, r.fields);
    counters_.add(LogCounter::Forced);
  }
}

TimeNs LogWriter::Impl::lowest_watermark() const {
  TimeNs lowest = kNoDueTime;
  for (size_t i = 0; i < merged_lanes_; i++) lowest = std::min(lowest, lanes_[i]->watermark_ns());
  return lowest;
}

void LogWriter::Impl::ask_for_flushes(bool quiet) {
  const TimeNs next = merger_.next_due_ns();
  for (size_t i = 0; i < lanes_.size(); i++) {
    const bool holds_others_up = i < merged_lanes_ && merger_.held_records() > 0 && lanes_[i]->watermark_ns() <= next;
    if (quiet || holds_others_up) lanes_[i]->want_flush();
  }
}

void LogWriter::Impl::publish_counters() {
  counters_.set(LogCounter::Written, logs_.written());
  counters_.set(LogCounter::LostOnWrite, logs_.lost());
  counters_.set(LogCounter::Made, logs_.made());
  counters_.set(LogCounter::Malformed, unreadable_ + merger_.malformed_records());
  counters_.set(LogCounter::Late, merger_.late_records());
}

uint64_t LogWriter::Impl::get(LogCounter c) const {
  uint64_t n = counters_.get(c);
  if (c == LogCounter::Dropped) {
    for (const auto& lane : lanes_) n += lane->dropped();
  }
  if (c == LogCounter::TooLarge) {
    for (const auto& w : writers_) n += w->records_too_large();
  }
  return n;
}

Result<std::unique_ptr<LogWriter>> LogWriter::create(LogWriterOptions options) {
  if (options.directory.empty()) options.directory = ".";
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  const std::string name = options.directory.string();
  if (error) {
    return Error{Error::Usage,
                 fmt::format("cannot create the log directory {}: {}; name another one with --log-dir", name, error.message())};
  }
  if (::access(options.directory.c_str(), W_OK | X_OK) != 0) {
    return Error{Error::Usage,
                 fmt::format("cannot write to the log directory {}: {}; name another one with --log-dir", name, std::strerror(errno))};
  }
  assert(options.workers > 0 && options.ring_batches > 0);
  return std::unique_ptr<LogWriter>(new LogWriter(std::make_unique<Impl>(std::move(options))));
}

LogWriter::LogWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogWriter::~LogWriter() {
  impl_->finish(0);
}
void LogWriter::start() {
  impl_->start();
}
RecordWriter& LogWriter::worker(size_t i) {
  assert(i < impl_->options().workers);
  return impl_->writer(i);
}
RecordWriter& LogWriter::side_writer(size_t i) {
  assert(i < impl_->options().side_writers);
  return impl_->writer(impl_->options().workers + i);
}
void LogWriter::reconfigure(const LogSettings& settings) {
  impl_->reconfigure(settings);
}
void LogWriter::wait_when_full() {
  impl_->wait_when_full();
}
void LogWriter::finish(TimeNs end_ns) {
  impl_->finish(end_ns);
}
uint64_t LogWriter::get(LogCounter c) const {
  return impl_->get(c);
}
QueueDepth LogWriter::queue(size_t i) const {
  return impl_->queue(i);
}
bool LogWriter::had_trouble() const {
  return impl_->had_trouble();
}
std::vector<WrittenLog> LogWriter::written_logs() const {
  return impl_->written_logs();
}

}  // namespace sensor
