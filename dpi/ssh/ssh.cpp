#include "dpi/ssh/ssh.h"

#include <algorithm>
#include <cctype>

#include "dpi/digest/digest.h"

namespace sensor::ssh {
namespace {

constexpr std::string_view kNothingInCommon = "Algorithm negotiation failed";

Match is_identification(Bytes bytes) {
  constexpr std::string_view kStart = "SSH-";
  constexpr size_t kLength = 6;  // with the major version and its dot
  const std::string_view text = as_chars(bytes.first(std::min(bytes.size(), kLength)));
  for (size_t i = 0; i < text.size(); i++) {
    const char c = static_cast<char>(std::toupper(static_cast<unsigned char>(text[i])));
    const bool good = i < kStart.size() ? c == kStart[i] : i == kStart.size() ? c == '1' || c == '2' : c == '.';
    if (!good) return Match::No;
  }
  return text.size() == kLength ? Match::Yes : Match::Unsure;
}

}  // namespace

Dialect dialect(std::string_view identification) {
  constexpr size_t kMajor = 4, kMinor = 6;
  if (identification.size() <= kMajor) return Dialect::Unknown;
  if (identification[kMajor] == '2') return Dialect::Ssh2;
  if (identification[kMajor] != '1') return Dialect::Unknown;
  return identification.size() > kMinor && identification.substr(kMinor).starts_with("99") ? Dialect::Ssh199 : Dialect::Ssh1;
}

unsigned agreed_version(Dialect client, Dialect server) {
  const auto speaks = [](Dialect d, Dialect major) { return d == major || d == Dialect::Ssh199; };
  if (speaks(client, Dialect::Ssh2) && speaks(server, Dialect::Ssh2)) return 2;
  return speaks(client, Dialect::Ssh1) && speaks(server, Dialect::Ssh1) ? 1 : 0;
}

std::string_view read_string(ByteReader& r, uint32_t& longest) {
  const uint32_t length = r.u32();
  longest = std::max(longest, length);
  return r.chars(length);
}

void parse_kexinit(ByteReader& r, Kexinit& out, uint32_t& longest) {
  constexpr size_t kCookieBytes = 16;
  r.skip(kCookieBytes);
  out.kex = read_string(r, longest);
  out.host_key = read_string(r, longest);
  for (Kexinit::Pair* pair : {&out.cipher, &out.mac, &out.compression, &out.languages}) {
    for (std::string& list : *pair) list = read_string(r, longest);
  }
  r.skip(1 + 4);  // first_kex_packet_follows and what is reserved
}

std::vector<std::string_view> names(std::string_view list) {
  std::vector<std::string_view> out;
  for (;;) {
    const size_t end = list.find(',');
    out.push_back(list.substr(0, end));
    if (end == std::string_view::npos) return out;
    list.remove_prefix(end + 1);
  }
}

std::string negotiate(std::string_view client, std::string_view server) {
  auto offered = names(client), accepted = names(server);
  offered.resize(std::min(offered.size(), kMaxNames));
  accepted.resize(std::min(accepted.size(), kMaxNames));
  const auto it = std::ranges::find_if(offered, [&](std::string_view name) { return std::ranges::find(accepted, name) != accepted.end(); });
  return std::string(it != offered.end() ? *it : kNothingInCommon);
}

std::string negotiate(const Kexinit::Pair& client, const Kexinit::Pair& server) {
  const std::string to_server = negotiate(client[0], server[0]), to_client = negotiate(client[1], server[1]);
  return to_server == to_client ? to_server : "To server: " + to_server + ", to client: " + to_client;
}

std::string hassh(const Kexinit& offer, bool from_client) {
  const size_t sent = from_client ? 0 : 1;
  return digest::md5(as_bytes(offer.kex + ';' + offer.cipher[sent] + ';' + offer.mac[sent] + ';' + offer.compression[sent]));
}

Match looks_like(Bytes client, Bytes server) {
  return std::min(is_identification(client), is_identification(server));
}

}  // namespace sensor::ssh
