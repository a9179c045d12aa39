#include "sensor/api/process_sampler.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace sensor {
namespace {

namespace fs = std::filesystem;
using std::chrono::duration;

constexpr std::chrono::seconds kDiskInterval{10}, kGrowthSpan{300};

uint64_t value_of(const std::vector<CounterValue>& values, std::string_view name) {
  for (const auto& [info, n] : values)
    if (info.name == name) return n;
  return 0;
}

struct ThreadTime {
  std::string name;
  uint64_t ns = 0;  // on a processor
};

/// proc(5): the name is in "comm", the time on a processor is the first number in "schedstat".
ThreadTime thread_time(const fs::path& task) {
  ThreadTime t;
  std::ifstream name(task / "comm"), time(task / "schedstat");
  std::getline(name, t.name);
  time >> t.ns;
  return t;
}

/// Names that the libraries chose, or nobody.
std::string shown_name(const std::string& name) {
  if (name.starts_with("MHD")) return "http";
  return name == "sensor" ? "main" : name;
}

uint64_t bytes_of_logs(const std::string& directory) {
  uint64_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator at(directory, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code gone;
    const std::string name = at->path().filename().string();
    const bool is_log = name.ends_with(".log") || name.ends_with(".json") || name.ends_with(".gz");
    if (is_log && at->is_regular_file(gone)) bytes += at->file_size(gone);
    if (gone) continue;
  }
  return bytes;
}

}  // namespace

ProcessStatus ProcessSampler::tick(const RunStatus& run, uint64_t run_number) {
  ProcessStatus p;
  const auto now = Clock::now();
  const double seconds = std::max(1e-3, duration<double>(now - last_).count());
  last_ = now;
  p.time = duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  p.interval_s = seconds;
  p.uptime_s = duration<double>(now - start_).count();
  if (std::exchange(run_number_, run_number) != run_number) totals_ = {};
  const auto rate = [seconds](uint64_t& before, uint64_t total) {
    const uint64_t last = std::exchange(before, total);
    return static_cast<double>(total - std::min(total, last)) / seconds;
  };
  p.rates.packets = rate(totals_.packets, value_of(run.traffic, "packets"));
  p.rates.bits = 8 * rate(totals_.bytes, value_of(run.traffic, "bytes"));
  p.rates.connections = rate(totals_.connections, run.ledger.connections_opened);
  p.rates.drops = rate(totals_.drops, run.ledger.dropped_capture);
  p.rates.records = rate(totals_.records, run.ledger.records_written);
  look_at_threads(seconds, p);
  look_at_disk(now, p);
  return p;
}

void ProcessSampler::look_at_threads(double seconds, ProcessStatus& out) {
  std::map<std::string, double> by_name;
  std::map<std::string, uint64_t> times;
  const bool first = times_.empty();
  std::error_code error;
  for (const auto& task : fs::directory_iterator("/proc/self/task", error)) {
    const ThreadTime t = thread_time(task.path());
    const std::string id = task.path().filename().string();
    if (t.name.empty()) continue;
    times[id] = t.ns;
    const auto before = times_.find(id);
    const uint64_t then = before != times_.end() ? before->second : first ? t.ns : 0;
    const uint64_t spent = t.ns - std::min(t.ns, then);
    by_name[shown_name(t.name)] += 100 * static_cast<double>(spent) / 1e9 / seconds;
  }
  times_ = std::move(times);
  for (const auto& [name, percent] : by_name) {
    out.threads.emplace_back(name, percent);
    out.cpu_percent += percent;
  }
}

void ProcessSampler::look_at_disk(Clock::time_point now, ProcessStatus& out) {
  if (disk_looked_ == Clock::time_point{} || now - disk_looked_ >= kDiskInterval) {
    disk_looked_ = now;
    log_bytes_ = 0;
    for (const std::string& d : log_dirs_) log_bytes_ += bytes_of_logs(d);
    struct statvfs space {};
    if (!log_dirs_.empty() && ::statvfs(log_dirs_[0].c_str(), &space) == 0)
      free_bytes_ = static_cast<uint64_t>(space.f_bavail) * space.f_frsize;
    sizes_.emplace_back(now, log_bytes_);
    while (now - sizes_.front().first > kGrowthSpan) sizes_.pop_front();
    const auto& [since, then] = sizes_.front();
    growth_ = log_bytes_ > then ? static_cast<double>(log_bytes_ - then) / duration<double>(now - since).count() : 0;
  }
  out.log_bytes = log_bytes_;
  out.free_bytes = free_bytes_;
  out.log_bytes_per_s = growth_;
}

}  // namespace sensor
