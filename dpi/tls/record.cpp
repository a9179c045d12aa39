#include "dpi/tls/record.h"

#include "dpi/tls/handshake.h"

namespace sensor::tls {
namespace {

/// Versions that a record header may carry; TLS 1.3 says 1.0 or 1.2 there (RFC 8446 section 5.1).
bool is_record_version(uint16_t v) {
  return v >= version::kSsl3 && v <= version::kTls12;
}

/// Compares the cursor's bytes with what must stand there; running out of bytes is neither yes nor no.
class Matcher {
 public:
  explicit Matcher(Bytes first) : r_(first) {}

  void any(size_t n) {
    for (size_t i = 0; i < n; i++) (void)next();
  }
  void range(uint8_t low, uint8_t high) {
    const uint8_t b = next();
    if (!short_ && (b < low || b > high)) failed_ = true;
  }
  void exactly(uint8_t b) { range(b, b); }
  uint8_t next() {
    if (r_.empty()) short_ = true;
    return short_ ? 0 : r_.u8();
  }
  void fail() { failed_ = true; }
  bool starved() const { return short_; }
  Match verdict() const { return failed_ ? Match::No : short_ ? Match::Partly : Match::Yes; }

 private:
  ByteReader r_;
  bool short_ = false;
  bool failed_ = false;
};

}  // namespace

RecordLayer::Verdict RecordLayer::read_header(Bytes bytes, bool from_orig, RecordHeader& out) {
  ByteReader r(bytes);
  const uint8_t first = r.u8();
  const uint16_t middle = r.u16();
  const uint16_t last = r.u16();
  const auto type2 = static_cast<uint8_t>(middle & 0xff);
  out = {};
  if (version_ == version::kUnknown && (first & 0x80) != 0) {
    // SSLv2: a client may begin with it and mean a later version; a server that answers in it stays with it.
    const bool client_hello = type2 == 1 && from_orig;
    const bool server_hello = type2 == 4 && (last & 0xff) < 2 && !from_orig;
    if (!client_hello && !server_hello) return Verdict::NotTls;
    if (client_hello && last != version::kSsl2 && !is_record_version(last)) return Verdict::BadVersion;
    if (server_hello) version_ = version::kSsl2;
    out.ssl2 = true;
  } else if (version_ == version::kSsl2) {
    out.ssl2 = true;
  }
  if (out.ssl2) {
    const auto length = static_cast<uint16_t>((first & 0x7f) << 8 | middle >> 8);
    if (length < 3) return Verdict::NotTls;
    out.content_type = static_cast<uint16_t>(content::kV2Error + type2);
    out.length = static_cast<uint16_t>(length - 3);
    out.ssl2_head = last;
    return Verdict::Ok;
  }
  if (!is_record_version(middle)) return Verdict::BadVersion;
  if (version_ == version::kUnknown && (first < 20 || first > 30)) return Verdict::NotTls;
  if (version_ == version::kUnknown) version_ = middle;
  out.content_type = first;
  out.version = middle;
  out.length = last;
  return Verdict::Ok;
}

bool parse_v2_client_hello(ByteReader& r, uint16_t head, V2ClientHello& out) {
  out.version = head;
  const uint16_t ciphers = r.u16();
  const uint16_t session_id = r.u16();
  const uint16_t challenge = r.u16();
  r.skip(ciphers);
  out.session_id = r.bytes(session_id);
  r.skip(challenge);
  return r.ok();
}

bool parse_v2_server_hello(ByteReader& r, V2ServerHello& out) {
  out.version = r.u16();
  const uint16_t certificate = r.u16();
  const uint16_t ciphers = r.u16();
  const uint16_t connection_id = r.u16();
  out.certificate = r.bytes(certificate);
  ByteReader suites = r.sub(ciphers / 3 * 3);
  if (!suites.empty()) out.first_cipher = suites.u24();
  r.skip(connection_id);
  return r.ok();
}

bool parse_v2_client_master_key(ByteReader& r) {
  r.skip(1);  // third byte of the cipher kind
  const size_t clear = r.u16();
  const size_t encrypted = r.u16();
  const size_t argument = r.u16();
  r.skip(clear + encrypted + argument);
  return r.ok();
}

Match match_client(Bytes first) {
  Matcher m(first);
  m.exactly(content::kHandshake);
  m.exactly(3);
  m.range(0, 3);
  m.any(2);  // record length
  m.exactly(handshake::kClientHello);
  m.any(3);  // message length
  m.exactly(3);
  m.range(0, 3);
  return m.verdict();
}

Match match_server(Bytes first) {
  Matcher m(first);
  uint8_t type = m.next();
  if (type == content::kAlert) {
    m.exactly(3);
    m.range(0, 3);
    m.any(4);  // length and alert
    type = m.next();
  }
  if (!m.starved() && type != content::kHandshake) m.fail();
  m.exactly(3);
  m.range(0, 3);
  m.any(2);  // record length
  m.exactly(handshake::kServerHello);
  m.any(3);  // message length
  const uint8_t major = m.next();
  if (major == 0x7f) {
    m.range(0, 0x50);  // drafts of TLS 1.3
  } else {
    if (!m.starved() && major != 3) m.fail();
    m.range(0, 4);
  }
  return m.verdict();
}

}  // namespace sensor::tls
