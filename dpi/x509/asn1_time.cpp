#include "dpi/x509/asn1_time.h"

namespace sensor::x509 {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Two characters as a number; nothing checks that they are digits, as nothing in Zeek does.
int pair_at(std::string_view s, size_t pos) {
  return (s[pos] - '0') * 10 + (s[pos + 1] - '0');
}

/// Days since 1970-01-01 in the Gregorian calendar (months count from 1, and may overflow into years).
int64_t days_from_civil(int64_t year, int64_t month, int64_t day) {
  const int64_t months = year * 12 + month - 1;
  year = months >= 0 ? months / 12 : (months - 11) / 12;
  month = months - year * 12 + 1;
  if (month <= 2) year--;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

/// `text` holds MMDDhhmm and what follows.
TimeResult finish(int64_t year, std::string_view text) {
  const int64_t days = days_from_civil(year, pair_at(text, 0), pair_at(text, 2));
  int64_t seconds = days * 86400 + pair_at(text, 4) * 3600 + pair_at(text, 6) * 60;
  text.remove_prefix(8);
  const auto ends = [&] { return text.empty() || text[0] == 'Z'; };
  if (!ends() && text[0] != '+' && text[0] != '-') {
    if (text.size() < 2) return {0, "x509_time_add_char"};
    seconds += pair_at(text, 0);
    text.remove_prefix(2);
    if (!text.empty() && text[0] == '.') {
      text.remove_prefix(1);
      while (!text.empty() && is_digit(text[0])) text.remove_prefix(1);
    }
  }
  if (ends()) return {seconds};
  if (text.size() < 5) return {0, "x509_time_offset_underflow"};
  if (text[0] != '+' && text[0] != '-') return {0, "x509_time_offset_type"};
  const int64_t offset = pair_at(text, 1) * 3600 + pair_at(text, 3) * 60;
  return {text[0] == '+' ? seconds - offset : seconds + offset};
}

}  // namespace

TimeResult parse_utc_time(std::string_view text) {
  if (text.size() < 11 || text.size() > 17) return {0, "x509_utc_length"};
  if (text.back() != 'Z') return {0, "x509_utc_format"};
  const int64_t century = text[0] < '5' ? 2000 : 1900;
  return finish(century + pair_at(text, 0), text.substr(2));
}

TimeResult parse_generalized_time(std::string_view text) {
  if (text.size() < 12 || text.size() > 23) return {0, "x509_gen_time_length"};
  return finish(pair_at(text, 0) * 100 + pair_at(text, 2), text.substr(4));
}

}  // namespace sensor::x509
