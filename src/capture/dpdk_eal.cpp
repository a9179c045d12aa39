#include "dpdk_eal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "file_descriptor.h"

namespace sensor {
namespace {

/// Lines of DPDK's that are kept, and how long each may be.
constexpr size_t kLinesKept = 4, kLineBytes = 400;

/// Where DPDK's log goes: a stream (fopencookie(3)) whose lines are kept or passed on.
class DpdkLog {
 public:
  static DpdkLog& instance() {
    static DpdkLog log;
    return log;
  }

  void open() {
    const cookie_io_functions_t functions{nullptr,
                                          [](void* self, const char* text, size_t size) {
                                            static_cast<DpdkLog*>(self)->line({text, size});
                                            return static_cast<ssize_t>(size);
                                          },
                                          nullptr, nullptr};
    std::FILE* stream = ::fopencookie(this, "w", functions);
    if (stream == nullptr) return;
    std::setvbuf(stream, nullptr, _IOLBF, kLineBytes);
    ::rte_openlog_stream(stream);
  }
  std::string take() {
    std::lock_guard lock(mutex_);
    return lines_.empty() ? std::string() : fmt::format("; DPDK says: {}", fmt::join(std::exchange(lines_, {}), "; "));
  }
  void pass_on(std::function<void(const std::string&)> report) {
    std::lock_guard lock(mutex_);
    report_ = std::move(report);
  }

 private:
  void line(std::string_view text) {
    const auto level = static_cast<uint32_t>(::rte_log_cur_msg_loglevel());
    if (level > RTE_LOG_WARNING) return;
    text = text.substr(0, std::min(text.find_last_not_of(" \r\n") + 1, kLineBytes));
    if (text.empty()) return;
    std::lock_guard lock(mutex_);
    if (report_ && level <= RTE_LOG_ERR && text != last_reported_) {
      last_reported_ = text;
      report_(fmt::format("DPDK says: {}", text));
    }
    if (std::ranges::find(lines_, text) != lines_.end()) return;
    if (lines_.size() == kLinesKept) lines_.pop_front();
    lines_.emplace_back(text);
  }

  std::mutex mutex_;
  std::deque<std::string> lines_;
  std::function<void(const std::string&)> report_;
  std::string last_reported_;
};

/// While it lives, what is written to a stream goes to a file without a name: EAL prints its manual when an argument is wrong, and
/// getopt(3) which one it was.
class CaughtStream {
 public:
  explicit CaughtStream(std::FILE* stream) : stream_(stream), before_(::dup(::fileno(stream))), file_(::memfd_create("said", MFD_CLOEXEC)) {
    std::fflush(stream_);
    if (before_.ok() && file_.ok()) ::dup2(file_.get(), ::fileno(stream_));
  }
  ~CaughtStream() {
    std::fflush(stream_);
    if (before_.ok()) ::dup2(before_.get(), ::fileno(stream_));
  }
  std::string first_line() const {
    std::fflush(stream_);
    std::array<char, kLineBytes> text;
    const ssize_t n = ::pread(file_.get(), text.data(), text.size(), 0);
    const std::string_view all(text.data(), n > 0 ? static_cast<size_t>(n) : 0);
    return std::string(all.substr(0, all.find('\n')));
  }

 private:
  std::FILE* stream_;
  FileDescriptor before_, file_;
};

struct Remedy {
  std::string_view sign;  // what DPDK's words have in them
  std::string_view text;
};
constexpr Remedy kRemedies[] = {
    {"hugepage", "reserve huge pages ('dpdk-hugepages.py --setup 1G'), or do without: add '--no-huge -m 1024' to dpdk.eal"},
    {"huge page", "reserve huge pages ('dpdk-hugepages.py --setup 1G'), or do without: add '--no-huge -m 1024' to dpdk.eal"},
    {" memory", "give DPDK what it asks for with -m MIB, or reserve huge pages ('dpdk-hugepages.py --setup 1G')"},
    {"ermission", "run as root, or give the user /dev/vfio and the huge pages ('dpdk-hugepages.py -o USER')"},
    {"rimary process", "another program uses DPDK under this name: add '--file-prefix NAME' to dpdk.eal, or end it"},
    {"VFIO", "load vfio-pci and bind the card to it: 'dpdk-devbind.py --bind=vfio-pci ADDRESS'"},
    {"vdev", "look at the --vdev in dpdk.eal: its driver's page under doc.dpdk.org/guides/nics lists what it takes"},
};

std::string_view remedy_for(std::string_view said) {
  for (const Remedy& r : kRemedies)
    if (said.find(r.sign) != std::string_view::npos) return r.text;
  return "look at the EAL arguments in dpdk.eal or behind --dpdk: doc.dpdk.org/guides/linux_gsg/linux_eal_parameters.html";
}

bool has_option(const std::vector<std::string>& arguments, std::initializer_list<std::string_view> options) {
  const auto is_one = [&](const std::string& a) {
    return std::ranges::any_of(options, [&](std::string_view o) {
      // -l 1,2 and -l1,2; --lcores 1,2 and --lcores=1,2
      const bool is_long = o.starts_with("--");
      return a == o || (a.starts_with(o) && (is_long ? a[o.size()] == '=' : !a.starts_with("--")));
    });
  };
  return std::ranges::any_of(arguments, is_one);
}

bool names_cores(const std::vector<std::string>& arguments) {
  return has_option(arguments, {"-l", "-c", "--lcores"});
}

Result<Eal> start(const std::string& line) {
  Eal eal;
  ::sched_getaffinity(0, sizeof(eal.all), &eal.all);
  const std::vector<std::string> given = split_arguments(line);
  std::vector<std::string> arguments = eal_arguments(given, eal.all);
  std::vector<char*> argv;
  for (std::string& a : arguments) argv.push_back(a.data());
  DpdkLog::instance().open();
  int started = 0;
  std::string first_line;
  {
    const CaughtStream output(stdout), errors(stderr);
    started = ::rte_eal_init(static_cast<int>(argv.size()), argv.data());
    first_line = errors.first_line();
  }
  ::sched_setaffinity(0, sizeof(eal.all), &eal.all);
  if (started < 0) {
    std::string said = dpdk_said();
    if (first_line.find("option") != std::string::npos) said = "; " + first_line + said;
    return Error{Error::Usage,
                 fmt::format("cannot start DPDK with '{}': {}{}; {}", line, ::rte_strerror(rte_errno), said, remedy_for(said))};
  }
  unsigned core = 0;
  if (names_cores(given)) RTE_LCORE_FOREACH(core) eal.cores.push_back(::rte_lcore_cpuset(core));
  return eal;
}

}  // namespace

std::vector<std::string> split_arguments(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  for (const char c : line) {
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      in_word = false;
      continue;
    }
    if (!std::exchange(in_word, true)) words.emplace_back();
    if (quote == 0 && (c == '\'' || c == '"'))
      quote = c;
    else if (c == quote)
      quote = 0;
    else
      words.back() += c;
  }
  return words;
}

std::vector<std::string> eal_arguments(const std::vector<std::string>& given, const cpu_set_t& cores) {
  std::vector<std::string> all{"sensor"};
  if (!names_cores(given)) {
    std::vector<int> numbers;
    for (int i = 0; i < CPU_SETSIZE; i++)
      if (CPU_ISSET(static_cast<size_t>(i), &cores)) numbers.push_back(i);
    all.push_back(fmt::format("--lcores=0@({})", fmt::join(numbers, ",")));
  }
  // Without huge pages EAL's memory is of the older kind, which does not go with --in-memory.
  if (!has_option(given, {"--in-memory", "--proc-type", "--file-prefix", "--huge-dir", "--huge-unlink", "--legacy-mem", "--no-shconf"}))
    all.emplace_back(has_option(given, {"--no-huge"}) ? "--no-shconf" : "--in-memory");
  if (!has_option(given, {"--telemetry", "--no-telemetry"})) all.emplace_back("--no-telemetry");
  all.insert(all.end(), given.begin(), given.end());
  return all;
}

Result<Eal> start_eal(const std::string& arguments) {
  static std::mutex mutex;
  static std::optional<std::pair<std::string, Result<Eal>>> started;
  std::lock_guard lock(mutex);
  if (!started) started.emplace(arguments, start(arguments));
  if (started->first != arguments)
    return Error{Error::Usage, fmt::format("DPDK was started with '{}' in this process; other arguments take a new one", started->first)};
  return started->second;
}

std::string dpdk_said() {
  return DpdkLog::instance().take();
}
void pass_on_dpdk_errors(std::function<void(const std::string&)> report) {
  DpdkLog::instance().pass_on(std::move(report));
}

}  // namespace sensor
