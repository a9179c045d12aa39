#include "sensor/record/record_writer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <mutex>

namespace sensor {
namespace {

struct LogTable {
  std::mutex mutex;
  std::array<std::atomic<const LogInfo*>, kMaxLogs> logs{};
  LogId count = 0;
};

LogTable& log_table() {
  static LogTable table;
  return table;
}

}  // namespace

LogId log_id(const LogInfo& log) {
  LogTable& t = log_table();
  std::lock_guard lock(t.mutex);
  for (LogId i = 0; i < t.count; i++) {
    if (t.logs[i].load(std::memory_order_relaxed) == &log) return i;
  }
  assert(t.count < kMaxLogs);
  t.logs[t.count].store(&log, std::memory_order_release);
  return t.count++;
}

const LogInfo* log_by_id(LogId id) {
  return id < kMaxLogs ? log_table().logs[id].load(std::memory_order_acquire) : nullptr;
}

bool RecordWriter::commit(LogId id, TimeNs due, const Uid& key, size_t length) {
  RecordBatch& b = *batch_;
  RecordEncoder header(std::span(b.data_).subspan(b.size_, RecordHeader::kSize));
  header.fixed(static_cast<uint32_t>(length));
  header.fixed(id);
  header.fixed(due);
  header.fixed(key.prefix);
  header.fixed(key.hi);
  header.fixed(key.lo);
  header.fixed(sequence_++);
  b.size_ += length;
  b.records_++;
  b.min_due_ = std::min(b.min_due_, due);
  written_.store(records_written() + 1, std::memory_order_relaxed);
  return header.ok();
}

void RecordWriter::advance(TimeNs now) {
  watermark_ = std::max(watermark_, now);
  if (!batch_->empty() && sink_->flush_wanted()) flush();
  sink_->publish_watermark(std::min(watermark_, batch_->min_due_ns()));
}

void RecordWriter::flush() {
  if (batch_->empty()) return;
  batch_ = sink_->exchange(std::move(batch_));
  assert(batch_ != nullptr && batch_->empty());
}

}  // namespace sensor
