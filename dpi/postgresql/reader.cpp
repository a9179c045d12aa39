#include "dpi/postgresql/reader.h"

#include <algorithm>

namespace sensor::postgresql {
namespace {

constexpr uint32_t kSslRequest = 80877103;  // no version: 1234.5679
constexpr uint32_t kSslRequestBytes = 8, kMajorVersion = 3;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/';
}
bool is_printable(char c) {
  return c >= ' ' && c <= '~';
}

/// Characters up to a NUL, which is passed over; fails where there is none.
std::string_view text(ByteReader& r) {
  const std::string_view rest = as_chars(r.rest());
  const std::string_view s = rest.substr(0, rest.find('\0'));
  r.skip(s.size() + 1);
  return s;
}

bool parse_parameter(ByteReader& r, std::string_view& name, std::string_view& value) {
  name = text(r);
  value = text(r);
  return r.ok() && !name.empty() && std::ranges::all_of(name, is_name_char) && std::ranges::all_of(value, is_printable);
}

/// Fields up to a NUL in place of a code. What was cut off to save memory is missing at the end.
bool parse_fields(ByteReader& r, bool whole, std::vector<Field>& out) {
  while (!r.empty()) {
    const auto code = static_cast<char>(r.u8());
    if (code == 0) return true;
    const std::string_view value = text(r);
    if (!r.ok()) return !whole;
    out.push_back({code, value});
  }
  return !whole;
}

bool needs_content(bool from_client, char type) {
  return std::string_view(from_client ? "Q" : "KERSDZN").find(type) != std::string_view::npos;
}

}  // namespace

void Reader::feed(bool from_client, Bytes bytes) {
  if (stopped_) return;
  Side& s = sides_[from_client ? 0 : 1];
  if (s.held.empty() && s.to_skip >= bytes.size()) {
    s.to_skip -= bytes.size();
    return;
  }
  s.held.insert(s.held.end(), bytes.begin(), bytes.end());
  read(from_client);
  // What one side says may be what the other's bytes wait for.
  if (!stopped_) read(!from_client);
  if (stopped_) {
    const size_t left = std::min(s.held.size(), bytes.size());
    rest_ = bytes.last(left);
    return;
  }
  for (const Side& side : sides_) {
    // Of a message no more than this is kept before it is passed over.
    if (side.held.size() > 4 * kMaxKept) stopped_ = true;
  }
}

bool Reader::within(bool from_client) const {
  const Side& s = sides_[from_client ? 0 : 1];
  const Phase waits = from_client ? Phase::AwaitsAnswer : Phase::First;
  return !stopped_ && sides_[0].phase != waits && (!s.held.empty() || s.to_skip != 0);
}

void Reader::read(bool from_client) {
  Side& s = sides_[from_client ? 0 : 1];
  ByteReader r(s.held);
  while (!stopped_) {
    const size_t n = std::min<uint64_t>(s.to_skip, r.remaining());
    r.skip(n);
    s.to_skip -= n;
    if (s.to_skip != 0 || r.empty() || !read_one(from_client, r)) break;
  }
  const size_t left = r.ok() ? r.remaining() : 0;
  s.held.erase(s.held.begin(), s.held.end() - static_cast<std::ptrdiff_t>(left));
}

/// False: more bytes are needed.
bool Reader::read_one(bool from_client, ByteReader& r) {
  const Side& client = sides_[0];
  if (from_client) {
    switch (client.phase) {
      case Phase::First:
        return first_message(r);
      case Phase::AwaitsAnswer:
        return false;
      case Phase::Startup:
        return startup(r);
      case Phase::Messages:
        return message(true, r);
    }
  }
  if (client.phase == Phase::First) return false;
  if (client.phase == Phase::AwaitsAnswer) return ssl_answer(r);
  return message(false, r);
}

bool Reader::first_message(ByteReader& r) {
  ByteReader ahead = r;
  const uint32_t length = ahead.u32(), version = ahead.u32();
  if (!ahead.ok()) return false;
  if (length < kSslRequestBytes) return violation("malformed PostgreSQL startup");
  ssl_requested_ = length == kSslRequestBytes && version == kSslRequest;
  sides_[0].phase = ssl_requested_ ? Phase::AwaitsAnswer : Phase::Startup;
  if (!ssl_requested_) return version >> 16 == kMajorVersion || violation("unsupported PostgreSQL version");
  r = ahead;
  sink_.on_ssl_request();
  return true;
}

bool Reader::ssl_answer(ByteReader& r) {
  const auto answer = static_cast<char>(r.u8());
  if (answer != 'S' && answer != 'N') {
    stopped_ = true;  // a server that knows no TLS
    return false;
  }
  sides_[0].phase = Phase::Startup;
  stopped_ = answer == 'S';
  sink_.on_ssl_reply(answer);
  return true;
}

bool Reader::startup(ByteReader& r) {
  ByteReader ahead = r;
  const uint32_t length = ahead.u32();
  if (!ahead.ok()) return false;
  if (length < 9 || length > kMaxKept) return violation("malformed PostgreSQL startup");
  if (ahead.remaining() < length - 4) return false;
  const ByteReader body = ahead.sub(length - 4);
  r = ahead;
  sides_[0].phase = Phase::Messages;
  if (!startup_parameters(body)) return violation("malformed PostgreSQL startup");
  sink_.on_startup();
  return true;
}

bool Reader::startup_parameters(ByteReader r) {
  const uint16_t major = r.u16();
  r.skip(2);
  while (r.remaining() > 1) {
    std::string_view name, value;
    if (!parse_parameter(r, name, value) || value.empty()) return false;
    sink_.on_startup_parameter(name, value);
  }
  return r.ok() && major == kMajorVersion && r.u8() == 0 && r.ok();
}

bool Reader::message(bool from_client, ByteReader& r) {
  constexpr uint32_t kLengthBytes = 4;
  ByteReader ahead = r;
  const auto type = static_cast<char>(ahead.u8());
  const uint32_t length = ahead.u32();
  if (!ahead.ok()) return false;
  if (length < kLengthBytes) return violation("malformed PostgreSQL message");
  const uint32_t size = length - kLengthBytes;
  const size_t kept = needs_content(from_client, type) ? std::min<size_t>(size, kMaxKept) : 0;
  if (ahead.remaining() < kept) return false;
  const ByteReader body = ahead.sub(kept);
  r = ahead;
  sides_[from_client ? 0 : 1].to_skip = size - kept;
  const bool good = from_client ? client_message(type, body) : server_message(type, body, size);
  return good || violation("malformed PostgreSQL message");
}

bool Reader::client_message(char type, ByteReader body) {
  if (type == 'X') sink_.on_terminate();
  if (type != 'Q') return true;
  const bool cut_off = body.remaining() == kMaxKept;
  const std::string_view rest = as_chars(body.rest());
  const size_t end = rest.find('\0');
  if (end == std::string_view::npos && !cut_off) return false;
  sink_.on_query(rest.substr(0, end));
  return true;
}

bool Reader::server_message(char type, ByteReader body, uint32_t length) {
  constexpr uint32_t kLastAuthentication = 12;
  const bool whole = body.remaining() == length;
  switch (type) {
    case 'K':  // process and secret, for cancelling
      return body.remaining() >= 8;
    case 'E':
    case 'N': {
      std::vector<Field> fields;
      if (!parse_fields(body, whole, fields)) return false;
      type == 'E' ? sink_.on_error(fields) : sink_.on_notice(fields);
      return true;
    }
    case 'R': {
      const uint32_t kind = body.u32();
      if (!body.ok() || kind > kLastAuthentication || (kind == 0 && length != 4)) return false;
      kind == 0 ? sink_.on_authenticated() : sink_.on_authentication_request(kind);
      return true;
    }
    case 'S': {
      std::string_view name, value;
      return parse_parameter(body, name, value) || !whole;
    }
    case 'D':
      if (body.remaining() < 2) return false;
      sink_.on_row();
      return true;
    case 'Z': {
      const auto status = static_cast<char>(body.u8());
      if (status != 'I' && status != 'T' && status != 'E') return false;
      sink_.on_ready(status);
      return true;
    }
    default:
      return true;
  }
}

bool Reader::violation(std::string_view reason) {
  stopped_ = true;
  sink_.on_violation(reason);
  return false;
}

std::string authentication_name(uint32_t kind) {
  switch (kind) {
    case 2:
      return "KerberosV5";
    case 3:
      return "CleartextPassword";
    case 5:
      return "MD5Password";
    case 7:
      return "GSSAPI";
    case 8:
      return "GSSAPIContinue";
    case 9:
      return "SSPI";
    case 10:
      return "SASL";
    case 11:
      return "SASLContinue";
    case 12:
      return "SASLFinal";
    default:
      return "UnknownAuthId" + std::to_string(kind);
  }
}

std::string field_name(char code) {
  constexpr std::pair<char, std::string_view> kNames[] = {
      {'S', "SeverityLocalized"},
      {'V', "Severity"},
      {'C', "Code"},
      {'M', "Message"},
      {'D', "Detail"},
      {'H', "Hint"},
      {'P', "Position"},
      {'p', "InternalPosition"},
      {'q', "InternalQuery"},
      {'W', "Where"},
      {'s', "Schema"},
      {'t', "Table"},
      {'c', "Column"},
      {'d', "Data"},
      {'n', "Constraint"},
      {'F', "File"},
      {'L', "Line"},
      {'R', "Routine"},
  };
  const auto it = std::ranges::find(kNames, code, &std::pair<char, std::string_view>::first);
  return it != std::end(kNames) ? std::string(it->second) : std::string("UnknownErrorId") + code;
}

Match looks_like(Bytes client, Bytes server) {
  constexpr size_t kUserWithin = 7 + 256 + 5;
  ByteReader c(client), s(server);
  if (client.size() < 8) {
    // The length of a startup message, and a version.
    const bool possible = client.empty() || client[0] == 0;
    return possible ? Match::Unsure : Match::No;
  }
  const uint32_t length = c.u32(), version = c.u32();
  const uint8_t first = s.u8();
  if (length == kSslRequestBytes && version == kSslRequest) {
    if (server.empty()) return Match::Unsure;
    return first == 'S' || first == 'N' ? Match::Yes : Match::No;
  }
  const std::string_view beginning = as_chars(client.first(std::min(client.size(), kUserWithin)));
  if (version >> 8 != kMajorVersion << 8 || beginning.find(std::string_view("user\0", 5)) == std::string_view::npos) return Match::No;
  if (server.size() < 5) return Match::Unsure;
  const bool letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || (first >= '0' && first <= '9');
  return letter && s.u16() == 0 ? Match::Yes : Match::No;
}

}  // namespace sensor::postgresql
