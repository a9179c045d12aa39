#include "dpi/tls/handshake.h"

#include <algorithm>

#include "dpi/tls/extensions.h"

namespace sensor::tls {
namespace {

/// The random of a ServerHello that is a HelloRetryRequest: SHA-256 of "HelloRetryRequest" (RFC 8446 section 4.1.3).
constexpr std::array<uint8_t, 32> kHelloRetryRandom{0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                                    0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                                    0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

constexpr uint8_t kNamedCurve = 3;  // RFC 8422 section 5.4

bool is_draft13(uint16_t v) {
  return v >> 8 == 0x7f;
}

/// The extensions' total length is of no use: they end with the message. Old hellos have none at all.
bool parse_extension_block(ByteReader& r, Hello hello, Extensions& out) {
  if (r.empty()) return r.ok();
  r.skip(2);
  return r.ok() && parse_extensions(r, hello, out);
}

bool parse_named_curve(ByteReader& r, std::optional<uint16_t>& curve) {
  const uint16_t group = r.u16();
  r.skip(r.u8());
  if (r.ok()) curve = group;
  return r.ok();
}

bool skip_signature(ByteReader& r, bool names_algorithm) {
  if (names_algorithm) r.skip(2);
  r.skip(r.u16());
  return r.ok();
}

bool skip_dh_params(ByteReader& r) {
  for (int i = 0; i < 3; i++) r.skip(r.u16());  // p, g, Ys
  return r.ok();
}

}  // namespace

bool is_known_version(uint16_t v) {
  switch (v) {
    case version::kSsl2:
    case version::kSsl3:
    case version::kTls10:
    case version::kTls11:
    case version::kTls12:
    case version::kTls13:
    case version::kDtls10:
    case version::kDtls12:
    case version::kDtls13:
      return true;
    default:
      return is_draft13(v);
  }
}

SessionId make_session_id(Bytes id) {
  SessionId out{};
  if (id.size() <= out.size()) std::ranges::copy(id, out.begin());
  return out;
}

bool parse_client_hello(Bytes body, ClientHello& out) {
  ByteReader r(body);
  out.version = r.u16();
  r.skip(32);  // random
  out.session_id = make_session_id(r.bytes(r.u8()));
  if (out.version == version::kDtls10 || out.version == version::kDtls12) r.skip(r.u8());  // cookie (RFC 6347 section 4.2.1)
  out.cipher_suites = r.bytes(r.u16() / 2 * 2);                                            // cipher suites
  r.skip(r.u8());                                                                          // compression methods
  return r.ok() && parse_extension_block(r, Hello::Client, out.extensions);
}

bool parse_server_hello(Bytes body, ServerHello& out) {
  ByteReader r(body);
  out.version = r.u16();
  const Bytes random = r.bytes(kHelloRetryRandom.size());
  // The drafts of TLS 1.3 up to 21 had neither session id nor compression here.
  const bool short_form = out.version == version::kTls13 || is_draft13(out.version);
  if (!short_form) out.session_id = make_session_id(r.bytes(r.u8()));
  out.cipher_suite = r.u16();
  if (!short_form) r.skip(1);
  if (!r.ok()) return false;
  out.hello_retry_request = std::ranges::equal(random, kHelloRetryRandom);
  return parse_extension_block(r, Hello::Server, out.extensions);
}

bool parse_certificate_chain(Bytes body, std::vector<Bytes>& out) {
  ByteReader r(body);
  ByteReader list = r.sub(r.u24());
  while (!list.empty()) out.push_back(list.bytes(list.u24()));
  return list.ok();
}

bool parse_server_key_exchange(Bytes body, KeyExchange kind, bool signature_names_algorithm, std::optional<uint16_t>& curve) {
  ByteReader r(body);
  switch (kind) {
    case KeyExchange::Other:
      return true;
    case KeyExchange::Ecdhe:
    case KeyExchange::EcdhAnon: {
      const bool named = r.u8() == kNamedCurve;
      if (!named) return r.ok();
      std::optional<uint16_t> group;
      if (!parse_named_curve(r, group)) return false;
      if (kind == KeyExchange::Ecdhe && !skip_signature(r, signature_names_algorithm)) return false;
      curve = group;
      return true;
    }
    case KeyExchange::Dhe:
      return skip_dh_params(r) && skip_signature(r, signature_names_algorithm);
    case KeyExchange::DhAnon:
      return skip_dh_params(r);
  }
  return false;
}

bool parse_certificate_status(Bytes body, CertificateStatus& out) {
  ByteReader r(body);
  out.type = r.u8();
  r.skip(3);  // length of the response, which ends with the message anyway
  out.response = r.rest();
  return r.ok();
}

bool check_certificate_request(Bytes body, bool names_signature_algorithms) {
  ByteReader r(body);
  r.skip(r.u8());  // certificate types
  if (names_signature_algorithms) {
    const uint16_t length = r.u16();
    if (length % 2 != 0) return false;
    r.skip(length);
  }
  ByteReader authorities = r.sub(r.u16());
  while (!authorities.empty()) authorities.skip(authorities.u16());
  return authorities.ok();
}

bool check_new_session_ticket(Bytes body) {
  ByteReader r(body);
  r.skip(4);  // lifetime
  r.skip(r.u16());
  return r.ok();
}

bool check_hello_verify_request(Bytes body) {
  ByteReader r(body);
  r.skip(2);  // version
  r.skip(r.u8());
  return r.ok();
}

}  // namespace sensor::tls
