#include "dpi/syslog/syslog.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace sensor::syslog {
namespace {

constexpr std::string_view kUnspecified = "UNSPECIFIED";
constexpr std::array<std::string_view, 24> kFacilities{"KERN",   "USER",   "MAIL",     "DAEMON", "AUTH",   "SYSLOG", "LPR",    "NEWS",
                                                       "UUCP",   "CRON",   "AUTHPRIV", "FTP",    "NTP",    "AUDIT",  "ALERT",  "CLOCK",
                                                       "LOCAL0", "LOCAL1", "LOCAL2",   "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6", "LOCAL7"};
constexpr std::array<std::string_view, 8> kSeverities{"EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG"};

/// The number between angle brackets, taken off the text.
bool take_priority(std::string_view& text, uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), value);
  const auto digits = static_cast<size_t>(end - text.data());
  if (error != std::errc() || digits == text.size() || text[digits] != '>') return false;
  text.remove_prefix(digits + 1);
  return true;
}

/// "Oct 11 22:14:15" (RFC 3164 section 4.1.2).
bool begins_with_date(std::string_view text) {
  constexpr std::string_view kMonths = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
  constexpr std::string_view kShape = "??? dd dd:dd:dd";
  if (text.size() < kShape.size()) return false;
  for (size_t i = 3; i < kShape.size(); i++) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !digit && !(i == 4 && text[i] == ' ') : text[i] != kShape[i]) return false;
  }
  const size_t month = kMonths.find(text.substr(0, 3));
  return month != std::string_view::npos && month % 4 == 0;
}

/// "1 2003-10-11T…" or "1 - " (RFC 5424 section 6).
bool begins_with_version(std::string_view text) {
  const auto digit = [&](size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.starts_with("1 - ")) return true;
  return text.size() > 12 && text.starts_with("1 ") && digit(2) && digit(3) && digit(4) && digit(5) && text[6] == '-' && text[9] == '-' &&
         text[12] == 'T';
}

}  // namespace

bool parse(Bytes datagram, Message& m) {
  m = {};
  m.text = as_chars(datagram);
  if (!m.text.starts_with('<')) return true;
  uint64_t value = 0;
  if (!take_priority(m.text, value)) return false;
  m.priority = {static_cast<uint8_t>(value >> 3 & 0x7f), static_cast<uint8_t>(value & 7)};
  return true;
}

bool looks_like_message(Bytes datagram) {
  Message m;
  if (!parse(datagram, m) || !m.priority || m.priority->facility >= kFacilities.size()) return false;
  return begins_with_date(m.text) || begins_with_version(m.text);
}

std::string_view facility_name(const Message& m) {
  // What 7 bits may say beyond the names, made once.
  static const auto kUnnamed = [] {
    std::array<std::string, 128> names;
    for (size_t i = kFacilities.size(); i < names.size(); i++) names[i] = "?-" + std::to_string(i);
    return names;
  }();
  if (!m.priority) return kUnspecified;
  return m.priority->facility < kFacilities.size() ? kFacilities[m.priority->facility] : std::string_view(kUnnamed[m.priority->facility]);
}

std::string_view severity_name(const Message& m) {
  return m.priority ? kSeverities[m.priority->severity] : kUnspecified;
}

}  // namespace sensor::syslog
