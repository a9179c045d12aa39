#include "numbers.h"

#include <cmath>

namespace sensor {
namespace {

int64_t floor_div(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

int64_t microseconds_of_time(TimeNs ns) {
  return floor_div(ns, kMicrosecond);
}
int64_t microseconds_of_interval(DurationNs ns) {
  return ns / kMicrosecond + (ns % kMicrosecond >= kMicrosecond / 2 ? 1 : 0) - (ns % kMicrosecond <= -kMicrosecond / 2 ? 1 : 0);
}

/// Sign, seconds, point, six digits; returns the end.
char* write_seconds(int64_t us, char* p) {
  if (us < 0) *p++ = '-';
  const uint64_t v = us < 0 ? ~static_cast<uint64_t>(us) + 1 : static_cast<uint64_t>(us);
  p = std::to_chars(p, p + 20, v / 1'000'000).ptr;
  *p++ = '.';
  auto frac = static_cast<uint32_t>(v % 1'000'000);
  for (int i = 5; i >= 0; i--, frac /= 10) p[i] = static_cast<char>('0' + frac % 10);
  return p + 6;
}

constexpr size_t kSecondsChars = 32;
/// Room for any double in fixed notation.
constexpr size_t kDoubleChars = 360;

/// Drops zeros from the end, but keeps one digit after the point.
char* trim_zeros(char* end) {
  while (end[-1] == '0' && end[-2] != '.') end--;
  return end;
}

void add_trimmed_seconds(int64_t us, TextBuffer& out) {
  char* p = out.reserve(kSecondsChars);
  out.commit(trim_zeros(write_seconds(us, p)));
}

}  // namespace

void add_tsv_time(TimeNs ns, TextBuffer& out) {
  char* p = out.reserve(kSecondsChars);
  out.commit(write_seconds(microseconds_of_time(ns), p));
}

void add_tsv_interval(DurationNs ns, TextBuffer& out) {
  char* p = out.reserve(kSecondsChars);
  out.commit(write_seconds(microseconds_of_interval(ns), p));
}

void add_tsv_double(double v, TextBuffer& out) {
  char* p = out.reserve(kDoubleChars);
  char* end = std::to_chars(p, p + kDoubleChars, v, std::chars_format::fixed, 6).ptr;
  out.commit(std::isfinite(v) ? trim_zeros(end) : end);
}

void add_json_time(TimeNs ns, TextBuffer& out) {
  add_trimmed_seconds(microseconds_of_time(ns), out);
}

void add_json_interval(DurationNs ns, TextBuffer& out) {
  add_trimmed_seconds(microseconds_of_interval(ns), out);
}

void add_json_double(double v, TextBuffer& out) {
  if (!std::isfinite(v)) {
    out.add("null");
    return;
  }
  const bool plain = v == 0 || (std::fabs(v) >= 1e-6 && std::fabs(v) < 1e21);
  char* p = out.reserve(kDoubleChars);
  char* end = std::to_chars(p, p + kDoubleChars, v, plain ? std::chars_format::fixed : std::chars_format::scientific).ptr;
  out.commit(end);
  if (plain && std::string_view(p, static_cast<size_t>(end - p)).find('.') == std::string_view::npos) out.add(".0");
}

}  // namespace sensor
