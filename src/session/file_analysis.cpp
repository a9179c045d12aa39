#include "sensor/session/file_analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "file_content.h"
#include "sensor/base/hash.h"
#include "sensor/net/local_networks.h"
#include "sensor/record/decoder.h"
#include "sensor/record/files.h"
#include "src/session/executables.h"

namespace sensor {
namespace {

/// What Zeek's base scripts attach to files of a type.
struct AttachedAnalyzer {
  std::string_view mime_type, analyzer;
};
constexpr std::array kAttached{
    AttachedAnalyzer{kExecutableType, "PE"},
    AttachedAnalyzer{"application/ocsp-response", "OCSP_REPLY"},
};
/// Certificates are logged in x509.log and nowhere else.
constexpr std::array<std::string_view, 3> kCertificateTypes{"application/x-x509-user-cert", "application/x-x509-ca-cert",
                                                            "application/pkix-cert"};

uint64_t hash_text(uint64_t seed, std::string_view text) {
  uint64_t h = mix64(seed, text.size());
  for (char c : text) h = mix64(h, static_cast<uint8_t>(c));
  return h;
}

Uid make_fuid(uint64_t a, uint64_t b, bool is_orig) {
  const uint64_t salt = is_orig ? 1 : 2;
  return {mix64(mix64(a, b), salt), static_cast<uint32_t>(mix64(mix64(b, a), salt + 2)), 'F'};
}

/// The name of a file's copy, Zeek's but for the time, which is the first byte's. Nothing in it comes from the wire.
std::string copy_name(TimeNs first_ns, std::string_view source, const Uid& fuid) {
  std::string name = fmt::format("extract-{}.{:06}-{}-{}", first_ns / kSecond, first_ns % kSecond / kMicrosecond, source, to_string(fuid));
  const auto plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  std::ranges::replace_if(
      name, [&](char c) { return !plain(c) && c != '-' && c != '.'; }, '_');
  return name;
}

void fill_taps(FilesRecord& r, FileTap& tap) {
  for (auto& [name, digits] : tap.hashes()) (name == "MD5" ? r.md5 : name == "SHA1" ? r.sha1 : r.sha256) = std::move(digits);
  if (!tap.kept()) return;
  r.analyzers.items.push_back("EXTRACT");
  r.extracted = tap.name();
  r.extracted_cutoff = tap.cut_at().has_value();
  r.extracted_size = tap.cut_at();
}

}  // namespace

struct FileAnalysis::File {
  Uid fuid;
  std::string_view source;
  bool is_orig = false;
  uint64_t depth = 0;
  std::string filename;
  std::optional<Uid> parent_fuid;
  TimeNs first_ns = 0, last_ns = 0, next_check_ns = 0;
  std::vector<ConnHeader> connections;
  Uid owner_uid;
  uint64_t owner = 0;
  FileContent content{kMaxReassembly};

  FileUpdate update() {
    FileUpdate u;
    u.mime_type = content.take_news();
    if (!u.mime_type.empty()) {
      u.owner_uid = owner_uid;
      u.owner = owner;
    }
    return u;
  }
};

FileAnalysis::FileAnalysis(const FileConfig& config) : config_(config), held_(std::make_unique<HeldBytes>()) {}
FileAnalysis::~FileAnalysis() = default;

Uid FileAnalysis::fuid(const Uid& connection, std::string_view source, uint64_t number, bool is_orig) {
  return make_fuid(mix64(connection.hi, connection.lo), hash_text(number, source), is_orig);
}

Uid FileAnalysis::fuid(std::string_view source, std::string_view name, bool is_orig) {
  return make_fuid(hash_text(1, source), hash_text(2, name), is_orig);
}

FileHandle FileAnalysis::find(const Uid& fuid) const {
  const FileHandle* handle = by_fuid_.find(fuid);
  return handle != nullptr ? *handle : FileHandle{};
}

FileHandle FileAnalysis::create(AnalyzerContext& c, const FileMeta& meta) {
  if (by_fuid_.size() >= kMaxFiles) {
    refused_++;
    return {};
  }
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  const FileHandle handle = handle_of(slot);
  File& f = *(slots_[slot].file = std::make_unique<File>());
  f.fuid = meta.fuid;
  f.source = meta.source;
  f.is_orig = meta.is_orig;
  f.depth = meta.depth;
  f.filename = meta.filename;
  f.parent_fuid = meta.parent_fuid;
  f.first_ns = f.last_ns = c.now();
  f.next_check_ns = c.now() + kTimeout;
  if (config_.taps()) f.content.set_tap(std::make_unique<FileTap>(config_, copy_name(c.now(), meta.source, meta.fuid), c.now(), *held_));
  f.content.set_type(meta.mime_type);
  by_fuid_.try_emplace(meta.fuid, handle);
  checks_.push({f.next_check_ns, handle});
  return handle;
}

FileAnalysis::Opened FileAnalysis::open(AnalyzerContext& c, const FileMeta& meta) {
  FileHandle handle = find(meta.fuid);
  if (handle && touch(c, handle) == nullptr) handle = {};
  if (!handle) handle = create(c, meta);
  File* f = get(handle);
  if (f == nullptr) return {};
  const ConnHeader& conn = c.conn();
  const bool known = std::any_of(f->connections.begin(), f->connections.end(), [&](const ConnHeader& h) { return h.uid == conn.uid; });
  if (known || f->connections.size() >= kMaxConnectionsPerFile) return {handle, false};
  f->connections.push_back(conn);
  f->owner_uid = conn.uid;
  f->owner = meta.owner;
  if (!meta.filename.empty()) f->filename = meta.filename;
  return {handle, true};
}

/// The file, unless it fell idle before now.
FileAnalysis::File* FileAnalysis::touch(AnalyzerContext& c, FileHandle f) {
  const TimeNs now = c.now();
  File* file = get(f);
  if (file != nullptr && file->next_check_ns <= now) {
    check_idle(c.records(), f, now);
    file = get(f);
  }
  if (file != nullptr) file->last_ns = now;
  return file;
}

FileUpdate FileAnalysis::data(AnalyzerContext& c, FileHandle f, Bytes bytes) {
  File* file = touch(c, f);
  if (file == nullptr) return {};
  file->content.append(bytes);
  return file->content.complete() ? end(c.records(), f, c.now(), false) : file->update();
}

FileUpdate FileAnalysis::data_at(AnalyzerContext& c, FileHandle f, uint64_t offset, Bytes bytes) {
  File* file = touch(c, f);
  if (file == nullptr) return {};
  file->content.insert(offset, bytes);
  return file->content.complete() ? end(c.records(), f, c.now(), false) : file->update();
}

FileUpdate FileAnalysis::gap(AnalyzerContext& c, FileHandle f, uint64_t offset, uint64_t length) {
  File* file = touch(c, f);
  if (file == nullptr) return {};
  file->content.gap(offset, length);
  return file->update();
}

FileUpdate FileAnalysis::set_total(AnalyzerContext& c, FileHandle f, uint64_t bytes) {
  File* file = touch(c, f);
  if (file == nullptr) return {};
  file->content.set_total(bytes);
  return file->content.complete() ? end(c.records(), f, c.now(), false) : FileUpdate{};
}

void FileAnalysis::set_filename(FileHandle f, std::string_view name) {
  if (File* file = get(f)) file->filename = name;
}

FileUpdate FileAnalysis::close(AnalyzerContext& c, FileHandle f) {
  return get(f) == nullptr ? FileUpdate{} : end(c.records(), f, c.now(), false);
}

Uid FileAnalysis::fuid(FileHandle f) const {
  const File* file = get(f);
  return file == nullptr ? Uid{} : file->fuid;
}

std::string_view FileAnalysis::mime_type(FileHandle f) const {
  const File* file = get(f);
  return file == nullptr ? std::string_view{} : file->content.mime_type();
}

FileUpdate FileAnalysis::end(RecordWriter& records, FileHandle f, TimeNs due, bool timed_out) {
  File& file = *get(f);
  file.content.end();
  FileUpdate u = file.update();
  u.closed = true;
  write_rows(records, file, due, timed_out);
  const DocumentOrigin origin{file.fuid, file.owner_uid, file.first_ns, due, file.is_orig};
  const std::string_view document = file.content.document();
  if (!document.empty()) log_document(records, origin, file.content.mime_type(), as_bytes(document));
  if (file.content.executable() != nullptr) log_executable(records, origin, *file.content.executable());
  by_fuid_.erase(file.fuid);
  Slot& slot = slots_[static_cast<uint32_t>(f.value)];
  slot.file.reset();
  if (++slot.generation == 0) slot.generation = 1;
  free_.push_back(static_cast<uint32_t>(f.value));
  return u;
}

void FileAnalysis::write_rows(RecordWriter& records, const File& file, TimeNs due, bool timed_out) const {
  const std::string_view type = file.content.mime_type();
  if (std::find(kCertificateTypes.begin(), kCertificateTypes.end(), type) != kCertificateTypes.end()) return;
  FilesRecord r;
  r.fuid = file.fuid;
  r.source = file.source;
  r.depth = file.depth;
  for (const AttachedAnalyzer& a : kAttached)
    if (a.mime_type == type) r.analyzers.items.push_back(a.analyzer);
  if (!type.empty()) r.mime_type = type;
  if (!file.filename.empty()) r.filename = file.filename;
  r.duration = {file.last_ns - file.first_ns};
  r.is_orig = file.is_orig;
  r.seen_bytes = file.content.seen();
  r.total_bytes = file.content.total();
  r.missing_bytes = file.content.missing();
  r.overflow_bytes = file.content.overflow();
  r.timedout = timed_out;
  r.parent_fuid = file.parent_fuid;
  if (config_.md5) r.analyzers.items.push_back("MD5");
  if (config_.sha1) r.analyzers.items.push_back("SHA1");
  if (config_.sha256) r.analyzers.items.push_back("SHA256");
  if (FileTap* tap = file.content.tap()) fill_taps(r, *tap);
  for (const ConnHeader& conn : file.connections) {
    static_cast<ConnHeader&>(r) = conn;
    r.ts = {file.first_ns};
    const ConnHeader& last = file.connections.back();
    r.local_orig = is_local_address(file.is_orig ? last.orig_h : last.resp_h);
    records.write(due, conn.uid, r);
  }
}

void FileAnalysis::give_up(RecordWriter& records, FileHandle f, TimeNs due) {
  const bool is_orig = get(f)->is_orig;
  const FileUpdate u = end(records, f, due, true);
  if (u.mime_type.empty() || u.owner == 0) return;
  if (late_types_.size() >= kMaxLateTypes) late_types_.pop_front();
  late_types_.push_back({u.owner_uid, u.owner, is_orig, u.mime_type});
}

std::vector<FileAnalysis::LateType> FileAnalysis::take_late_types(const Uid& connection) {
  std::vector<LateType> out;
  std::erase_if(late_types_, [&](const LateType& t) {
    if (t.owner_uid != connection) return false;
    out.push_back(t);
    return true;
  });
  return out;
}

/// The packet at which a look is taken that was due then; without packets the clock moves by itself, and it is `now`.
TimeNs FileAnalysis::first_packet_at(TimeNs due, TimeNs now) const {
  const auto it = std::ranges::lower_bound(clocks_, due);
  return it != clocks_.end() ? *it : now;
}

/// Looks at a file at the times that are due.
void FileAnalysis::check_idle(RecordWriter& records, FileHandle f, TimeNs now) {
  File* file = get(f);
  if (file == nullptr || file->next_check_ns > now) return;
  while (file->next_check_ns <= now) {
    const TimeNs look = first_packet_at(file->next_check_ns, now);
    if (look - file->last_ns >= kTimeout) return give_up(records, f, look);
    file->next_check_ns = look + kTimeout;
  }
  checks_.push({file->next_check_ns, f});
}

void FileAnalysis::advance(RecordWriter& records, TimeNs now) {
  while (!checks_.empty() && checks_.top().due_ns <= now) {
    const FileHandle f = checks_.top().file;
    checks_.pop();
    check_idle(records, f, now);
  }
}

void FileAnalysis::finish(RecordWriter& records, TimeNs now) {
  advance(records, now);
  for (uint32_t slot = 0; slot < slots_.size(); slot++)
    if (slots_[slot].file) end(records, handle_of(slot), now, true);
}

}  // namespace sensor
