#include "dpi/pop3/pop3.h"

#include <algorithm>
#include <array>

#include "dpi/mime/text.h"

namespace sensor::pop3 {
namespace {

/// In the order of Word.
constexpr auto kWords = std::to_array<std::string_view>({"OK", "ERR", "USER", "PASS", "APOP", "AUTH", "STAT", "LIST", "RETR", "DELE",
                                                         "RSET", "NOOP", "LAST", "QUIT", "TOP", "CAPA", "UIDL", "STLS", "XSENDER"});

/// Zeek takes off one more sign before it compares each word, so that a word may have as many as there are words before it, and one.
std::optional<Word> parse_word(std::string_view text) {
  const size_t signs = std::min(text.find_first_not_of("+-"), text.size());
  const std::string_view bare = text.substr(signs);
  const auto it = std::ranges::find_if(kWords, [&](std::string_view w) { return mime::equals_nocase(w, bare); });
  if (it == kWords.end()) return std::nullopt;
  const auto place = static_cast<size_t>(it - kWords.begin());
  if (signs > place + 1) return std::nullopt;
  return static_cast<Word>(place);
}

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && mime::equals_nocase(text.substr(0, prefix.size()), prefix);
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// USER and APOP have an argument; the other three may stand alone.
bool is_first_command(std::string_view line) {
  constexpr size_t kWord = 4;
  if (begins_with(line, "USER") || begins_with(line, "APOP")) return line.size() > kWord && is_space(line[kWord]);
  return begins_with(line, "CAPA") || begins_with(line, "AUTH") || begins_with(line, "STLS");
}

bool client_speaks(Bytes client) {
  std::string_view text = as_chars(client);
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n\v\f"), text.size()));
    if (is_first_command(text)) return true;
    const size_t end = text.find_first_of("\r\n");
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end);
  }
}

Match server_greets(Bytes server) {
  constexpr std::string_view kGreeting = "+OK";
  const std::string_view text = as_chars(server).substr(0, kGreeting.size());
  if (text != kGreeting.substr(0, text.size())) return Match::No;
  return text.size() == kGreeting.size() ? Match::Yes : Match::Unsure;
}

}  // namespace

Line parse_line(std::string_view line) {
  line = mime::skip_blanks(line.substr(0, line.find('\0')));
  Line out;
  out.first = line.substr(0, line.find(' '));
  out.word = parse_word(out.first);
  line.remove_prefix(out.first.size());
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  out.argument = line.substr(0, line.find_last_not_of(' ') + 1);
  return out;
}

Match looks_like(Bytes client, Bytes server) {
  const Match greeting = server_greets(server);
  if (greeting == Match::No) return Match::No;
  const std::string_view text = as_chars(client);
  const bool binary = !text.empty() && !is_space(text[0]) && (text[0] < ' ' || text[0] > '~');
  if (binary) return Match::No;
  return greeting == Match::Yes && client_speaks(client) ? Match::Yes : Match::Unsure;
}

}  // namespace sensor::pop3
