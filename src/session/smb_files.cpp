// The files that SMB carries, and the rows about files and shares.
#include "sensor/record/smb_files.h"

#include <cmath>
#include <string>
#include <utility>

#include "sensor/base/hash.h"
#include "sensor/record/smb_mapping.h"
#include "src/session/smb_analyzer.h"

namespace sensor {
namespace {

constexpr std::string_view kSource = "SMB";
/// A row is not written again as long as it would have been within this time.
constexpr DurationNs kRecent = 3 * kMinute;
/// 1970 as a FileTime, and in seconds.
constexpr smb::FileTime kUnixEpoch = 116444736000000000;
constexpr double kUnixEpochSeconds = 11644473600.0;

constexpr std::string_view kSmbActionNames[] = {
    "SMB::FILE_READ",   "SMB::FILE_WRITE",         "SMB::FILE_OPEN",   "SMB::FILE_CLOSE", "SMB::FILE_DELETE",
    "SMB::FILE_RENAME", "SMB::FILE_SET_ATTRIBUTE", "SMB::PIPE_READ",   "SMB::PIPE_WRITE", "SMB::PIPE_OPEN",
    "SMB::PIPE_CLOSE",  "SMB::PRINT_READ",         "SMB::PRINT_WRITE", "SMB::PRINT_OPEN", "SMB::PRINT_CLOSE",
};

bool is_logged(SmbAction action) {
  switch (action) {
    case SmbAction::FileOpen:
    case SmbAction::FileRename:
    case SmbAction::FileDelete:
    case SmbAction::PrintOpen:
    case SmbAction::PrintClose:
      return true;
    default:
      return false;
  }
}

/// To the microsecond that Zeek, which reckons in doubles of seconds since 1601, comes to.
FarTime log_time(smb::FileTime t) {
  const double seconds = static_cast<double>(t) / 1e7 - kUnixEpochSeconds;
  const double whole = std::floor(seconds);
  return {static_cast<int64_t>(whole) * (kSecond / kMicrosecond) + std::llrint((seconds - whole) * 1e6)};
}

uint64_t hash_text(uint64_t seed, std::string_view text) {
  uint64_t h = mix64(seed, text.size());
  for (const char c : text) h = mix64(h, static_cast<uint8_t>(c));
  return h;
}

}  // namespace

/// Some servers give no times for pipes.
void SmbAnalyzer::set_times(const smb::FileTimes& times) {
  if (times.modified > kUnixEpoch) state_.file->times = times;
}

bool SmbAnalyzer::has_handle() const {
  return state_.file != nullptr && (state_.file->name || state_.file->path);
}

/// The same hosts, share, name and time of modification: the same file, over whatever connection.
Uid SmbAnalyzer::fuid() const {
  const SmbFile& f = *state_.file;
  std::string key;
  for (const IpAddress& host : {c_->conn().orig_h, c_->conn().resp_h}) key += as_chars(Bytes(host.bytes16()));
  key += f.path.value_or("");
  key += '\0';
  key += f.name.value_or("");
  key += '\0';
  key += std::to_string(f.times ? f.times->modified : 0);
  return FileAnalysis::fuid(kSource, key, false);
}

void SmbAnalyzer::file_data(bool is_orig, uint64_t offset, Bytes data) {
  if (data.empty() || !has_handle()) return;
  FileAnalysis& files = c_->files();
  SmbFile& f = *state_.file;
  FileMeta meta{.fuid = fuid(), .source = kSource, .is_orig = is_orig};
  if (f.name) meta.filename = *f.name;
  const auto [handle, over_new_connection] = files.open(*c_, meta);
  if (!handle) return;
  if (over_new_connection) {
    f.fuid = meta.fuid;
    if (f.size > 0) files.set_total(*c_, handle, f.size);
    write_file();
  }
  files.data_at(*c_, handle, offset, data);
}

/// As in Zeek, the end of the file is one more reason to write the row, where rows like it are not left out.
void SmbAnalyzer::end_of_file() {
  if (!has_handle()) return;
  const FileHandle file = c_->files().find(fuid());
  if (!c_->files().alive(file)) return;
  c_->files().close(*c_, file);
  write_file();
}

/// Whether the row would be one that was written lately, but for the time of the last access.
bool SmbAnalyzer::is_recent(const SmbFile& f) {
  uint64_t h = mix64(static_cast<uint64_t>(*f.action), f.size);
  h = f.fuid ? mix64(mix64(h, f.fuid->hi), f.fuid->lo) : h;
  h = hash_text(hash_text(h, *f.name), f.path.value_or(""));
  h = mix64(mix64(mix64(h, f.times->modified), f.times->created), f.times->changed);
  auto& recent = state_.recent;
  if (recent.size() >= SmbState::kMaxRecent && !recent.contains(h)) {
    std::erase_if(recent, [&](const auto& row) { return c_->now() - row.second >= kRecent; });
    if (recent.size() >= SmbState::kMaxRecent) recent.clear();
  }
  const auto [row, fresh] = recent.emplace(h, c_->now());
  const TimeNs last = std::exchange(row->second, c_->now());
  return !fresh && c_->now() - last < kRecent;
}

void SmbAnalyzer::write_file() {
  const SmbFile& f = *state_.file;
  if (!f.name || !f.action || !is_logged(*f.action)) return;
  if (f.times && is_recent(f)) return;
  SmbFilesRecord r;
  static_cast<ConnHeader&>(r) = c_->conn();
  r.ts = {f.ts};
  r.fuid = f.fuid;
  r.action = {kSmbActionNames[static_cast<size_t>(*f.action)]};
  r.path = f.path;
  r.name = f.name;
  r.size = f.size;
  r.prev_name = f.prev_name;
  if (f.times) {
    r.modified = log_time(f.times->modified);
    r.accessed = log_time(f.times->accessed);
    r.created = log_time(f.times->created);
    r.changed = log_time(f.times->changed);
  }
  c_->records().write(c_->now(), r.uid, r);
}

void SmbAnalyzer::write_tree() {
  const SmbTree& t = *state_.tree;
  SmbMappingRecord r;
  static_cast<ConnHeader&>(r) = c_->conn();
  r.ts = {t.ts};
  r.path = t.path;
  r.service = t.service;
  r.native_file_system = t.native_file_system;
  r.share_type = t.share_type;
  c_->records().write(c_->now(), r.uid, r);
}

}  // namespace sensor
