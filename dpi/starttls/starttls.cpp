#include "dpi/starttls/starttls.h"

#include <algorithm>
#include <cctype>

namespace sensor::starttls {
namespace {

constexpr uint8_t kMysqlProtocolVersion = 10;
constexpr uint32_t kMysqlClientSsl = 0x0800;
constexpr size_t kMysqlSslRequestLength = 32;

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}
bool begins_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}
/// The next word, taken off the text.
std::string_view word(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  const std::string_view w = text.substr(0, text.find(' '));
  text.remove_prefix(w.size());
  return w;
}
/// Yes when `data` begins with the prefix, Unsure while it is too short to tell.
Match prefix(Bytes data, std::string_view wanted) {
  const std::string_view text = as_chars(data.first(std::min(data.size(), wanted.size())));
  if (!equal_ignoring_case(text, wanted.substr(0, text.size()))) return Match::No;
  return text.size() == wanted.size() ? Match::Yes : Match::Unsure;
}
/// Whether a line of the client, among the first ones, begins with one of the commands.
bool client_says(Bytes orig, std::initializer_list<std::string_view> commands) {
  std::string_view text = as_chars(orig);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    if (std::ranges::any_of(commands, [&](std::string_view c) { return begins_with(text.substr(0, end), c); })) return true;
    text.remove_prefix(end + 1);
  }
  return false;
}

bool is_mysql_greeting(Bytes resp) {
  ByteReader r(resp);
  const uint32_t length = r.u8() | uint32_t{r.u8()} << 8 | uint32_t{r.u8()} << 16;
  const uint8_t sequence = r.u8(), version = r.u8(), digit = r.u8();
  return r.ok() && length >= 30 && length < 512 && sequence == 0 && version == kMysqlProtocolVersion && std::isdigit(digit) != 0;
}

bool is_xmpp(Bytes orig) {
  const std::string_view text = as_chars(orig);
  return text.find("<stream:stream ") != std::string_view::npos && text.find("='jabber:") != std::string_view::npos;
}

bool is_irc_reply(Bytes resp) {
  std::string_view text = as_chars(resp);
  if (!text.starts_with(':')) return false;
  text.remove_prefix(1);
  word(text);
  const std::string_view code = word(text);
  return code.size() == 3 && std::ranges::all_of(code, [](unsigned char c) { return std::isdigit(c) != 0; });
}

}  // namespace

std::string_view service_name(Carrier carrier) {
  constexpr std::string_view kNames[] = {"imap", "pop3", "irc", "xmpp", "mysql"};
  return kNames[static_cast<size_t>(carrier)];
}

Recognition recognise(Bytes orig, Bytes resp) {
  const auto yes = [](Carrier c) { return Recognition{Match::Yes, c}; };
  if (is_xmpp(orig)) return yes(Carrier::Xmpp);
  if (is_mysql_greeting(resp)) return yes(Carrier::Mysql);
  if (prefix(resp, "* OK ") == Match::Yes) return yes(Carrier::Imap);
  if (prefix(resp, "+OK") == Match::Yes && client_says(orig, {"USER ", "APOP ", "CAPA", "AUTH", "STLS"})) return yes(Carrier::Pop3);
  if (client_says(orig, {"NICK ", "USER ", "CAP ", "STARTTLS"}) && is_irc_reply(resp)) return yes(Carrier::Irc);

  // Text on both sides may still become one of these; a binary first byte may not.
  const auto text = [](Bytes b) { return b.empty() || (b[0] >= ' ' && b[0] < 127); };
  return {text(orig) && text(resp) ? Match::Unsure : Match::No};
}

Outcome Watcher::feed(bool from_client, Bytes bytes) {
  Side& side = sides_[from_client ? 0 : 1];
  side.bytes += bytes.size();
  Outcome out;
  switch (carrier_) {
    case Carrier::Xmpp:
      out = feed_xmpp(from_client, bytes);
      break;
    case Carrier::Mysql:
      out = feed_mysql(from_client, bytes);
      break;
    default:
      out = feed_lines(from_client, bytes);
  }
  if (out.state == Outcome::State::NeedMore && side.bytes > kMaxBytes) out.state = Outcome::State::Done;
  return out;
}

Outcome Watcher::feed_lines(bool from_client, Bytes bytes) {
  std::string& line = sides_[from_client ? 0 : 1].line;
  const std::string_view text = as_chars(bytes);
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    const std::string_view part = text.substr(at, end == std::string_view::npos ? end : end - at);
    line.append(part.substr(0, kMaxLine - std::min(kMaxLine, line.size())));
    if (end == std::string_view::npos) break;
    at = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    const Verdict v = from_client ? client_line(line) : server_line(line);
    line.clear();
    if (v == Verdict::Upgrade) return {Outcome::State::Upgraded, at};
    if (v == Verdict::Over) return {Outcome::State::Done, at};
  }
  return {};
}

Watcher::Verdict Watcher::client_line(std::string_view line) {
  const std::string_view first = word(line);
  const std::string_view second = word(line);
  switch (carrier_) {
    case Carrier::Imap:
      requested_ = equal_ignoring_case(second, "STARTTLS");
      if (requested_) tag_ = first;
      if (equal_ignoring_case(second, "LOGIN") || equal_ignoring_case(second, "AUTHENTICATE")) return Verdict::Over;
      break;
    case Carrier::Pop3:
      requested_ = equal_ignoring_case(first, "STLS");
      break;
    default:
      requested_ = requested_ || equal_ignoring_case(first, "STARTTLS");
  }
  return Verdict::Nothing;
}

Watcher::Verdict Watcher::server_line(std::string_view line) {
  const std::string_view first = word(line);
  const std::string_view second = word(line);
  confirmed_ = true;
  if (!requested_) return Verdict::Nothing;
  bool agreed = false;
  switch (carrier_) {
    case Carrier::Imap:
      if (first != tag_) return Verdict::Nothing;
      agreed = equal_ignoring_case(second, "OK");
      break;
    case Carrier::Pop3:
      agreed = equal_ignoring_case(first, "+OK");
      break;
    default:
      if (second != "670") return Verdict::Nothing;
      agreed = true;
  }
  requested_ = false;
  return agreed ? Verdict::Upgrade : Verdict::Nothing;
}

Outcome Watcher::feed_xmpp(bool from_client, Bytes bytes) {
  std::string& seen = sides_[from_client ? 0 : 1].line;
  const size_t before = seen.size();
  seen += as_chars(bytes);
  Outcome out;
  if (from_client) {
    confirmed_ |= seen.find("<stream:stream") != std::string::npos;
    requested_ |= seen.find("<starttls") != std::string::npos;
    if (seen.find("<message") != std::string::npos || seen.find("<presence") != std::string::npos) out.state = Outcome::State::Done;
  } else if (const size_t at = seen.find("<proceed"); requested_ && at != std::string::npos) {
    const size_t end = seen.find('>', at);
    if (end != std::string::npos) out = {Outcome::State::Upgraded, end + 1 > before ? end + 1 - before : 0};
  }
  if (seen.size() > kMaxLine) seen.erase(0, seen.size() - kMaxLine);
  return out;
}

/// The client answers the greeting with capabilities alone when it asks for TLS, with its credentials when it does not.
Outcome Watcher::feed_mysql(bool from_client, Bytes bytes) {
  if (!from_client) return {};
  std::string& packet = sides_[0].line;
  const size_t before = packet.size();
  packet += as_chars(bytes.first(std::min(bytes.size(), kMaxLine - std::min(kMaxLine, before))));
  ByteReader r(as_bytes(packet));
  const uint32_t length = r.u8() | uint32_t{r.u8()} << 8 | uint32_t{r.u8()} << 16;
  r.skip(1);
  const uint32_t capabilities = r.u32le();
  if (!r.ok()) return {};
  confirmed_ = true;
  if ((capabilities & kMysqlClientSsl) == 0 || length != kMysqlSslRequestLength) return {Outcome::State::Done, 0};
  const size_t end = 4 + kMysqlSslRequestLength;
  if (packet.size() < end) return {};
  return {Outcome::State::Upgraded, end - std::min(end, before)};
}

}  // namespace sensor::starttls
