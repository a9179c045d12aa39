// Files that protocols carry: put together, typed by content, logged in files.log.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <span>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"
#include "sensor/base/flat_map.h"
#include "sensor/base/time.h"
#include "sensor/record/types.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/session_config.h"

namespace sensor {

struct HeldBytes;

/// A file that is being followed. Value 0 is no file. Stays safe to use when the file is gone: calls then do nothing.
struct FileHandle {
  uint64_t value = 0;
  explicit operator bool() const { return value != 0; }
  bool operator==(const FileHandle&) const = default;
};

/// What a protocol knows of a file when its first bytes come.
struct FileMeta {
  Uid fuid;                         // from FileAnalysis::fuid(); the same id is the same file, also over several connections
  std::string_view source;          // Zeek's analyzer name: "HTTP", "SMTP", "SMB" …; static storage
  bool is_orig = false;             // the originator sends it
  uint64_t depth = 0;               // nesting, for SMTP
  std::string_view filename = {};   // empty: none known
  std::string_view mime_type = {};  // static storage; when set, the content is not looked at
  uint64_t owner = 0;               // handed back with the type, so that a protocol can tell its transactions apart
  std::optional<Uid> parent_fuid = {};
};

/// What a call brought about.
struct FileUpdate {
  std::string_view mime_type;  // set by the call that finds the type; static storage
  Uid owner_uid;               // with it: the connection and the FileMeta::owner that opened the file first over its last new connection
  uint64_t owner = 0;
  bool closed = false;  // the file is complete: its row is written, the handle is void
};

/// All files of one worker. Belongs to the worker's thread. Holds at most kMaxFiles; opening one more gives no handle and counts.
///
///   FileHandle f = files.open(c, {.fuid = FileAnalysis::fuid(c.conn().uid, "FTP_DATA", 0, false), .source = "FTP_DATA"});
///   files.data(c, f, bytes);  …  files.close(c, f);
///
/// A file is closed by close(), by reaching its total size, or by kTimeout without activity, which is looked for as Zeek does: by the first
/// packet kTimeout or more after its beginning or the last look. Then its row is written. Its first
/// filetype::kSniffBytes are kept until its type is known, bytes out of order up to kMaxReassembly. Where the configuration asks for it,
/// its bytes are hashed, and handed to the FileSink.
class FileAnalysis {
 public:
  static constexpr size_t kMaxFiles = 65536;
  static constexpr size_t kMaxConnectionsPerFile = 256;
  static constexpr uint64_t kMaxReassembly = 524288;
  static constexpr DurationNs kTimeout = 2 * kMinute;

  /// `config` is copied; its sink outlives this.
  explicit FileAnalysis(const FileConfig& config = {});
  ~FileAnalysis();
  FileAnalysis(const FileAnalysis&) = delete;
  FileAnalysis& operator=(const FileAnalysis&) = delete;

  /// An id made of a connection, a protocol and a number that tells the connection's files apart.
  static Uid fuid(const Uid& connection, std::string_view source, uint64_t number, bool is_orig);
  /// An id made of a name that several connections share, such as a URL.
  static Uid fuid(std::string_view source, std::string_view name, bool is_orig);

  struct Opened {
    FileHandle handle;                 // none: too many files
    bool over_new_connection = false;  // this connection had not carried the file before
  };
  /// Finds the file with this id, or makes it.
  Opened open(AnalyzerContext& c, const FileMeta& meta);
  /// The file with this id, or none.
  FileHandle find(const Uid& fuid) const;

  /// The next bytes.
  FileUpdate data(AnalyzerContext& c, FileHandle f, Bytes bytes);
  /// Bytes at a place in the file.
  FileUpdate data_at(AnalyzerContext& c, FileHandle f, uint64_t offset, Bytes bytes);
  /// `length` bytes from `offset` on will never come.
  FileUpdate gap(AnalyzerContext& c, FileHandle f, uint64_t offset, uint64_t length);
  /// The size of the whole file.
  FileUpdate set_total(AnalyzerContext& c, FileHandle f, uint64_t bytes);
  /// The name became known later.
  void set_filename(FileHandle f, std::string_view name);
  FileUpdate close(AnalyzerContext& c, FileHandle f);

  /// Types that were found when a file was given up for idleness, when nobody was there to be told. Kept for files with an owner, the last
  /// kMaxLateTypes of them.
  struct LateType {
    Uid owner_uid;
    uint64_t owner = 0;
    bool is_orig = false;
    std::string_view mime_type;
  };
  static constexpr size_t kMaxLateTypes = 1024;
  bool has_late_types() const { return !late_types_.empty(); }
  /// Those of one connection, in the order in which they were found; they are forgotten here.
  std::vector<LateType> take_late_types(const Uid& connection);

  bool alive(FileHandle f) const { return get(f) != nullptr; }
  Uid fuid(FileHandle f) const;
  std::string_view mime_type(FileHandle f) const;

  /// The times of the packets that are about to be dealt with, in order; those of other workers are among them, so that every worker of a
  /// replay gives files up at the same moments. Stay valid until the next call.
  void begin_burst(std::span<const TimeNs> clocks) { clocks_ = clocks; }
  /// Gives up files that have been idle too long at `now`. Called once per burst, before RecordWriter::advance().
  void advance(RecordWriter& records, TimeNs now);
  /// The run ends: gives up all files.
  void finish(RecordWriter& records, TimeNs now);

  size_t open_files() const { return by_fuid_.size(); }
  /// Files that were not followed because there were too many.
  uint64_t refused() const { return refused_; }

 private:
  struct File;
  /// The place of a file. A handle names it with its generation, which changes when the file goes; 0 is none.
  struct Slot {
    std::unique_ptr<File> file;
    uint32_t generation = 1;
  };
  /// When a file is to be looked at for idleness.
  struct Check {
    TimeNs due_ns;
    FileHandle file;
    bool operator>(const Check& o) const { return due_ns > o.due_ns; }
  };
  struct UidHash {
    size_t operator()(const Uid& u) const { return static_cast<size_t>(u.hi ^ u.lo); }
  };

  FileHandle handle_of(uint32_t slot) const { return {uint64_t{slots_[slot].generation} << 32 | slot}; }
  File* get(FileHandle f) const {
    const auto slot = static_cast<uint32_t>(f.value);
    const auto generation = static_cast<uint32_t>(f.value >> 32);
    return f && slot < slots_.size() && slots_[slot].generation == generation ? slots_[slot].file.get() : nullptr;
  }
  File* touch(AnalyzerContext& c, FileHandle f);
  FileHandle create(AnalyzerContext& c, const FileMeta& meta);
  void give_up(RecordWriter& records, FileHandle f, TimeNs due);
  void check_idle(RecordWriter& records, FileHandle f, TimeNs now);
  TimeNs first_packet_at(TimeNs due, TimeNs now) const;
  FileUpdate end(RecordWriter& records, FileHandle f, TimeNs due, bool timed_out);
  void write_rows(RecordWriter& records, const File& file, TimeNs due, bool timed_out) const;

  const FileConfig config_;
  std::unique_ptr<HeldBytes> held_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  FlatMap<Uid, FileHandle, UidHash> by_fuid_;
  std::priority_queue<Check, std::vector<Check>, std::greater<>> checks_;
  std::deque<LateType> late_types_;
  std::span<const TimeNs> clocks_;
  uint64_t refused_ = 0;
};

}  // namespace sensor
