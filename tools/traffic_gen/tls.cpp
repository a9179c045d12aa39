// TLS 1.2 (RFC 5246) and 1.3 (RFC 8446). Handshakes have every field in place and real certificates; what would be encrypted, signed or
// derived from keys is noise of the right length.
#include <array>

#include "certificates.h"
#include "conversation.h"
#include "frame.h"

namespace sensor::gen {
namespace {

enum ContentType : uint8_t { kChangeCipherSpec = 20, kHandshake = 22, kApplicationData = 23 };
enum HandshakeType : uint8_t {
  kClientHello = 1,
  kServerHello = 2,
  kNewSessionTicket = 4,
  kCertificate = 11,
  kServerKeyExchange = 12,
  kServerHelloDone = 14,
  kClientKeyExchange = 16
};
constexpr uint16_t kTls12 = 0x0303, kTls13 = 0x0304, kX25519 = 29;
constexpr uint64_t kMaxFragment = 16384;

struct Session {
  bool tls13;
  bool ecdsa;
  bool alpn;
  std::string session_id, client_random, server_random;
};

Session session(const Character& c) {
  Random r(c.seed, 500);
  Session s;
  s.tls13 = r.chance(0.6);
  s.ecdsa = r.chance(0.5);
  s.alpn = r.chance(0.7);
  s.session_id = r.bytes(32);
  s.client_random = r.bytes(32);
  s.server_random = r.bytes(32);
  return s;
}

std::string record(uint8_t type, std::string_view body, uint16_t version = kTls12) {
  return WireWriter().u8(type).u16(version).with_u16_length(body).take();
}
std::string handshake(uint8_t type, std::string_view body) {
  return WireWriter().u8(type).with_u24_length(body).take();
}
std::string extension(uint16_t type, std::string_view body) {
  return WireWriter().u16(type).with_u16_length(body).take();
}
const std::string& change_cipher_spec() {
  static const std::string s = record(kChangeCipherSpec, std::string_view("\1", 1));
  return s;
}
/// A record whose content nobody without the keys can tell from noise.
std::string encrypted(uint8_t type, size_t bytes, Random& r) {
  return record(type, r.bytes(bytes));
}

std::string client_hello(const Character& c, const Session& s) {
  Random r(c.seed, 501);
  WireWriter list;
  for (uint16_t suite : {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f})
    if (s.tls13 || suite >> 8 != 0x13) list.u16(suite);
  const std::string name = host_name(c.seed);
  std::string e;
  e += extension(0, WireWriter().with_u16_length(WireWriter().u8(0).with_u16_length(name).str()).str());
  e += extension(23, {});
  e += extension(0xff01, std::string_view("\0", 1));
  e += extension(10, WireWriter().with_u16_length(WireWriter().u16(kX25519).u16(23).u16(24).str()).str());
  e += extension(11, WireWriter().with_u8_length(std::string_view("\0", 1)).str());
  e += extension(35, {});
  if (s.alpn) e += extension(16, WireWriter().with_u16_length(WireWriter().with_u8_length("h2").with_u8_length("http/1.1").str()).str());
  e += extension(5, WireWriter().u8(1).u16(0).u16(0).str());
  e += extension(
      13, WireWriter().with_u16_length(WireWriter().u16(0x0403).u16(0x0804).u16(0x0401).u16(0x0503).u16(0x0805).u16(0x0501).str()).str());
  if (s.tls13) {
    e += extension(51, WireWriter().with_u16_length(WireWriter().u16(kX25519).with_u16_length(r.bytes(32)).str()).str());
    e += extension(45, WireWriter().with_u8_length(std::string_view("\1", 1)).str());
    e += extension(43, WireWriter().with_u8_length(WireWriter().u16(kTls13).u16(kTls12).str()).str());
  }
  WireWriter w;
  w.u16(kTls12).raw(s.client_random).with_u8_length(s.tls13 ? s.session_id : std::string());
  w.with_u16_length(list.str()).with_u8_length(std::string_view("\0", 1)).with_u16_length(e);
  return record(kHandshake, handshake(kClientHello, w.str()), 0x0301);
}

std::string server_hello(const Session& s, Random& r) {
  std::string e;
  if (s.tls13) {
    e += extension(51, WireWriter().u16(kX25519).with_u16_length(r.bytes(32)).str());
    e += extension(43, WireWriter().u16(kTls13).str());
  } else {
    e += extension(0xff01, std::string_view("\0", 1));
    e += extension(23, {});
    e += extension(11, WireWriter().with_u8_length(std::string_view("\0", 1)).str());
    if (s.alpn) e += extension(16, WireWriter().with_u16_length(WireWriter().with_u8_length("h2").str()).str());
  }
  WireWriter w;
  w.u16(kTls12).raw(s.server_random).with_u8_length(s.session_id);
  w.u16(s.tls13 ? 0x1301 : s.ecdsa ? 0xc02b : 0xc02f).u8(0).with_u16_length(e);
  return handshake(kServerHello, w.str());
}

/// The server's first flight of TLS 1.2: everything up to ServerHelloDone.
std::string server_flight12(const Session& s, Random& r) {
  WireWriter chain;
  chain.with_u24_length(s.ecdsa ? ecdsa_leaf() : rsa_leaf()).with_u24_length(certificate_authority());
  WireWriter exchange;
  exchange.u8(3).u16(kX25519).with_u8_length(r.bytes(32));
  if (s.ecdsa) {
    // Two integers of 32 bytes whose first bits are 0 (RFC 3279 section 2.2.3).
    const std::string integer = std::string("\x02\x20\x5a") + r.bytes(31);
    exchange.u16(0x0403).with_u16_length(WireWriter().u8(0x30).with_u8_length(integer + std::string("\x02\x20\x5b") + r.bytes(31)).str());
  } else {
    exchange.u16(0x0804).with_u16_length(r.bytes(256));
  }
  return record(kHandshake, server_hello(s, r)) +
         record(kHandshake, handshake(kCertificate, WireWriter().with_u24_length(chain.str()).str())) +
         record(kHandshake, handshake(kServerKeyExchange, exchange.str())) + record(kHandshake, handshake(kServerHelloDone, {}));
}

/// Handshake messages of TLS 1.2: hello, flight, key exchange, ticket; of TLS 1.3: hello, flight, Finished.
bool handshake_message(const Session& s, const Character& c, uint32_t number, Message& out) {
  Random r(c.seed, 510 + number);
  out.from_client = number % 2 == 0;
  if (number == 0) {
    out.head = client_hello(c, s);
  } else if (s.tls13) {
    if (number == 1)
      out.head = record(kHandshake, server_hello(s, r)) + change_cipher_spec() +
                 encrypted(kApplicationData, (s.ecdsa ? ecdsa_leaf() : rsa_leaf()).size() + certificate_authority().size() + 220, r);
    else
      out.head = change_cipher_spec() + encrypted(kApplicationData, 53, r);
  } else if (number == 1) {
    out.head = server_flight12(s, r);
  } else if (number == 2) {
    out.head = record(kHandshake, handshake(kClientKeyExchange, WireWriter().with_u8_length(r.bytes(32)).str())) + change_cipher_spec() +
               encrypted(kHandshake, 40, r);
  } else {
    out.head = record(kHandshake, handshake(kNewSessionTicket, WireWriter().u32(7200).with_u16_length(r.bytes(192)).str())) +
               change_cipher_spec() + encrypted(kHandshake, 40, r);
  }
  return true;
}

}  // namespace

/// After the handshake the client asks `transactions` times and is answered with `body_bytes` each time: a message per record.
bool tls_message(const Character& c, uint32_t number, uint32_t transactions, uint64_t body_bytes, Message& out) {
  const Session s = session(c);
  const uint32_t handshakes = s.tls13 ? 3 : 4;
  if (number < handshakes) return handshake_message(s, c, number, out);
  const auto answer_records = static_cast<uint32_t>((body_bytes + kMaxFragment - 1) / kMaxFragment);
  const uint32_t transaction = (number - handshakes) / (1 + answer_records), n = (number - handshakes) % (1 + answer_records);
  if (transaction >= transactions) return false;
  Random r(c.seed, 520 + number);
  out.from_client = n == 0;
  if (out.from_client) {
    out.wait_s = transaction > 0 ? 0.02 + r.unit() * 0.3 : 0;
    out.head = encrypted(kApplicationData, r.between(60, 700), r);
    return true;
  }
  out.body_bytes = n < answer_records ? kMaxFragment : body_bytes - (answer_records - 1) * kMaxFragment;
  out.pool_offset = static_cast<uint32_t>(r.below(kPoolBytes));
  out.head = WireWriter().u8(kApplicationData).u16(kTls12).u16(out.body_bytes).take();
  return true;
}

}  // namespace sensor::gen
