#include "log_scan.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <charconv>
#include <cstring>
#include <deque>
#include <optional>

namespace sensor {
namespace {

/// Longer than any row: a record has at most 64 KiB, which escapes may quadruple.
constexpr size_t kBlock = 1 << 20;
constexpr size_t kHeadBytes = 16 << 10;
constexpr unsigned kUnpackBuffer = 256 << 10;
/// Of a compressed file, unpacked.
constexpr uint64_t kMaxUnpacked = 4ULL << 30;

using Clock = std::chrono::steady_clock;

struct CloseGz {
  void operator()(gzFile_s* f) const { ::gzclose(f); }
};
using GzFile = std::unique_ptr<gzFile_s, CloseGz>;

class PlainFile {
 public:
  explicit PlainFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  PlainFile(const PlainFile&) = delete;
  PlainFile& operator=(const PlainFile&) = delete;
  ~PlainFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  uint64_t size() const {
    struct stat s {};
    return fd_ >= 0 && ::fstat(fd_, &s) == 0 ? static_cast<uint64_t>(s.st_size) : 0;
  }
  /// Fewer bytes when the file ends.
  std::string_view read(uint64_t at, size_t n, std::string& buffer) const {
    buffer.resize(n);
    const ssize_t got = fd_ < 0 ? -1 : ::pread(fd_, buffer.data(), n, static_cast<off_t>(at));
    return std::string_view(buffer).substr(0, got < 0 ? 0 : static_cast<size_t>(got));
  }

 private:
  int fd_;
};

std::shared_ptr<const LogHead> head_of(const LogFilePlace& file) {
  std::string buffer(kHeadBytes, '\0');
  std::string_view text;
  if (file.compressed) {
    const GzFile in(::gzopen(file.path.c_str(), "rb"));
    const int n = in == nullptr ? -1 : ::gzread(in.get(), buffer.data(), static_cast<unsigned>(buffer.size()));
    text = std::string_view(buffer).substr(0, n < 0 ? 0 : static_cast<size_t>(n));
  } else {
    text = PlainFile(file.path).read(0, kHeadBytes, buffer);
  }
  return std::make_shared<const LogHead>(LogHead::read(text));
}

struct Cursor {
  uint64_t identity = 0, offset = 0;  // rows before this offset come next
};

std::string cursor_text(const Cursor& c) {
  return fmt::format("{:016x}.{}", c.identity, c.offset);
}

std::optional<Cursor> parse_cursor(std::string_view text) {
  Cursor c;
  constexpr size_t kDigits = 16;
  if (text.size() < kDigits + 2 || text[kDigits] != '.') return std::nullopt;
  const char* end = text.data() + text.size();
  const auto a = std::from_chars(text.data(), text.data() + kDigits, c.identity, 16);
  const auto b = std::from_chars(text.data() + kDigits + 1, end, c.offset);
  return a.ptr == text.data() + kDigits && b.ec == std::errc{} && b.ptr == end ? std::optional(c) : std::nullopt;
}

class Scan {
 public:
  explicit Scan(const ScanOrder& order) : order_(order) {}

  ScanResult run() {
    size_t first = 0;
    uint64_t before = UINT64_MAX;  // rows from here on are not wanted
    if (!order_.cursor.empty() && !find_start(first, before)) {
      result_.bad_cursor = true;
      return std::move(result_);
    }
    for (size_t i = first; i < order_.files.size(); i++, before = UINT64_MAX) {
      const LogFilePlace& file = order_.files[i];
      if (file.modified < order_.from) break;
      const auto head = head_of(file);
      if (is_full() || (i > first && is_late())) {
        result_.complete = is_full();
        result_.next_cursor = cursor_text({head->identity, UINT64_MAX});
        break;
      }
      const auto rest = file.compressed ? read_compressed(file, head, before) : read_plain(file, head, before);
      if (!rest) continue;
      result_.next_cursor = cursor_text({head->identity, *rest});
      break;
    }
    return std::move(result_);
  }

 private:
  bool is_full() const { return result_.rows.size() >= order_.limit; }
  bool is_late() const { return Clock::now() >= order_.deadline; }

  bool find_start(size_t& first, uint64_t& before) {
    const auto cursor = parse_cursor(order_.cursor);
    if (!cursor) return false;
    for (first = 0; first < order_.files.size(); first++) {
      if (head_of(order_.files[first])->identity != cursor->identity) continue;
      before = cursor->offset;
      return true;
    }
    return false;
  }

  bool take(const std::shared_ptr<const LogHead>& head, std::string_view line) {
    if (line.empty() || line.front() == '#' || !order_.wanted(*head, line)) return false;
    result_.rows.push_back({head, std::string(line)});
    return true;
  }

  /// Reads from the end. Returns where to go on; nothing: the file is done.
  std::optional<uint64_t> read_plain(const LogFilePlace& place, const std::shared_ptr<const LogHead>& head, uint64_t before) {
    const PlainFile file(place.path);
    uint64_t end = std::min(before, file.size());
    std::string buffer;
    while (end > 0) {
      if (is_late()) {
        result_.complete = false;
        return end;
      }
      const uint64_t start = end - std::min<uint64_t>(end, kBlock);
      std::string_view block = file.read(start, static_cast<size_t>(end - start), buffer);
      result_.scanned_bytes += block.size();
      // What follows the last line's end is being written.
      block = block.substr(0, block.rfind('\n') + 1);
      const size_t head_cut = start == 0 ? 0 : block.find('\n') + 1;
      if (block.empty() || (start != 0 && head_cut >= block.size())) {
        end = start;
        continue;
      }
      if (order_.lines_wanted && !order_.lines_wanted(block.substr(head_cut))) {
        end = start + head_cut;
        continue;
      }
      for (size_t line_end = block.size() - 1; true;) {
        const auto* newline = static_cast<const char*>(::memrchr(block.data(), '\n', line_end));
        const size_t line_start = newline == nullptr ? 0 : static_cast<size_t>(newline - block.data()) + 1;
        if (line_start < head_cut) break;
        if (take(head, block.substr(line_start, line_end - line_start)) && is_full()) {
          const uint64_t rest = start + line_start;
          return rest == 0 ? std::nullopt : std::optional(rest);
        }
        if (line_start <= head_cut) break;
        line_end = line_start - 1;
      }
      end = start + head_cut;
    }
    return std::nullopt;
  }

  /// Reads from the begin, and keeps the last rows that are wanted.
  std::optional<uint64_t> read_compressed(const LogFilePlace& place, const std::shared_ptr<const LogHead>& head, uint64_t before) {
    const GzFile in(::gzopen(place.path.c_str(), "rb"));
    if (in == nullptr) return std::nullopt;
    ::gzbuffer(in.get(), kUnpackBuffer);
    const size_t room = order_.limit - result_.rows.size();
    std::deque<std::pair<uint64_t, std::string>> kept;
    bool more = false;
    const uint64_t end = std::min(before, kMaxUnpacked);
    std::string buffer(kBlock, '\0'), line;
    uint64_t at = 0;  // of `line` in the unpacked file
    const auto take_line = [&](std::string_view text) {
      if (text.empty() || text.front() == '#' || !order_.wanted(*head, text)) return;
      kept.emplace_back(at, text);
      if (kept.size() <= room) return;
      kept.pop_front();
      more = true;
    };
    for (int n; at < end && (n = ::gzread(in.get(), buffer.data(), static_cast<unsigned>(buffer.size()))) > 0;) {
      std::string_view text(buffer.data(), static_cast<size_t>(n));
      result_.scanned_bytes += text.size();
      for (size_t newline; at < end && (newline = text.find('\n')) != std::string_view::npos; text.remove_prefix(newline + 1)) {
        const std::string_view piece = text.substr(0, newline);
        const size_t length = line.size() + piece.size();
        take_line(line.empty() ? piece : std::string_view(line += piece));
        line.clear();
        at += length + 1;
      }
      if (line.size() < kBlock) line += text;
    }
    for (auto it = kept.rbegin(); it != kept.rend(); ++it) result_.rows.push_back({head, std::move(it->second)});
    return more && !kept.empty() ? std::optional(kept.front().first) : std::nullopt;
  }

  const ScanOrder& order_;
  ScanResult result_;
};

}  // namespace

ScanResult scan_log(const ScanOrder& order) {
  return Scan(order).run();
}

}  // namespace sensor
