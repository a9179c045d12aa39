// DNS (RFC 1035): one or two questions and their answers on one socket, as a stub resolver asks.
#include <fmt/format.h>

#include <array>

#include "conversation.h"
#include "frame.h"

namespace sensor::gen {
namespace {

enum Type : uint16_t { kA = 1, kCname = 5, kPtr = 12, kMx = 15, kTxt = 16, kAaaa = 28 };
constexpr uint16_t kPointerToQuestion = 0xc00c;

std::string encode_name(std::string_view name) {
  WireWriter w;
  while (!name.empty()) {
    const auto label = name.substr(0, name.find('.'));
    w.with_u8_length(label);
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  return w.u8(0).take();
}

struct Question {
  std::string name;  // encoded
  uint16_t type;
  bool exists;
};

/// The n-th question of a connection; questions come in pairs of A and AAAA for the same name, as getaddrinfo() asks.
Question question(const Character& c, uint32_t n) {
  Random r(c.seed, 50);
  const double kind = r.unit();
  const bool exists = r.chance(0.93);
  if (kind < 0.85) return {encode_name(host_name(c.seed)), n == 0 ? kA : kAaaa, exists};
  if (kind < 0.90) return {encode_name(fmt::format("{}.{}.18.198.in-addr.arpa", r.below(256), r.below(256))), kPtr, exists};
  return {encode_name(host_name(c.seed)), kind < 0.95 ? kMx : kTxt, exists};
}

std::string rdata(uint16_t type, Random& r) {
  switch (type) {
    case kA:
      return WireWriter().u8(198).u8(18 + r.below(2)).u8(r.below(256)).u8(r.below(256)).take();
    case kAaaa:
      return WireWriter().u32(0x20010db8).u32(2).u32(r.below(1 << 16)).u32(r.next() & 0xffffffff).take();
    case kMx:
      return WireWriter().u16(10).raw(encode_name("mx.example.net")).take();
    case kPtr:
      return encode_name(host_name(r.next()));
    default:
      return WireWriter().with_u8_length(fmt::format("v=spf1 ip4:198.18.{}.0/24 -all", r.below(256))).take();
  }
}

/// `owner` is a compression pointer (RFC 1035 section 4.1.4).
void add_record(WireWriter& w, uint16_t owner, uint16_t type, std::string_view data, Random& r) {
  w.u16(owner).u16(type).u16(1).u32(r.between(30, 3600)).with_u16_length(data);
}

}  // namespace

bool dns_message(const Character& c, uint32_t number, Message& out) {
  Random choice(c.seed, 51);
  const bool pair = choice.chance(0.5) && question(c, 0).type == kA;
  const bool edns = choice.chance(0.5);
  if (number >= (pair ? 4u : 2u)) return false;
  // A pair goes out at once: query, query, answer, answer.
  const uint32_t n = pair ? number % 2 : 0;
  out.from_client = pair ? number < 2 : number == 0;
  const Question q = question(c, n);
  Random r(c.seed, 60 + n);
  const auto id = static_cast<uint16_t>(r.next());
  const auto answers = static_cast<uint16_t>(q.exists ? r.between(1, q.type == kA || q.type == kAaaa ? 4 : 2) : 0);
  const bool has_alias = q.exists && q.type <= kAaaa && q.type != kPtr && r.chance(0.3);

  WireWriter w;
  const uint16_t flags = out.from_client ? 0x0100 : q.exists ? 0x8180 : 0x8183;
  w.u16(id).u16(flags).u16(1).u16(out.from_client ? 0 : answers + has_alias).u16(0).u16(edns);
  w.raw(q.name).u16(q.type).u16(1);
  if (!out.from_client) {
    uint16_t owner = kPointerToQuestion;
    if (has_alias) {
      // The alias' name follows type, class, TTL and length of its record: 12 bytes after its owner.
      const auto at = static_cast<uint16_t>(w.str().size() + 12);
      add_record(w, owner, kCname, encode_name(fmt::format("edge{}.cdn.example.net", r.below(100))), r);
      owner = static_cast<uint16_t>(0xc000 | at);
    }
    for (uint16_t i = 0; i < answers; i++) add_record(w, owner, q.type, rdata(q.type, r), r);
  }
  if (edns) w.u8(0).u16(41).u16(1232).u32(0).u16(0);  // RFC 6891 section 6.1
  out.head = w.take();
  return true;
}

}  // namespace sensor::gen
