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

/// The first tag behind an XML declaration opens a stream.
bool is_xmpp(Bytes orig, bool xmpp_port) {
  constexpr std::string_view kStream = "<stream:stream ";
  std::string_view text = as_chars(orig);
  if (text.starts_with("<?xml")) text.remove_prefix(std::min(text.find('>'), text.size() - 1) + 1);
  text.remove_prefix(std::min(text.find_first_not_of("\r\n "), text.size()));
  if (!text.starts_with(kStream)) return false;
  return xmpp_port || text.substr(0, text.find('>')).find("xmlns='jabber:") != std::string_view::npos;
}

void add_weird(Outcome& out, std::string_view name) {
  if (std::ranges::find(out.weirds, name) == out.weirds.end()) out.weirds.push_back(name);
}

}  // namespace

std::string_view service_name(Carrier carrier) {
  constexpr std::string_view kNames[] = {"imap", "xmpp"};
  return kNames[static_cast<size_t>(carrier)];
}

Recognition recognise(Bytes orig, Bytes resp, bool xmpp_port) {
  const auto yes = [](Carrier c) { return Recognition{Match::Yes, c}; };
  if (is_xmpp(orig, xmpp_port)) return yes(Carrier::Xmpp);
  if (prefix(resp, "* OK ") == Match::Yes) return yes(Carrier::Imap);

  // Text on both sides may still become one of these; a binary first byte may not.
  const auto text = [](Bytes b) { return b.empty() || (b[0] >= ' ' && b[0] < 127); };
  return {text(orig) && text(resp) ? Match::Unsure : Match::No};
}

Outcome Watcher::feed(bool from_client, Bytes bytes) {
  Side& side = sides_[from_client ? 0 : 1];
  side.bytes += bytes.size();
  Outcome out;
  feed_pieces(from_client, bytes, carrier_ == Carrier::Xmpp ? '>' : '\n', out);
  if (out.state == Outcome::State::NeedMore && side.bytes > kMaxBytes) out.state = Outcome::State::Done;
  return out;
}

/// Cuts a direction into lines, or into tags with the text before them.
void Watcher::feed_pieces(bool from_client, Bytes bytes, char end_mark, Outcome& out) {
  std::string& line = sides_[from_client ? 0 : 1].line;
  const std::string_view text = as_chars(bytes);
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find(end_mark, at);
    const std::string_view part = text.substr(at, end == std::string_view::npos ? end : end - at);
    line.append(part.substr(0, kMaxLine - std::min(kMaxLine, line.size())));
    if (end == std::string_view::npos) break;
    at = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    const Verdict v = carrier_ == Carrier::Xmpp ? xmpp_tag(from_client, line, out)
                      : from_client             ? client_line(line, out)
                                                : server_line(line, out);
    line.clear();
    if (v == Verdict::Nothing) continue;
    out.state = v == Verdict::Upgrade ? Outcome::State::Upgraded : Outcome::State::Done;
    out.consumed = at;
    return;
  }
}

Watcher::Verdict Watcher::client_line(std::string_view line, Outcome& out) {
  const std::string_view tag = word(line);
  const std::string_view command = word(line);
  if (equal_ignoring_case(command, "LOGIN") || equal_ignoring_case(command, "AUTHENTICATE")) return Verdict::Over;
  if (!equal_ignoring_case(command, "STARTTLS")) return Verdict::Nothing;
  confirmed_ = true;
  if (requested_) add_weird(out, "IMAP: client sent duplicate StartTLS");
  requested_ = true;
  tag_ = tag;
  return Verdict::Nothing;
}

Watcher::Verdict Watcher::server_line(std::string_view line, Outcome& out) {
  const std::string_view tag = word(line);
  const bool good = equal_ignoring_case(word(line), "OK");
  if (tag == "*" && good) confirmed_ = true;
  if (!requested_ || tag != tag_) return Verdict::Nothing;
  if (good) return Verdict::Upgrade;
  add_weird(out, "IMAP: server refused StartTLS");
  return Verdict::Nothing;
}

/// `text` ends where the tag does. Prefixes of namespaces may be any, but for those that Zeek names.
Watcher::Verdict Watcher::xmpp_tag(bool from_client, std::string_view text, Outcome& out) {
  constexpr std::string_view kBehindLogin[] = {"success", "message", "db:result", "db:verify", "presence"};
  const size_t begin = text.rfind('<');
  if (begin == std::string_view::npos) return Verdict::Nothing;
  text.remove_prefix(begin + 1);
  const std::string_view name = text.substr(0, text.find_first_of(" \t\r\n/", text.starts_with('/') ? 1 : 0));
  const size_t colon = name.find(':');
  const std::string_view local = colon == std::string_view::npos || colon + 1 == name.size() ? name : name.substr(colon + 1);
  if (std::ranges::find(kBehindLogin, name) != std::end(kBehindLogin)) return Verdict::Over;
  if (from_client) {
    if (name == "stream:stream") confirmed_ = true;
    if (local == "starttls") requested_ = true;
  } else if (local == "proceed" && requested_) {
    return Verdict::Upgrade;
  } else if (name == "proceed") {
    add_weird(out, "XMPP: proceed without starttls");
  }
  return Verdict::Nothing;
}

}  // namespace sensor::starttls
