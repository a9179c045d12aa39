#include "dpi/socks/socks.h"

#include <algorithm>
#include <array>

namespace sensor::socks {
namespace {

constexpr uint8_t kVersion4 = 4, kVersion5 = 5;
constexpr uint8_t kNoMethod = 0xff;

/// Ok when everything was there; else the message goes on, unless it cannot become one any more.
Status result(ByteReader& whole, const ByteReader& read) {
  if (!read.ok()) return whole.remaining() < kMaxMessage ? Status::NeedMore : Status::Malformed;
  whole = read;
  return Status::Ok;
}

/// Bytes up to a NUL, which is passed over.
std::string_view text(ByteReader& r) {
  const std::string_view rest = as_chars(r.rest());
  const std::string_view s = rest.substr(0, rest.find('\0'));
  r.skip(s.size() + 1);
  return s;
}

bool is_method(uint8_t m) {
  return m <= 9 && m != 4;
}

Match is_v4_client(Bytes b) {
  constexpr size_t kMaxUser = 32, kBeforeUser = 2;
  if (b.size() >= 2 && b[1] != 1 && b[1] != 2) return Match::No;
  const Bytes user = b.size() > kBeforeUser ? b.subspan(kBeforeUser) : Bytes{};
  const Bytes looked_at = user.first(std::min(user.size(), kMaxUser + 1));
  if (std::ranges::find(looked_at, 0) != looked_at.end()) return Match::Yes;
  return looked_at.size() > kMaxUser ? Match::No : Match::Unsure;
}

Match both(Match a, Match b) {
  return std::min(a, b);
}

}  // namespace

Status parse_v4_request(ByteReader& r, Endpoint& out) {
  ByteReader ahead = r;
  ahead.skip(1);
  out.code = ahead.u8();
  out.port = ahead.u16();
  const uint32_t address = ahead.u32();
  if (ahead.ok()) text(ahead);  // user
  out.address.host = IpAddress::v4(address);
  constexpr uint32_t kNameFollows = 0xff;  // 0.0.0.x
  if (address <= kNameFollows && ahead.ok()) out.address.name = text(ahead);
  return result(r, ahead);
}

Status parse_v4_reply(ByteReader& r, Endpoint& out) {
  ByteReader ahead = r;
  ahead.skip(1);
  out.code = ahead.u8();
  out.port = ahead.u16();
  out.address.host = IpAddress::v4(ahead.u32());
  return result(r, ahead);
}

Status parse_methods(ByteReader& r) {
  ByteReader ahead = r;
  ahead.skip(1);
  ahead.skip(ahead.u8());
  return result(r, ahead);
}

Status parse_method_choice(ByteReader& r, uint8_t& method) {
  ByteReader ahead = r;
  ahead.skip(1);
  method = ahead.u8();
  return result(r, ahead);
}

Status parse_credentials(ByteReader& r, Credentials& out) {
  ByteReader ahead = r;
  out.version = ahead.u8();
  if (out.version == 1) {
    out.user = ahead.chars(ahead.u8());
    out.password = ahead.chars(ahead.u8());
  } else {
    ahead.skip(ahead.remaining());
  }
  return result(r, ahead);
}

Status parse_credentials_reply(ByteReader& r, uint8_t& version, uint8_t& status) {
  ByteReader ahead = r;
  version = ahead.u8();
  status = ahead.u8();
  return result(r, ahead);
}

Status parse_v5(ByteReader& r, Endpoint& out) {
  constexpr uint8_t kV4 = 1, kName = 3, kV6 = 4;
  ByteReader ahead = r;
  ahead.skip(1);
  out.code = ahead.u8();
  out.reserved = ahead.u8();
  const uint8_t type = ahead.u8();
  if (ahead.ok() && type != kV4 && type != kName && type != kV6) return Status::Malformed;
  if (type == kName) {
    out.address.name = ahead.chars(ahead.u8());
  } else {
    out.address.host = IpAddress::from_bytes(ahead.bytes(type == kV4 ? 4 : 16));
  }
  out.port = ahead.u16();
  return result(r, ahead);
}

std::string_view v4_status(uint8_t code) {
  switch (code) {
    case 0x5a:
      return "succeeded";
    case 0x5b:
      return "general SOCKS server failure";
    case 0x5c:
      return "request failed because client is not running identd";
    case 0x5d:
      return "request failed because client's identd could not confirm the user ID string in the request";
    default:
      return {};
  }
}

std::string_view v5_status(uint8_t code) {
  constexpr std::array<std::string_view, 9> kTexts{"succeeded",
                                                   "general SOCKS server failure",
                                                   "connection not allowed by ruleset",
                                                   "Network unreachable",
                                                   "Host unreachable",
                                                   "Connection refused",
                                                   "TTL expired",
                                                   "Command not supported",
                                                   "Address type not supported"};
  return code < kTexts.size() ? kTexts[code] : std::string_view{};
}

Match looks_like(Bytes client, Bytes server) {
  if (client.empty()) return server.empty() || server[0] == kVersion5 || server[0] == 0 ? Match::Unsure : Match::No;
  if (client[0] == kVersion5) {
    Match c = client.size() < 3 ? Match::Unsure : is_method(client[2]) ? Match::Yes : Match::No;
    if (server.empty()) return both(c, Match::Unsure);
    if (server[0] != kVersion5) return Match::No;
    const Match s = server.size() < 2 ? Match::Unsure : is_method(server[1]) || server[1] == kNoMethod ? Match::Yes : Match::No;
    return both(c, s);
  }
  if (client[0] != kVersion4) return Match::No;
  if (server.empty()) return both(is_v4_client(client), Match::Unsure);
  if (server[0] != 0) return Match::No;
  const Match s = server.size() < 2 ? Match::Unsure : server[1] >= 0x5a && server[1] <= 0x5d ? Match::Yes : Match::No;
  return both(is_v4_client(client), s);
}

}  // namespace sensor::socks
