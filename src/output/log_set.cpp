#include "log_set.h"

#include <algorithm>
#include <chrono>

namespace sensor {

LogSet::Output& LogSet::output(const LogInfo& log) {
  if (&log == last_log_) return *last_output_;
  const auto [it, is_new] = outputs_.try_emplace(&log);
  Output& o = it->second;
  if (is_new) {
    const std::string name(log.path);
    if (formats_ != LogFormats::Json)
      o.files.push_back(std::make_unique<LogFile>(log, TextFormat::Tsv, directory_ / (name + ".log"), *trouble_));
    if (formats_ != LogFormats::Tsv) {
      const std::string json_name = name + (formats_ == LogFormats::Both ? ".json" : ".log");
      o.files.push_back(std::make_unique<LogFile>(log, TextFormat::Json, directory_ / json_name, *trouble_));
    }
    o.reduction = make_reduction(log);
    o.cells.resize(log.columns.size());
    const auto computed = std::count_if(log.columns.begin(), log.columns.end(), [](const ColumnInfo& c) { return c.compute != nullptr; });
    o.computed.resize(static_cast<size_t>(computed) * kMaxComputedChars);
  }
  last_log_ = &log;
  last_output_ = &o;
  return o;
}

std::string LogSet::header_time(TimeNs packet_time) const {
  if (replay_) return tsv_timestamp(packet_time, Clockface::Utc);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return tsv_timestamp(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count(), Clockface::Local);
}

LogSet::Fate LogSet::write(const LogInfo& log, TimeNs due_ns, Bytes fields) {
  Output& o = output(log);
  if (!decode_fields(log, fields, o.cells)) return Fate::Malformed;
  if (o.reduction && !o.reduction->keep(due_ns, o.cells)) return Fate::Reduced;
  compute_cells(log, o.cells, o.computed);
  for (const auto& file : o.files) {
    file->append(o.cells, file->is_new() ? header_time(due_ns) : std::string());
  }
  return Fate::Kept;
}

void LogSet::flush() {
  for (auto& [log, o] : outputs_) {
    for (const auto& file : o.files) file->flush();
  }
}

void LogSet::close(TimeNs end_ns) {
  for (auto& [log, o] : outputs_) {
    for (const auto& file : o.files) file->close(header_time(end_ns));
  }
}

uint64_t LogSet::written() const {
  uint64_t n = 0;
  for (const auto& [log, o] : outputs_) {
    uint64_t in_all = UINT64_MAX;
    for (const auto& file : o.files) in_all = std::min(in_all, file->rows_written());
    n += in_all;
  }
  return n;
}

uint64_t LogSet::lost() const {
  uint64_t n = 0;
  for (const auto& [log, o] : outputs_) {
    uint64_t most = 0;
    for (const auto& file : o.files) most = std::max(most, file->rows_lost());
    n += most;
  }
  return n;
}

std::vector<WrittenLog> LogSet::written_logs() const {
  std::vector<WrittenLog> logs;
  for (const auto& [log, o] : outputs_) {
    for (const auto& file : o.files) {
      if (file->rows_written() > 0) logs.push_back({file->path(), file->rows_written()});
    }
  }
  std::sort(logs.begin(), logs.end(), [](const WrittenLog& a, const WrittenLog& b) { return a.path < b.path; });
  return logs;
}

}  // namespace sensor
