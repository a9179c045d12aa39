#include "sensor/output/file_extraction.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

namespace sensor {
namespace {

constexpr mode_t kMode = 0640;

/// 0, or errno. A file whose piece could not be written is removed; its further pieces find none.
int write_piece(const std::filesystem::path& directory, const FilePiece& piece) {
  const std::string path = directory / piece.name;
  const int begin = piece.first ? O_CREAT | O_TRUNC : 0;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | begin, kMode);
  if (fd < 0) return errno;
  int error = 0;
  for (size_t done = 0; done < piece.bytes.size() && error == 0;) {
    const std::string_view rest = std::string_view(piece.bytes).substr(done);
    const ssize_t n = ::pwrite(fd, rest.data(), rest.size(), static_cast<off_t>(piece.offset + done));
    if (n < 0 && errno != EINTR) error = errno;
    if (n > 0) done += static_cast<size_t>(n);
  }
  if (::close(fd) != 0 && error == 0) error = errno;
  if (error != 0) ::unlink(path.c_str());
  return error;
}

}  // namespace

struct FileExtraction::Shared {
  explicit Shared(FileExtractionOptions o) : options(std::move(o)), patient(options.patient) {}

  const FileExtractionOptions options;
  std::array<std::atomic<uint64_t>, static_cast<size_t>(ExtractionCounter::kCount)> counters{};
  std::mutex mutex;
  std::condition_variable work, room;
  // Under the mutex.
  bool patient;
  bool ending = false, ended = false;
  std::deque<FilePiece> waiting;
  size_t queued_bytes = 0;  // of `waiting`, and of what is being written
  uint64_t written_pieces = 0;
  uint64_t accepted_files = 0, accepted_bytes = 0;
  TimeNs minute_began_ns = 0;
  uint64_t files_in_minute = 0;

  void count(ExtractionCounter c, uint64_t n = 1) { counters[static_cast<size_t>(c)].fetch_add(n, std::memory_order_relaxed); }
  bool has_room(size_t bytes) const { return queued_bytes == 0 || queued_bytes + bytes <= options.max_queued_bytes; }
  bool wait_for_room(std::unique_lock<std::mutex>& lock, size_t bytes);
};

/// Once it has waited in vain, nobody waits any more: a disk that hangs costs a replay a few seconds.
bool FileExtraction::Shared::wait_for_room(std::unique_lock<std::mutex>& lock, size_t bytes) {
  while (patient && !has_room(bytes)) {
    const uint64_t before = written_pieces;
    patient = room.wait_for(lock, kLongestStall, [&] { return written_pieces != before; });
  }
  return has_room(bytes);
}

FileExtraction::FileExtraction(FileExtractionOptions options) : shared_(std::make_shared<Shared>(std::move(options))) {}

void FileExtraction::start() {
  thread_ = std::thread([shared = shared_] { run(shared); });
  ::pthread_setname_np(thread_.native_handle(), "files");
}

FileExtraction::~FileExtraction() {
  finish();
}

Result<std::unique_ptr<FileExtraction>> FileExtraction::create(FileExtractionOptions options) {
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (!error && ::access(options.directory.c_str(), W_OK | X_OK) != 0) error = std::error_code(errno, std::generic_category());
  if (error) {
    return Error{Error::Usage, fmt::format("cannot keep files in {}: {}; name another directory with files.extract_dir",
                                           options.directory.string(), error.message())};
  }
  return std::unique_ptr<FileExtraction>(new FileExtraction(std::move(options)));
}

bool FileExtraction::admit(TimeNs now_ns) {
  Shared& s = *shared_;
  const std::lock_guard lock(s.mutex);
  // Workers' clocks differ a little: only a later one begins a minute.
  if (now_ns - s.minute_began_ns >= kMinute || s.accepted_files == 0) {
    s.minute_began_ns = now_ns;
    s.files_in_minute = 0;
  }
  const bool rate = s.options.max_files_per_minute == 0 || s.files_in_minute < s.options.max_files_per_minute;
  if (!rate || s.accepted_files >= s.options.max_files || s.accepted_bytes >= s.options.max_bytes) {
    s.count(ExtractionCounter::FilesRefused);
    return false;
  }
  s.accepted_files++;
  s.files_in_minute++;
  s.count(ExtractionCounter::Files);
  return true;
}

bool FileExtraction::take(FilePiece piece) {
  Shared& s = *shared_;
  const size_t size = piece.bytes.size();
  std::unique_lock lock(s.mutex);
  if (size > s.options.max_bytes - std::min(s.options.max_bytes, s.accepted_bytes) || !s.wait_for_room(lock, size)) {
    s.count(ExtractionCounter::PiecesRefused);
    return false;
  }
  s.accepted_bytes += size;
  s.queued_bytes += size;
  s.waiting.push_back(std::move(piece));
  s.work.notify_one();
  return true;
}

void FileExtraction::run(const std::shared_ptr<Shared>& shared) {
  Shared& s = *shared;
  std::set<int> reported;
  std::unique_lock lock(s.mutex);
  while (true) {
    s.work.wait(lock, [&] { return s.ending || !s.waiting.empty(); });
    if (s.waiting.empty()) break;
    const FilePiece piece = std::move(s.waiting.front());
    s.waiting.pop_front();
    lock.unlock();
    const int error = write_piece(s.options.directory, piece);
    s.count(error == 0 ? ExtractionCounter::BytesWritten : ExtractionCounter::BytesLost, piece.bytes.size());
    const bool follows_a_loss = error == ENOENT && !piece.first;
    if (error != 0 && !follows_a_loss && reported.insert(error).second && s.options.report) {
      s.options.report(fmt::format("cannot keep files in {}: {}; what does not get there is lost, and counted as file_bytes_lost",
                                   s.options.directory.string(), std::strerror(error)));
    }
    lock.lock();
    s.queued_bytes -= piece.bytes.size();
    s.written_pieces++;
    s.room.notify_all();
  }
  s.ended = true;
  s.room.notify_all();
}

void FileExtraction::finish() {
  if (!thread_.joinable()) return;
  Shared& s = *shared_;
  std::unique_lock lock(s.mutex);
  s.ending = true;
  s.work.notify_one();
  bool moves = true;
  while (!s.ended && moves) {
    const uint64_t before = s.written_pieces;
    moves = s.room.wait_for(lock, kLongestStall, [&] { return s.ended || s.written_pieces != before; });
  }
  if (s.ended) {
    lock.unlock();
    thread_.join();
    return;
  }
  s.count(ExtractionCounter::BytesLost, s.queued_bytes);
  s.waiting.clear();
  thread_.detach();
}

uint64_t FileExtraction::get(ExtractionCounter c) const {
  return shared_->counters[static_cast<size_t>(c)].load(std::memory_order_relaxed);
}

}  // namespace sensor
