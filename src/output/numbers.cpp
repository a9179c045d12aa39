#include "numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

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

/// Drops zeros from the end, but keeps one digit after the point.
char* trim_zeros(char* end) {
  while (end[-1] == '0' && end[-2] != '.') end--;
  return end;
}

}  // namespace

char* write_tsv_time(TimeNs ns, char* out) {
  return write_seconds(microseconds_of_time(ns), out);
}

char* write_tsv_far_time(int64_t us, char* out) {
  return write_seconds(us, out);
}

char* write_tsv_interval(DurationNs ns, char* out) {
  return write_seconds(microseconds_of_interval(ns), out);
}

char* write_tsv_double(double v, char* out) {
  char* end = std::to_chars(out, out + kNumberChars, v, std::chars_format::fixed, 6).ptr;
  return std::isfinite(v) ? trim_zeros(end) : end;
}

char* write_json_time(TimeNs ns, char* out) {
  return trim_zeros(write_tsv_time(ns, out));
}

char* write_json_far_time(int64_t us, char* out) {
  return trim_zeros(write_seconds(us, out));
}

char* write_json_interval(DurationNs ns, char* out) {
  return trim_zeros(write_tsv_interval(ns, out));
}

char* write_json_double(double v, char* out) {
  constexpr std::string_view kNull = "null", kPoint = ".0";
  if (!std::isfinite(v)) return std::copy(kNull.begin(), kNull.end(), out);
  const bool plain = v == 0 || (std::fabs(v) >= 1e-6 && std::fabs(v) < 1e21);
  char* end = std::to_chars(out, out + kNumberChars, v, plain ? std::chars_format::fixed : std::chars_format::scientific).ptr;
  return plain && std::find(out, end, '.') == end ? std::copy(kPoint.begin(), kPoint.end(), end) : end;
}

}  // namespace sensor
