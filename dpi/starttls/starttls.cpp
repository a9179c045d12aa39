#include "dpi/starttls/starttls.h"

#include <algorithm>
#include <cctype>

namespace sensor::starttls {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
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

bool is_xmpp(Bytes orig) {
  const std::string_view text = as_chars(orig);
  return text.find("<stream:stream ") != std::string_view::npos && text.find("='jabber:") != std::string_view::npos;
}

}  // namespace

std::string_view service_name(Carrier carrier) {
  constexpr std::string_view kNames[] = {"imap", "xmpp"};
  return kNames[static_cast<size_t>(carrier)];
}

Recognition recognise(Bytes orig, Bytes resp) {
  const auto yes = [](Carrier c) { return Recognition{Match::Yes, c}; };
  if (is_xmpp(orig)) return yes(Carrier::Xmpp);
  if (prefix(resp, "* OK ") == Match::Yes) return yes(Carrier::Imap);

  // Text on both sides may still become one of these; a binary first byte may not.
  const auto text = [](Bytes b) { return b.empty() || (b[0] >= ' ' && b[0] < 127); };
  return {text(orig) && text(resp) ? Match::Unsure : Match::No};
}

Outcome Watcher::feed(bool from_client, Bytes bytes) {
  Side& side = sides_[from_client ? 0 : 1];
  side.bytes += bytes.size();
  Outcome out = carrier_ == Carrier::Xmpp ? feed_xmpp(from_client, bytes) : feed_lines(from_client, bytes);
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
  requested_ = equal_ignoring_case(second, "STARTTLS");
  if (requested_) tag_ = first;
  if (equal_ignoring_case(second, "LOGIN") || equal_ignoring_case(second, "AUTHENTICATE")) return Verdict::Over;
  return Verdict::Nothing;
}

Watcher::Verdict Watcher::server_line(std::string_view line) {
  const std::string_view first = word(line);
  const std::string_view second = word(line);
  confirmed_ = true;
  if (!requested_) return Verdict::Nothing;
  if (first != tag_) return Verdict::Nothing;
  requested_ = false;
  return equal_ignoring_case(second, "OK") ? Verdict::Upgrade : Verdict::Nothing;
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

}  // namespace sensor::starttls
