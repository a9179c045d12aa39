// One file of one log.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>

#include "sensor/output/format.h"

namespace sensor {

/// Reports run-time trouble of the log thread, each cause once.
class TroubleReport {
 public:
  explicit TroubleReport(std::function<void(const std::string&)> report) : report_(std::move(report)) {}
  /// `cause` tells repeats apart; `sentence` is what is reported.
  void tell(const std::string& cause, const std::string& sentence);
  uint64_t troubles() const { return troubles_; }
  const std::function<void(const std::string&)>& reporter() const { return report_; }

 private:
  static constexpr size_t kMaxCauses = 1000;

  std::function<void(const std::string&)> report_;
  std::set<std::string> told_;
  uint64_t troubles_ = 0;
};

enum class TextFormat : uint8_t { Tsv, Json };

/// Appears with the first row; rows are gathered and written in large pieces. When writing fails, the rows of that piece are lost and
/// counted, the file is cut back to its last whole row, and later pieces are tried again. Belongs to the log thread.
class LogFile {
 public:
  /// Text is handed to the kernel in pieces of at least this size, except by flush(). Small enough that it is still in the cache then.
  static constexpr size_t kPieceBytes = 64 * 1024;

  LogFile(const LogInfo& log, TextFormat format, std::filesystem::path path, TroubleReport& trouble)
      : log_(&log), format_(format), path_(std::move(path)), trouble_(&trouble) {}
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile();

  /// `open_text` goes into the header when this is the first row.
  void append(std::span<const Cell> cells, const std::string& open_text);
  void flush();
  /// Writes what is held and the closing line; the file is complete.
  void close(const std::string& close_text);

  /// Gives the file another name and completes it; the next row begins a new one. False when that fails: rows go on into this one.
  bool rotate(const std::filesystem::path& to, const std::string& close_text);
  /// Begins a new file when somebody removed or moved this one. Rows written to a removed file since the last look count as lost.
  void check_place();
  /// Bytes of the file, those held included.
  uint64_t size() const { return good_size_ + buffer_.size(); }

  /// No row was appended yet.
  bool is_new() const { return open_text_.empty(); }
  const std::filesystem::path& path() const { return path_; }
  uint64_t rows_written() const { return rows_written_; }
  uint64_t rows_lost() const { return rows_lost_; }

 private:
  bool open();
  bool write_all(std::string_view text);
  void fail(const char* action, int error);
  void finish_file(const std::string& close_text);

  const LogInfo* log_;
  TextFormat format_;
  std::filesystem::path path_;
  TroubleReport* trouble_;
  std::string open_text_;
  TextBuffer buffer_;
  int fd_ = -1;
  bool has_header_ = false;
  uint64_t good_size_ = 0;  // bytes of the file that end with a whole row
  uint64_t rows_buffered_ = 0;
  uint64_t rows_at_last_look_ = 0;  // of rows_written_
  uint64_t rows_written_ = 0;
  uint64_t rows_lost_ = 0;
};

}  // namespace sensor
