#include "sensor/app/top_screen.h"

#include <fmt/format.h>
#include <poll.h>
#include <simdjson.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <functional>
#include <utility>
#include <vector>

#include "sensor/api/endpoint.h"
#include "sensor/app/summary.h"

namespace sensor {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;

constexpr int kRefreshMs = 1000;
constexpr double kLeastShown = 0.05;  // percent of a core
constexpr size_t kDefaultRows = 40, kDefaultColumns = 100, kNamesShown = 12;
/// The other screen of the terminal, without a cursor; and back.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l", kLeave = "\x1b[?25h\x1b[?1049l", kHome = "\x1b[H\x1b[2J";

std::atomic<bool> g_left{false};

uint64_t count(const element& e, std::string_view pointer) {
  uint64_t n = 0;
  return e.at_pointer(pointer).get(n) == simdjson::SUCCESS ? n : 0;
}

double number(const element& e, std::string_view pointer) {
  double n = 0;
  return e.at_pointer(pointer).get(n) == simdjson::SUCCESS ? n : 0;
}

std::string text(const element& e, std::string_view pointer) {
  std::string_view t;
  return e.at_pointer(pointer).get(t) == simdjson::SUCCESS ? printable(t) : "";
}

std::string clock_text(double seconds) {
  const auto s = static_cast<uint64_t>(seconds);
  return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

/// Code point at the head, and its length in bytes; 0: there is none (RFC 3629).
std::pair<uint32_t, size_t> code_point(std::string_view t) {
  const auto lead = static_cast<uint8_t>(t[0]);
  const size_t n = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (n == 0 || n > t.size()) return {0, 0};
  uint32_t code = n == 1 ? lead : lead & (0x7fU >> n);
  for (size_t i = 1; i < n; i++) {
    if ((static_cast<uint8_t>(t[i]) & 0xc0) != 0x80) return {0, 0};
    code = code << 6 | (static_cast<uint8_t>(t[i]) & 0x3f);
  }
  return {code, n};
}

bool moves_things(uint32_t c) {
  const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
  const bool direction =
      (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x061c || c == 0xfeff;
  return control || direction;
}

/// Collects lines that fit.
class Screen {
 public:
  Screen(size_t rows, size_t columns) : rows_(rows), columns_(columns) {}
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    if (used_ + 1 >= rows_) return;
    std::string text = fmt::format(format, std::forward<Args>(args)...);
    size_t bytes = 0;
    for (size_t n = 0; n < columns_ && bytes < text.size(); n++)
      bytes += std::max<size_t>(1, code_point(std::string_view(text).substr(bytes)).second);
    out_ += text.substr(0, bytes) + '\n';
    used_++;
  }
  std::string take() { return std::move(out_); }

 private:
  const size_t rows_, columns_;
  size_t used_ = 0;
  std::string out_;
};

std::string short_of(uint64_t n) {
  return short_number(static_cast<double>(n));
}

/// The busiest first, those that sleep left out.
void add_threads(const element& s, Screen& out) {
  array threads;
  if (s.at_pointer("/threads").get(threads) != simdjson::SUCCESS) return;
  std::vector<std::pair<double, std::string>> busy;
  for (const element t : threads)
    if (const double percent = number(t, "/cpu_percent"); percent >= kLeastShown) busy.emplace_back(percent, text(t, "/name"));
  std::ranges::stable_sort(busy, std::greater{}, &std::pair<double, std::string>::first);
  std::string line;
  for (const auto& [percent, name] : busy) line += fmt::format("{}{} {:.1f} %", line.empty() ? "" : ", ", name, percent);
  if (!line.empty()) out.line("{:<14}{}", "cpu by thread", line);
}

void add_head(const element& s, std::optional<TopMark>& mark, Screen& out) {
  TopMark now{count(s, "/traffic/packets"), count(s, "/traffic/bytes"), count(s, "/traffic/connections_opened"),
              count(s, "/ledger/dropped_capture"), number(s, "/uptime_s")};
  const std::string mode = text(s, "/mode"), interfaces = text(s, "/interfaces"), filter = text(s, "/filter");
  out.line("sensor {}  {} {}  up {}{}", text(s, "/version"), mode, interfaces, clock_text(now.uptime_s),
           filter.empty() ? "" : "  filter: " + filter);
  if (uint64_t total = count(s, "/replay/bytes_total"); total != 0)
    out.line("{:.0f} % of {}B read", 100 * number(s, "/replay/bytes_read") / static_cast<double>(total), short_of(total));
  const TopMark before = mark && mark->uptime_s < now.uptime_s ? *mark : TopMark{};
  const double seconds = std::max(0.001, now.uptime_s - before.uptime_s);
  const auto rate = [&](uint64_t total, uint64_t then) {
    return short_number(static_cast<double>(total - std::min(total, then)) / seconds);
  };
  out.line("{}packets/s  {}bit/s  {}connections/s, {} open  {}dropped/s", rate(now.packets, before.packets),
           rate(8 * now.bytes, 8 * before.bytes), rate(now.connections, before.connections), count(s, "/connections_open"),
           rate(now.dropped, before.dropped));
  out.line("{}packets  {}B  {} dropped  {} rows written  memory {}B  lag {:.3f} s", short_of(now.packets), short_of(now.bytes), now.dropped,
           count(s, "/logs/log_records_written"), short_of(count(s, "/memory_bytes")), number(s, "/lag_s"));
  if (s.at_pointer("/disk/free_bytes").error() == simdjson::SUCCESS)
    out.line("cpu {:.1f} %  logs {}B, {}B free", number(s, "/cpu_percent"), short_of(count(s, "/disk/log_bytes")),
             short_of(count(s, "/disk/free_bytes")));
  add_threads(s, out);
  mark = now;
}

void add_workers(const element& s, Screen& out) {
  array workers;
  if (s.at_pointer("/workers").get(workers) != simdjson::SUCCESS || workers.size() == 0) return;
  out.line("");
  out.line("{:<10}{:>12}{:>12}{:>14}{:>12}{:>12}{:>10}", "worker", "packets", "dropped", "ring", "log queue", "lag", "cpu");
  size_t i = 0;
  for (const element w : workers)
    out.line("{:<10}{:>12}{:>12}{:>14}{:>12}{:>10.3f} s{:>8.1f} %", i++, count(w, "/packets"), count(w, "/dropped"),
             fmt::format("{}/{}", count(w, "/ring_queue"), count(w, "/ring_queue_capacity")),
             fmt::format("{}/{}", count(w, "/log_queue"), count(w, "/log_queue_capacity")), number(w, "/lag_s"), number(w, "/cpu_percent"));
}

void add_losses(const element& s, Screen& out) {
  simdjson::dom::object losses;
  if (s.at_pointer("/losses").get(losses) != simdjson::SUCCESS || losses.size() == 0) return;
  out.line("");
  for (const auto loss : losses) {
    uint64_t n = 0;
    if (loss.value.get(n) == simdjson::SUCCESS) out.line("{:<40}{:>16}", printable(loss.key), n);
  }
}

void add_names(const element& t, std::string_view what, std::string_view pointer, Screen& out) {
  simdjson::dom::object names;
  if (t.at_pointer(pointer).get(names) != simdjson::SUCCESS || names.size() == 0) return;
  std::string line;
  size_t shown = 0;
  for (const auto n : names) {
    uint64_t connections = 0;
    if (shown++ == kNamesShown || n.value.get(connections) != simdjson::SUCCESS) break;
    line += fmt::format("{}{} {}", line.empty() ? "" : ", ", printable(n.key), connections);
  }
  out.line("{:<14}{}", what, line);
}

void add_addresses(const element& t, Screen& out) {
  array from, to;
  if (t.at_pointer("/sources_by_bytes").get(from) != simdjson::SUCCESS ||
      t.at_pointer("/destinations_by_bytes").get(to) != simdjson::SUCCESS)
    return;
  const auto cell = [](const array& list, size_t i) {
    element e;
    if (list.at(i).get(e) != simdjson::SUCCESS) return std::string();
    return fmt::format("{:<38}{:>8}B", text(e, "/ip"), short_of(count(e, "/value")));
  };
  out.line("");
  out.line("{:<50}{}", "sent", "received");
  for (size_t i = 0; i < std::max(from.size(), to.size()); i++) out.line("{:<50}{}", cell(from, i), cell(to, i));
}

void write_out(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

std::string printable(std::string_view t) {
  std::string out;
  while (!t.empty()) {
    const auto [code, n] = code_point(t);
    if (n == 0 || moves_things(code))
      out += '?';
    else
      out += t.substr(0, n);
    t.remove_prefix(std::max<size_t>(1, n));
  }
  return out;
}

std::string top_screen(std::string_view status, std::string_view top, size_t rows, size_t columns, std::optional<TopMark>& mark) {
  simdjson::dom::parser status_parser, top_parser;
  element s, t;
  Screen out(rows, columns);
  if (status_parser.parse(simdjson::padded_string(status)).get(s) != simdjson::SUCCESS) return "the sensor's answer cannot be read\n";
  add_head(s, mark, out);
  add_workers(s, out);
  if (top_parser.parse(simdjson::padded_string(top)).get(t) == simdjson::SUCCESS) {
    add_addresses(t, out);
    out.line("");
    add_names(t, "protocols", "/services", out);
    add_names(t, "applications", "/applications", out);
  }
  add_losses(s, out);
  return out.take();
}

int show_top(const Config& config) {
  const std::string socket = status_socket(config);
  const bool terminal = ::isatty(STDOUT_FILENO) != 0;
  std::optional<TopMark> mark;
  if (terminal) {
    std::signal(SIGINT, [](int) { g_left.store(true); });
    std::signal(SIGTERM, [](int) { g_left.store(true); });
    write_out(kEnter);
  }
  std::optional<Error> trouble;
  do {
    const auto status = ask_endpoint(socket, "/api/v1/status"), top = ask_endpoint(socket, "/api/v1/top");
    if (!status.ok() || !top.ok()) {
      trouble = status.ok() ? top.error() : status.error();
      break;
    }
    winsize size{};
    (void)::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    const size_t rows = size.ws_row == 0 ? kDefaultRows : size.ws_row, columns = size.ws_col == 0 ? kDefaultColumns : size.ws_col;
    const std::string screen = top_screen(status.value(), top.value(), rows, columns, mark);
    write_out(terminal ? std::string(kHome) + screen : screen);
  } while (terminal && !g_left.load() && (::poll(nullptr, 0, kRefreshMs), !g_left.load()));
  if (terminal) write_out(kLeave);
  if (!trouble) return 0;
  std::fprintf(stderr, "sensor: %s\n", trouble->message.c_str());
  return trouble->kind;
}

}  // namespace sensor
