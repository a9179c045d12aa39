#include "sensor/net/community_id.h"

#define OPENSSL_SUPPRESS_DEPRECATED  // of SHA1_Init() and the like
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace sensor {
namespace {

constexpr uint8_t kSctp = 132;

/// Message types that answer each other; the specification orders the two ends of such a pair, and of no other message.
using TypePair = std::pair<uint16_t, uint16_t>;
constexpr std::array<TypePair, 5> kIcmpPairs{{{8, 0}, {13, 14}, {15, 16}, {10, 9}, {17, 18}}};
constexpr std::array<TypePair, 6> kIcmp6Pairs{{{128, 129}, {133, 134}, {135, 136}, {130, 131}, {139, 140}, {144, 145}}};

/// True, and the type that answers `type` in `counterpart`, when the message has one.
bool icmp_counterpart(uint8_t ip_proto, uint16_t type, uint16_t& counterpart) {
  const std::span<const TypePair> pairs = ip_proto == ipproto::kIcmp ? std::span<const TypePair>(kIcmpPairs) : kIcmp6Pairs;
  for (const auto& [request, reply] : pairs) {
    if (type == request || type == reply) {
      counterpart = type == request ? reply : request;
      return true;
    }
  }
  return false;
}

/// The bytes the identifier is a hash of.
class HashInput {
 public:
  void u8(uint8_t v) { bytes_[size_++] = v; }
  void u16(uint16_t v) {
    u8(static_cast<uint8_t>(v >> 8));
    u8(static_cast<uint8_t>(v));
  }
  void append(Bytes b) {
    std::copy(b.begin(), b.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += b.size();
  }
  Bytes bytes() const { return Bytes(bytes_).first(size_); }

 private:
  std::array<uint8_t, 40> bytes_;  // seed 2, addresses 32, protocol and padding 2, ports 4
  size_t size_ = 0;
};

using Digest = std::array<uint8_t, SHA_DIGEST_LENGTH>;

/// Not through EVP, which costs as much again as the hash: this is done for nearly every row of the logs.
Digest sha1(Bytes in) {
  Digest digest;
  SHA_CTX context;
  SHA1_Init(&context);
  SHA1_Update(&context, in.data(), in.size());
  SHA1_Final(digest.data(), &context);
  return digest;
}

/// RFC 4648 section 4; 20 bytes leave two for the last four characters.
void base64(const Digest& in, char* out) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto write = [&out](uint32_t word, int digits) {
    for (int shift = 18; digits > 0; digits--, shift -= 6) *out++ = kDigits[word >> shift & 63];
  };
  size_t i = 0;
  for (; i + 3 <= in.size(); i += 3) write(uint32_t{in[i]} << 16 | uint32_t{in[i + 1]} << 8 | in[i + 2], 4);
  static_assert(std::tuple_size_v<Digest> % 3 == 2);
  write(uint32_t{in[i]} << 16 | uint32_t{in[i + 1]} << 8, 3);
  *out = '=';
}

}  // namespace

size_t community_id(const FiveTuple& tuple, uint16_t seed, std::span<char> out) {
  if (out.size() < kCommunityIdChars) return 0;
  FiveTuple t = tuple;
  bool ordered = true;
  bool has_ports = t.ip_proto == ipproto::kTcp || t.ip_proto == ipproto::kUdp || t.ip_proto == kSctp;
  if (t.ip_proto == ipproto::kIcmp || t.ip_proto == ipproto::kIcmpv6) {
    has_ports = true;
    ordered = icmp_counterpart(t.ip_proto, t.src_port, t.dst_port);
  }
  if (ordered && std::tie(t.dst, t.dst_port) < std::tie(t.src, t.src_port)) {
    std::swap(t.src, t.dst);
    std::swap(t.src_port, t.dst_port);
  }
  HashInput in;
  in.u16(seed);
  in.append(t.src.wire_bytes());
  in.append(t.dst.wire_bytes());
  in.u8(t.ip_proto);
  in.u8(0);
  if (has_ports) {
    in.u16(t.src_port);
    in.u16(t.dst_port);
  }
  const Digest digest = sha1(in.bytes());
  out[0] = '1';
  out[1] = ':';
  base64(digest, &out[2]);
  return kCommunityIdChars;
}

}  // namespace sensor
