#include "dpi/redis/words.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace sensor::redis {
namespace {

bool is_space(char c) {
  return c == '\0' || c == '\t' || c == '\n' || c == '\r' || c == ' ';
}

/// Where the word ends that begins at `at`.
size_t word_end(std::string_view line, size_t at) {
  char quote = 0;
  while (at < line.size()) {
    const char c = line[at];
    if (quote != 0) {
      if (c == '\\' && at + 1 < line.size() && line[at + 1] == quote) {
        at++;
      } else if (c == quote) {
        quote = 0;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (is_space(c)) {
      break;
    }
    at++;
  }
  return at;
}

struct Known {
  std::string_view name;
  Places places;
};
constexpr auto kKnown = std::to_array<Known>({
    {"append", {1, 2}}, {"bitcount", {1, 0}}, {"bitfield", {1, 0}}, {"bitfield_ro", {1, 0}}, {"bitop", {2, 0}},    {"bitpos", {1, 0}},
    {"blmpop", {3, 0}}, {"blpop", {1, 0}},    {"brpop", {1, 0}},    {"copy", {1, 0}},        {"decr", {1, 0}},     {"decrby", {1, 2}},
    {"del", {1, 0}},    {"dump", {1, 0}},     {"exists", {1, 0}},   {"expire", {1, 2}},      {"expireat", {1, 2}}, {"expiretime", {1, 0}},
    {"get", {1, 0}},    {"getbit", {1, 2}},   {"getdel", {1, 0}},   {"getex", {1, 0}},       {"getrange", {1, 0}}, {"getset", {1, 2}},
    {"hdel", {1, 2}},   {"hget", {1, 2}},     {"hset", {1, 0}},     {"incr", {1, 0}},        {"incrby", {1, 2}},   {"keys", {1, 0}},
    {"mget", {1, 0}},   {"move", {1, 2}},     {"mset", {1, 2}},     {"persist", {1, 0}},     {"rename", {1, 2}},   {"set", {1, 2}},
    {"strlen", {1, 0}}, {"ttl", {1, 0}},      {"type", {1, 0}},
});
constexpr std::array<std::string_view, 6> kWithoutReply{"psubscribe", "punsubscribe", "ssubscribe",
                                                        "subscribe",  "sunsubscribe", "unsubscribe"};
constexpr std::array<std::string_view, 3> kSubscribing{"psubscribe", "ssubscribe", "subscribe"};

/// A line that begins as a reply does.
Match is_reply(Bytes server) {
  constexpr size_t kMaxLine = 2000;
  const std::string_view text = as_chars(server);
  if (text.empty()) return Match::Unsure;
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(1, end == std::string_view::npos ? end : end - 1);
  const Match whole = end == std::string_view::npos ? (text.size() > kMaxLine ? Match::No : Match::Unsure)
                      : line.ends_with('\r')        ? Match::Yes
                                                    : Match::No;
  if (std::string_view("-+_,").find(text[0]) != std::string_view::npos) return whole;
  if (std::string_view(":$*#(!=%`~>").find(text[0]) == std::string_view::npos) return Match::No;
  const std::string_view digits = whole == Match::Yes ? line.substr(0, line.size() - 1) : line;
  const bool number =
      std::ranges::all_of(digits, [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == '\r'; });
  return number && !(whole == Match::Yes && digits.empty()) ? whole : Match::No;
}

Match is_command(Bytes client) {
  const std::string_view text = as_chars(client);
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return Match::Unsure;
  return end > 0 && text[end - 1] == '\r' ? Match::Yes : Match::No;
}

}  // namespace

std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> out;
  for (size_t at = 0;;) {
    while (at < line.size() && is_space(line[at])) at++;
    if (at == line.size()) return out;
    const size_t end = word_end(line, at);
    out.emplace_back(line.substr(at, end - at));
    at = end;
  }
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

Places places(std::string_view name) {
  const auto it = std::ranges::find_if(kKnown, [&](const Known& k) { return equal_ignoring_case(k.name, name); });
  return it != kKnown.end() ? it->places : Places{};
}

bool has_no_reply(std::string_view name) {
  return std::ranges::any_of(kWithoutReply, [&](std::string_view n) { return equal_ignoring_case(n, name); });
}

bool subscribes(std::string_view name) {
  return std::ranges::any_of(kSubscribing, [&](std::string_view n) { return equal_ignoring_case(n, name); });
}

Match looks_like(Bytes client, Bytes server) {
  return std::min(is_command(client), is_reply(server));
}

}  // namespace sensor::redis
