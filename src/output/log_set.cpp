#include "log_set.h"

#include <algorithm>
#include <chrono>

#include "notices/row_notices.h"
#include "sensor/record/dhcp.h"

namespace sensor {

LogSet::LogSet(const LogWriterOptions& options, TroubleReport& trouble)
    : directory_(options.directory),
      formats_(options.formats),
      replay_(options.replay),
      rotation_(with_archive(options.rotation, directory_)),
      trouble_(&trouble),
      notices_(options.notices, !options.replay, *this) {
  set_watched(options);
  const bool rotates = rotation_.interval_ns != 0 || rotation_.bytes != 0;
  if (rotates || !replay_) archive_ = std::make_unique<LogArchive>(rotation_, replay_, trouble.reporter());
  watch();
}

void LogSet::set_watched(const LogSettings& settings) {
  notice_options_ = settings.notices;
  asset_options_ = settings.assets;
  if (!wanted(asset_options_.optional, !replay_)) asset_options_.hosts = HostChoice::None;
  notices_.set_options(notice_options_);
}

/// In a replay nobody watches for what is not wanted; live, it may be wanted later.
void LogSet::watch() {
  const bool notices = notices_.optional_ones() || !replay_, assets = asset_options_.hosts != HostChoice::None || !replay_;
  watch_rows(notice_options_, notices_, watch_);
  if (notices || assets) certificates_.emplace(watch_);
  if (notices) {
    tls_notices_.emplace(notice_options_, notices_, *certificates_, watch_);
    ssh_guessing_.emplace(notice_options_, notices_, watch_);
    scan_notices_.emplace(notice_options_, notices_, watch_);
  }
  if (assets) {
    known_assets_.emplace(asset_options_, *certificates_, *this, watch_);
    software_.emplace(asset_options_, *this, watch_);
  }
}

RotationOptions LogSet::with_archive(RotationOptions rotation, const std::filesystem::path& directory) {
  if (rotation.archive.empty()) rotation.archive = directory.string();
  return rotation;
}

LogSet::Output& LogSet::output(LogId id) {
  if (id >= outputs_.size()) outputs_.resize(size_t{id} + 1);
  if (outputs_[id] != nullptr) return *outputs_[id];
  const LogInfo& log = *log_by_id(id);
  outputs_[id] = std::make_unique<Output>(log);
  Output& o = *outputs_[id];
  make_files(o);
  o.reduction = make_reduction(log, *this);
  o.watchers = watch_.of(log);
  o.cells.resize(log.columns.size());
  o.computed.resize(log.computed.size() * kMaxComputedChars);
  return o;
}

void LogSet::make_files(Output& o) {
  const LogInfo& log = o.log;
  const std::string name(log.path);
  if (formats_ != LogFormats::Json)
    o.files.push_back(std::make_unique<LogFile>(log, TextFormat::Tsv, directory_ / (name + ".log"), *trouble_));
  if (formats_ != LogFormats::Tsv) {
    const std::string json_name = name + (formats_ == LogFormats::Both ? ".json" : ".log");
    o.files.push_back(std::make_unique<LogFile>(log, TextFormat::Json, directory_ / json_name, *trouble_));
  }
  if (replay_) return;
  for (const auto& file : o.files) set_aside(log, file->path());
}

/// A file of an earlier run is archived, as of the time when it was written last.
void LogSet::set_aside(const LogInfo& log, const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::file_size(file, error) == 0 || error) return;
  const auto age = std::filesystem::file_time_type::clock::now() - std::filesystem::last_write_time(file, error);
  const TimeNs written = time_of(0) - std::chrono::duration_cast<std::chrono::nanoseconds>(age).count();
  const auto place = archive_->place_for(std::string(log.path), file.extension(), written, written, clockface());
  if (!place.empty()) std::filesystem::rename(file, place, error);
  if (place.empty() || error)
    trouble_->tell(file.string() + " aside", "cannot archive what an earlier run left in " + file.string() + "; it is written over");
  else
    archive_->add(place);
}

TimeNs LogSet::time_of(TimeNs packet_time) const {
  if (replay_) return packet_time;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string LogSet::header_time(TimeNs packet_time) const {
  return tsv_timestamp(time_of(packet_time), clockface());
}

void LogSet::begin(Output& o, TimeNs now) {
  o.begun_ns = now;
  o.rotate_at_ns = rotation_.interval_ns == 0 ? kNoRotation : next_rotation(now, rotation_.interval_ns, clockface());
}

/// What was written goes into the archive; the next row begins a new file.
void LogSet::rotate(Output& o, TimeNs end) {
  for (const auto& file : o.files) {
    if (file->is_new()) continue;
    const auto place = archive_->place_for(std::string(o.log.path), file->path().extension(), o.begun_ns, end, clockface());
    if (place.empty())
      trouble_->tell(rotation_.archive, "cannot make a directory in " + rotation_.archive + "; logs are not archived until that works");
    else if (file->rotate(place, tsv_timestamp(end, clockface())))
      archive_->add(place);
  }
  begin(o, end);
}

void LogSet::tick() {
  const TimeNs now = time_of(0);
  for_each_output([&](Output& o) {
    for (const auto& file : o.files) file->check_place();
    if (now >= o.rotate_at_ns) rotate(o, o.rotate_at_ns);
  });
}

void LogSet::reconfigure(const LogSettings& settings) {
  set_watched(settings);
  rotation_ = with_archive(settings.rotation, directory_);
  archive_->set_options(rotation_);
  const TimeNs now = time_of(0);
  const bool new_format = settings.formats != formats_;
  formats_ = settings.formats;
  for_each_output([&](Output& o) {
    const TimeNs begun = o.begun_ns;
    if (new_format) {
      rotate(o, now);
      o.written += written_of(o);
      o.lost += lost_of(o);
      o.files.clear();
      make_files(o);
    }
    begin(o, now);
    if (!new_format) o.begun_ns = begun;
  });
}

LogSet::Fate LogSet::write(LogId log, TimeNs due_ns, Bytes fields) {
  Output& o = output(log);
  if (!o.decode(o.log, fields, o.cells)) return Fate::Malformed;
  const bool kept = !o.reduction || o.reduction->keep(due_ns, o.cells);
  if (kept) append(o, due_ns);
  for (const WatchList::Watcher& watcher : o.watchers) watcher({due_ns, o.cells, kept});
  return kept || o.reduction->begins_row() ? Fate::Kept : Fate::Reduced;
}

void LogSet::write_row(const LogInfo& log, TimeNs due_ns, Bytes fields) {
  Output& o = output(log_id(log));
  if (!decode_fields(log, fields, o.cells)) return;
  append(o, due_ns);
  if (&log != &log_info<DhcpRecord>()) made_++;  // rows of dhcp.log are begun by records that were counted as kept
}

/// The cells at hand.
void LogSet::append(Output& o, TimeNs due_ns) {
  compute_cells(o.log, o.cells, o.computed);
  if (replay_ && due_ns >= o.rotate_at_ns) rotate(o, o.rotate_at_ns);
  uint64_t largest = 0;
  for (const auto& file : o.files) {
    if (file->is_new()) begin(o, time_of(due_ns));
    file->append(o.cells, file->is_new() ? header_time(due_ns) : std::string());
    largest = std::max(largest, file->size());
  }
  if (rotation_.bytes != 0 && largest >= rotation_.bytes) rotate(o, time_of(due_ns));
}

void LogSet::flush() {
  for_each_output([](Output& o) {
    for (const auto& file : o.files) file->flush();
  });
}

void LogSet::close(TimeNs end_ns) {
  for_each_output([&](Output& o) {
    if (o.reduction) o.reduction->finish(end_ns);
  });
  for_each_output([&](Output& o) {
    for (const auto& file : o.files) file->close(header_time(end_ns));
  });
}

uint64_t LogSet::written_of(const Output& o) {
  uint64_t in_all = UINT64_MAX;
  for (const auto& file : o.files) in_all = std::min(in_all, file->rows_written());
  return in_all;
}

uint64_t LogSet::lost_of(const Output& o) {
  uint64_t most = 0;
  for (const auto& file : o.files) most = std::max(most, file->rows_lost());
  return most;
}

uint64_t LogSet::written() const {
  uint64_t n = 0;
  for_each_output([&](const Output& o) { n += o.written + written_of(o); });
  return n;
}

uint64_t LogSet::lost() const {
  uint64_t n = 0;
  for_each_output([&](const Output& o) { n += o.lost + lost_of(o); });
  return n;
}

std::vector<WrittenLog> LogSet::written_logs() const {
  std::vector<WrittenLog> logs;
  for_each_output([&](const Output& o) {
    for (const auto& file : o.files) {
      if (file->rows_written() > 0) logs.push_back({file->path(), file->rows_written()});
    }
  });
  std::sort(logs.begin(), logs.end(), [](const WrittenLog& a, const WrittenLog& b) { return a.path < b.path; });
  return logs;
}

}  // namespace sensor
