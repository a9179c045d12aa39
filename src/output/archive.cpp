#include "archive.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <fstream>
#include <memory>
#include <vector>

namespace sensor {
namespace {

namespace fs = std::filesystem;

/// Old logs are looked for at least this often.
constexpr std::chrono::minutes kSweepInterval{10};
constexpr int kMaxNamesOfOneTime = 1000;
constexpr int kLowestPriority = 19;

tm broken_down(TimeNs t, Clockface clockface) {
  const auto seconds = static_cast<time_t>(t / kSecond);
  tm parts{};
  (clockface == Clockface::Utc ? gmtime_r : localtime_r)(&seconds, &parts);
  return parts;
}

std::string clock_text(TimeNs t, Clockface clockface) {
  const tm p = broken_down(t, clockface);
  return fmt::format("{:02}:{:02}:{:02}", p.tm_hour, p.tm_min, p.tm_sec);
}

std::string day_text(TimeNs t, Clockface clockface) {
  const tm p = broken_down(t, clockface);
  return fmt::format("{:04}-{:02}-{:02}", p.tm_year + 1900, p.tm_mon + 1, p.tm_mday);
}

/// A directory of one day, as day_text() names it.
bool is_day(const std::string& name) {
  constexpr std::string_view kShape = "dddd-dd-dd";
  return name.size() == kShape.size() && std::equal(name.begin(), name.end(), kShape.begin(),
                                                    [](char c, char shape) { return shape == 'd' ? c >= '0' && c <= '9' : c == shape; });
}

bool is_taken(const fs::path& p) {
  std::error_code ignored;
  return fs::exists(p, ignored);
}

struct Archived {
  fs::path path;
  fs::file_time_type written;
  uint64_t bytes;
};

/// The logs in the directories of days; nothing else is looked at.
std::vector<Archived> archived_logs(const fs::path& archive) {
  std::vector<Archived> all;
  std::error_code error;
  for (const auto& day : fs::directory_iterator(archive, error)) {
    if (!is_day(day.path().filename().string())) continue;
    for (const auto& file : fs::directory_iterator(day.path(), error)) {
      if (file.path().filename().string().find(".log") == std::string::npos) continue;
      std::error_code gone;
      const Archived a{file.path(), fs::last_write_time(file.path(), gone), fs::file_size(file.path(), gone)};
      if (!gone) all.push_back(a);
    }
  }
  return all;
}

}  // namespace

TimeNs next_rotation(TimeNs t, DurationNs interval, Clockface clockface) {
  const TimeNs offset = broken_down(t, clockface).tm_gmtoff * kSecond;
  const TimeNs local = t + offset;
  return local - ((local % interval) + interval) % interval + interval - offset;
}

LogArchive::LogArchive(RotationOptions options, bool patient, std::function<void(const std::string&)> report)
    : patient_(patient), report_(std::move(report)), options_(std::move(options)), thread_([this] { run(); }) {
  ::pthread_setname_np(thread_.native_handle(), "archive");
}

LogArchive::~LogArchive() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    hurry_.store(!patient_, std::memory_order_relaxed);
  }
  wake_.notify_one();
  thread_.join();
}

void LogArchive::set_options(const RotationOptions& options) {
  std::lock_guard lock(mutex_);
  options_ = options;
}

fs::path LogArchive::place_for(const std::string& log, const std::string& suffix, TimeNs start, TimeNs end, Clockface clockface) {
  fs::path day;
  {
    std::lock_guard lock(mutex_);
    day = fs::path(options_.archive) / day_text(start, clockface);
  }
  std::error_code error;
  fs::create_directories(day, error);
  if (error) return {};
  const std::string name = fmt::format("{}.{}-{}", log, clock_text(start, clockface), clock_text(end, clockface));
  for (int i = 1; i < kMaxNamesOfOneTime; i++) {
    fs::path place = day / (name + (i == 1 ? "" : fmt::format(".{}", i)) + suffix);
    if (!is_taken(place) && !is_taken(place.string() + ".gz")) return place;
  }
  return {};
}

void LogArchive::add(const fs::path& file) {
  archived_.fetch_add(1, std::memory_order_relaxed);
  {
    std::lock_guard lock(mutex_);
    waiting_.push_back(file);
  }
  wake_.notify_one();
}

/// Plain logs in the archive: an earlier run ended before it had compressed them.
void LogArchive::take_over_leftovers() {
  std::lock_guard lock(mutex_);
  for (const Archived& a : archived_logs(options_.archive))
    if (a.path.extension() == ".log" || a.path.extension() == ".json") waiting_.push_back(a.path);
}

void LogArchive::run() {
  // Compressing can wait; workers cannot. On Linux this is the thread's priority, not the process's (setpriority(2)).
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kLowestPriority);
  if (!patient_) take_over_leftovers();
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait_for(lock, kSweepInterval, [this] { return ending_ || !waiting_.empty(); });
    const bool last = ending_ && (waiting_.empty() || hurry_.load(std::memory_order_relaxed));
    if (last && !waiting_.empty()) return;
    fs::path file;
    if (!waiting_.empty()) {
      file = std::move(waiting_.front());
      waiting_.pop_front();
    }
    const RotationOptions options = options_;
    lock.unlock();
    if (!file.empty() && options.compress) compress(file);
    delete_old(options);
    lock.lock();
    if (last) return;
  }
}

/// Under another name until it is whole.
void LogArchive::compress(const fs::path& file) {
  const fs::path whole = file.string() + ".gz", part = file.string() + ".gz.part";
  std::ifstream in(file, std::ios::binary);
  const std::unique_ptr<gzFile_s, decltype(&::gzclose)> out(::gzopen(part.c_str(), "wb"), &::gzclose);
  bool good = in.good() && out != nullptr;
  std::vector<char> piece(1 << 18);
  while (good && !hurry_.load(std::memory_order_relaxed)) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto n = static_cast<unsigned>(in.gcount());
    if (n == 0) break;
    good = ::gzwrite(out.get(), piece.data(), n) == static_cast<int>(n);
  }
  good = good && in.eof() && ::gzflush(out.get(), Z_FINISH) == Z_OK;
  std::error_code error;
  if (good) fs::rename(part, whole, error);
  if (good && !error) {
    fs::remove(file, error);
    return;
  }
  fs::remove(part, error);
  if (hurry_.load(std::memory_order_relaxed)) return;
  failed_.fetch_add(1, std::memory_order_relaxed);
  if (report_)
    report_(
        fmt::format("cannot compress {}; it stays as it is: look for free space with 'df {}'", file.string(), file.parent_path().string()));
}

void LogArchive::delete_old(const RotationOptions& options) {
  if (options.keep_ns == 0 && options.keep_bytes == 0) return;
  std::vector<Archived> logs = archived_logs(options.archive);
  std::ranges::sort(logs, std::greater{}, &Archived::written);
  const auto now = fs::file_time_type::clock::now();
  uint64_t bytes = 0;
  std::error_code ignored;
  for (const Archived& a : logs) {
    bytes += a.bytes;
    const bool old = options.keep_ns != 0 && now - a.written > std::chrono::nanoseconds(options.keep_ns);
    const bool too_much = options.keep_bytes != 0 && bytes > options.keep_bytes;
    if (!old && !too_much) continue;
    fs::remove(a.path, ignored);
    fs::remove(a.path.parent_path(), ignored);  // succeeds when it is empty
  }
}

}  // namespace sensor
