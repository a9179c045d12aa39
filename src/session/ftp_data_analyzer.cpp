#include <algorithm>

#include "dpi/filetype/filetype.h"
#include "src/session/ftp_analyzer.h"

namespace sensor {

void FtpDataAnalyzer::on_expected(AnalyzerContext&, const Expectation& expectation) {
  file_ = expectation.file;
}

FileHandle FtpDataAnalyzer::open(AnalyzerContext& c, Direction d) {
  FileHandle& file = files_[index(d)];
  if (c.files().alive(file)) return file;
  const bool is_orig = d == Direction::Orig;
  const auto opened =
      c.files().open(c, {.fuid = FileAnalysis::fuid(c.conn().uid, "FTP_DATA", 0, is_orig), .source = "FTP_DATA", .is_orig = is_orig});
  file = opened.handle;
  if (file_ != nullptr && opened.over_new_connection) file_->fuid = c.files().fuid(file);
  return file;
}

void FtpDataAnalyzer::apply(const FileUpdate& update) {
  if (file_ != nullptr && !update.mime_type.empty()) file_->mime_type = update.mime_type;
}

void FtpDataAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  if (const size_t room = kEarlyBytes - beginning_.size(); room > 0) {
    beginning_ += as_chars(bytes.first(std::min(room, bytes.size())));
    if (beginning_.size() == kEarlyBytes) identify();
  }
  const FileHandle file = open(c, d);
  apply(c.files().data(c, file, bytes));
  bytes_[index(d)] += bytes.size();
}

void FtpDataAnalyzer::on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) {
  const FileHandle file = open(c, d);
  apply(c.files().gap(c, file, bytes_[index(d)], bytes));
  bytes_[index(d)] += bytes;
}

/// Zeek looks at the type twice; what it finds here also holds where it finds nothing.
void FtpDataAnalyzer::identify() {
  if (file_ == nullptr) return;
  const std::string_view type = filetype::mime_type(as_bytes(beginning_));
  file_->mime_type = type.empty() ? "<unknown>" : type;
}

void FtpDataAnalyzer::on_finish(AnalyzerContext& c) {
  if (!beginning_.empty() && beginning_.size() < kEarlyBytes) identify();
  for (const FileHandle file : files_) apply(c.files().close(c, file));
}

}  // namespace sensor
