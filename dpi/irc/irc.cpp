#include "dpi/irc/irc.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sensor::irc {
namespace {

constexpr size_t kShortest = 3;
constexpr char kCtcpMark = '\x01';  // around what clients say to clients

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
std::string_view without_spaces(std::string_view s) {
  s.remove_prefix(std::min(s.find_first_not_of(' '), s.size()));
  return s;
}
std::string_view without_colon(std::string_view s) {
  if (s.starts_with(':')) s.remove_prefix(1);
  return s;
}
std::string_view up_to_nul(std::string_view s) {
  return s.substr(0, s.find('\0'));
}
/// The number that a word begins with.
std::optional<uint32_t> number(std::string_view word) {
  uint32_t n = 0;
  const auto r = std::from_chars(word.data(), word.data() + word.size(), n);
  return r.ec == std::errc{} ? std::optional(n) : std::nullopt;
}

/// Takes tags and prefix off; false where nothing can follow.
bool take_prefix(std::string_view& text, Line& line) {
  if (text.starts_with('@')) {
    const size_t end = text.find(' ');
    line.kind = LineKind::Tags;
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
  if (text.starts_with(':')) {
    const size_t end = text.find(' ');
    line.kind = LineKind::OnlyPrefix;
    if (end == std::string_view::npos) return false;
    line.prefix = text.substr(1, end - 1);
    text = without_spaces(text.substr(end + 1));
  }
  line.kind = LineKind::NoCommand;
  return text.size() >= kShortest;
}

/// The number of a reply.
bool parse_code(std::string_view& text, Line& line) {
  line.kind = LineKind::BadReply;
  if (!is_digit(text[1]) || !is_digit(text[2]) || text.size() <= kShortest || text[3] != ' ') return false;
  line.code = number(text.substr(0, 3)).value_or(0);
  text.remove_prefix(4);
  return true;
}

/// Most lines of other protocols can be told from those looked for by their first letter.
bool may_begin(std::string_view line, std::string_view first_letters) {
  line = without_spaces(line);
  return !line.empty() && (line[0] == ':' || line[0] == '@' || first_letters.find(upper(line[0])) != std::string_view::npos);
}
/// Whether one of the lines that have ended is wanted.
bool any_line(std::string_view text, std::string_view first_letters, bool (*wanted)(std::string_view)) {
  size_t cr = 0, lf = 0;  // the next of each
  for (size_t begin = 0; begin < text.size();) {
    if (cr <= begin) cr = std::min(text.find('\r', begin), text.size());
    if (lf <= begin) lf = std::min(text.find('\n', begin), text.size());
    const size_t end = std::min(cr, lf);
    if (end == text.size()) return false;
    const std::string_view line = text.substr(begin, end - begin);
    if (may_begin(line, first_letters) && wanted(line)) return true;
    begin = end + 1;
  }
  return false;
}
bool is_introduction(std::string_view line) {
  const Line l = parse_line(line);
  constexpr std::string_view kCommands[] = {"NICK", "USER", "CAP", "STARTTLS", "SERVER"};
  return l.kind == LineKind::Command && (!l.parameters.empty() || l.command == "STARTTLS") &&
         std::ranges::find(kCommands, l.command) != std::end(kCommands);
}
bool is_numbered_reply(std::string_view line) {
  const Line l = parse_line(line);
  return l.kind == LineKind::Reply && !l.prefix.empty();
}
bool is_server(std::string_view line) {
  const Line l = parse_line(line);
  return l.kind == LineKind::Command && l.command == "SERVER" && l.parameters.find(" :") != std::string_view::npos;
}

}  // namespace

Line parse_line(std::string_view text) {
  Line line;
  if (text.size() > kMaxLine) {
    line.kind = LineKind::TooLong;
    return line;
  }
  text = without_spaces(text);
  if (text.size() < kShortest) {
    line.kind = LineKind::TooShort;
    return line;
  }
  if (!take_prefix(text, line)) return line;
  if (is_digit(text[0])) {
    if (!parse_code(text, line)) return line;
    line.kind = line.code > 0 ? LineKind::Reply : LineKind::Command;
  } else {
    line.kind = LineKind::Command;
    line.command = text.substr(0, text.find(' '));
    text = without_spaces(text.substr(line.command.size()));
    std::ranges::transform(line.command, line.command.begin(), upper);
  }
  line.parameters = text;
  return line;
}

bool is_client_command(std::string_view command) {
  static constexpr std::string_view kCommands[] = {
      "ADMIN",   "AWAY",     "CNOTICE", "CPRIVMSG", "CONNECT", "DIE",   "ENCAP",   "ERROR",  "INFO",    "INVITE", "ISON",
      "JOIN",    "KICK",     "KILL",    "KNOCK",    "LINKS",   "LIST",  "LUSERS",  "MODE",   "MOTD",    "NAMES",  "NICK",
      "NOTICE",  "OPER",     "PART",    "PASS",     "PING",    "PONG",  "PRIVMSG", "QUIT",   "REHASH",  "RULES",  "SERVER",
      "SERVICE", "SERVLIST", "SETNAME", "SILENCE",  "SQUERY",  "SQUIT", "STATS",   "SUMMON", "TIME",    "TOPIC",  "TRACE",
      "USER",    "USERHOST", "USERS",   "VERSION",  "WALLOPS", "WHO",   "WHOIS",   "WHOWAS", "STARTTLS"};
  return std::ranges::find(kCommands, command) != std::end(kCommands);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

User parse_user(std::string_view parameters) {
  constexpr size_t kNameAt = 3;
  const auto words = split(parameters, ' ');
  const auto word = [&](size_t i) { return i < words.size() ? up_to_nul(words[i]) : std::string_view{}; };
  User u{word(0), word(1), word(2), {}};
  for (size_t i = kNameAt; i < words.size(); i++) {
    u.real_name += words[i];
    if (i > kNameAt) u.real_name += ' ';
  }
  u.real_name = without_colon(up_to_nul(u.real_name));
  return u;
}

std::vector<Join> parse_join(std::string_view parameters) {
  const auto words = split(without_colon(parameters), ' ');
  std::vector<Join> out;
  if (words.empty()) return out;
  const auto keys = words.size() > 1 ? split(words[1], ',') : std::vector<std::string_view>{};
  for (const std::string_view channel : split(words[0], ',')) {
    const std::string_view key = out.size() < keys.size() ? keys[out.size()] : std::string_view{};
    out.push_back({channel, key});
  }
  return out;
}

std::vector<Join> parse_njoin(std::string_view parameters) {
  const auto words = split(parameters, ' ');
  if (words.size() != 2) return {};
  return std::vector<Join>(split(without_colon(words[1]), ',').size(), Join{words[0], {}});
}

Message parse_message(std::string_view parameters) {
  Message m;
  const size_t end = parameters.find(' ');
  if (end == std::string_view::npos) {
    m.kind = Message::Kind::NoText;
    return m;
  }
  std::string_view text = without_colon(without_spaces(parameters.substr(end + 1)));
  if (text.starts_with(kCtcpMark)) text.remove_prefix(1);
  if (text.size() <= 3 || !text.starts_with("DCC")) return m;
  if (text.ends_with(kCtcpMark)) text.remove_suffix(1);
  // "DCC" type argument address port [size ["T", for transfers that wait for no acknowledgement]]
  const auto words = split(text, ' ');
  m.kind = Message::Kind::BadOffer;
  if (words.size() < 5 || words.size() > 7 || (words.size() == 7 && words[6] != "T")) return m;
  const auto address = number(words[3]), port = number(words[4]);
  m.kind = Message::Kind::BadAddress;
  if (!address) return m;
  m.kind = Message::Kind::BadPort;
  m.bad_port = port.value_or(0);
  if (!port || *port > UINT16_MAX) return m;
  m.kind = Message::Kind::Offer;
  m.offer = {words[1], words[2], *address, static_cast<uint16_t>(*port), 0};
  if (words.size() > 5) std::from_chars(words[5].data(), words[5].data() + words[5].size(), m.offer.size);
  return m;
}

Match looks_like(Bytes client, Bytes server) {
  const std::string_view c = as_chars(client), s = as_chars(server);
  // A server introduces itself to another one as clients do to it, so what is no introduction need not be looked at twice.
  if (!s.empty() && any_line(c, "NUCS", is_introduction)) {
    if (any_line(s, {}, is_numbered_reply)) return Match::Yes;
    if (any_line(c, "S", is_server) && any_line(s, "S", is_server)) return Match::Yes;
  }
  // A line of text on either side may still become one of these; a byte that is none may not.
  const auto text = [](std::string_view b) { return b.empty() || (b[0] >= ' ' && b[0] < 127); };
  return text(c) && text(s) ? Match::Unsure : Match::No;
}

}  // namespace sensor::irc
