#include "log_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace sensor {

void TroubleReport::tell(const std::string& cause, const std::string& sentence) {
  troubles_++;
  if (told_.size() < kMaxCauses && told_.insert(cause).second && report_) report_(sentence);
}

LogFile::~LogFile() {
  if (fd_ >= 0) ::close(fd_);
}

void LogFile::append(std::span<const Cell> cells, const std::string& open_text) {
  if (open_text_.empty()) open_text_ = open_text;
  if (format_ == TextFormat::Tsv) {
    format_tsv_row(*log_, cells, buffer_);
  } else {
    format_json_row(*log_, cells, buffer_);
  }
  rows_buffered_++;
  if (buffer_.size() >= kPieceBytes) flush();
}

bool LogFile::open() {
  if (fd_ >= 0) return true;
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  fd_ = ::open(path_.c_str(), kFlags, 0666);
  if (fd_ < 0 && errno == ENOENT) {  // somebody removed the directory
    std::error_code ignored;
    std::filesystem::create_directories(path_.parent_path(), ignored);
    fd_ = ::open(path_.c_str(), kFlags, 0666);
  }
  if (fd_ < 0) fail("open", errno);
  return fd_ >= 0;
}

bool LogFile::write_all(std::string_view text) {
  const size_t size = text.size();
  while (!text.empty()) {
    const ssize_t n = ::write(fd_, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      fail("write", errno);
      // Half a row must not stay behind; where the file cannot be cut (a pipe), it stays.
      if (::ftruncate(fd_, static_cast<off_t>(good_size_)) == 0) (void)::lseek(fd_, static_cast<off_t>(good_size_), SEEK_SET);
      return false;
    }
    text.remove_prefix(static_cast<size_t>(n));
  }
  good_size_ += size;
  return true;
}

void LogFile::fail(const char* action, int error) {
  trouble_->tell(fmt::format("{} {} {}", path_.string(), action, error),
                 fmt::format("cannot {} {}: {}; rows are lost until it works again", action, path_.string(), std::strerror(error)));
}

void LogFile::flush() {
  if (buffer_.size() == 0) return;
  bool good = open();
  if (good && !has_header_ && format_ == TextFormat::Tsv) {
    TextBuffer header;
    format_tsv_header(*log_, open_text_, header);
    good = write_all(header.view());
  }
  has_header_ = has_header_ || good;
  good = good && write_all(buffer_.view());
  (good ? rows_written_ : rows_lost_) += rows_buffered_;
  rows_buffered_ = 0;
  buffer_.clear();
}

void LogFile::close(const std::string& close_text) {
  flush();
  if (fd_ >= 0) finish_file(close_text);
}

void LogFile::finish_file(const std::string& close_text) {
  if (format_ == TextFormat::Tsv && has_header_) (void)write_all("#close\t" + close_text + "\n");
  if (::close(fd_) != 0) fail("close", errno);
  fd_ = -1;
  has_header_ = false;
  good_size_ = 0;
}

bool LogFile::rotate(const std::filesystem::path& to, const std::string& close_text) {
  flush();
  if (fd_ < 0) return false;
  if (::rename(path_.c_str(), to.c_str()) != 0) {
    fail("archive", errno);
    return false;
  }
  finish_file(close_text);
  open_text_.clear();
  return true;
}

void LogFile::check_place() {
  if (fd_ < 0) return;
  struct stat held {
  }, there{};
  if (::fstat(fd_, &held) != 0) return;
  const bool in_place = ::stat(path_.c_str(), &there) == 0 && there.st_ino == held.st_ino && there.st_dev == held.st_dev;
  const uint64_t fresh = rows_written_ - std::exchange(rows_at_last_look_, rows_written_);
  if (in_place) return;
  if (held.st_nlink == 0) {
    rows_written_ -= fresh;
    rows_at_last_look_ = rows_written_;
    rows_lost_ += fresh;
  }
  trouble_->tell(
      fmt::format("{} gone {}", path_.string(), held.st_ino),
      fmt::format("{} was {} while it was written; a new one is begun", path_.string(), held.st_nlink == 0 ? "removed" : "moved"));
  ::close(fd_);
  fd_ = -1;
  has_header_ = false;
  good_size_ = 0;
}

}  // namespace sensor
