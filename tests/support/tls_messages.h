// Builds TLS and DTLS messages for tests.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::test {

/// Bytes that are appended to, big endian.
class ByteWriter {
 public:
  ByteWriter& u8(unsigned v) { return number(v, 1); }
  ByteWriter& u16(unsigned v) { return number(v, 2); }
  ByteWriter& u24(unsigned v) { return number(v, 3); }
  ByteWriter& u32(unsigned v) { return number(v, 4); }
  ByteWriter& u48(uint64_t v) { return number(v, 6); }
  ByteWriter& zeros(size_t n, uint8_t fill = 0) {
    out_.insert(out_.end(), n, fill);
    return *this;
  }
  ByteWriter& bytes(Bytes b) {
    out_.insert(out_.end(), b.begin(), b.end());
    return *this;
  }
  ByteWriter& text(std::string_view s) { return bytes(as_bytes(s)); }
  /// The bytes after a length of `width` bytes.
  ByteWriter& counted(size_t width, Bytes b) { return number(b.size(), width).bytes(b); }

  const std::vector<uint8_t>& get() const { return out_; }
  operator Bytes() const { return out_; }

 private:
  ByteWriter& number(uint64_t v, size_t width) {
    while (width-- > 0) out_.push_back(static_cast<uint8_t>(v >> 8 * width));
    return *this;
  }

  std::vector<uint8_t> out_;
};

inline ByteWriter handshake_message(unsigned type, Bytes body) {
  return ByteWriter().u8(type).counted(3, body);
}
inline ByteWriter tls_record(unsigned type, Bytes body, unsigned version = 0x0303) {
  return ByteWriter().u8(type).u16(version).counted(2, body);
}
/// A record with one handshake message.
inline ByteWriter handshake_record(unsigned type, Bytes body, unsigned version = 0x0303) {
  return tls_record(22, handshake_message(type, body), version);
}
inline ByteWriter extension(unsigned type, Bytes data) {
  return ByteWriter().u16(type).counted(2, data);
}
inline ByteWriter server_name_extension(std::string_view name) {
  return extension(0, ByteWriter().counted(2, ByteWriter().u8(0).counted(2, as_bytes(name))));
}
inline ByteWriter alpn_extension(std::initializer_list<std::string_view> protocols) {
  ByteWriter list;
  for (const std::string_view p : protocols) list.counted(1, as_bytes(p));
  return extension(16, ByteWriter().counted(2, list));
}

/// Body of a ClientHello of the given version; DTLS has an empty cookie.
inline ByteWriter client_hello_body(unsigned version, Bytes session_id, Bytes extensions) {
  ByteWriter w;
  w.u16(version).zeros(32, 0x11).counted(1, session_id);
  if (version == 0xfeff || version == 0xfefd) w.u8(0);
  w.counted(2, ByteWriter().u16(0xc02b).u16(0xc02f)).counted(1, ByteWriter().u8(0));
  if (!extensions.empty()) w.counted(2, extensions);
  return w;
}
inline ByteWriter server_hello_body(unsigned version, Bytes session_id, unsigned cipher, Bytes extensions) {
  ByteWriter w;
  w.u16(version).zeros(32, 0x22).counted(1, session_id).u16(cipher).u8(0);
  if (!extensions.empty()) w.counted(2, extensions);
  return w;
}
inline ByteWriter certificate_body(std::initializer_list<Bytes> chain) {
  ByteWriter list;
  for (const Bytes der : chain) list.counted(3, der);
  return ByteWriter().counted(3, list);
}
/// ServerKeyExchange of an ECDHE suite in TLS 1.2.
inline ByteWriter ecdhe_body(unsigned curve) {
  return ByteWriter().u8(3).u16(curve).counted(1, ByteWriter().zeros(65, 4)).u16(0x0403).counted(2, ByteWriter().zeros(70, 5));
}

inline ByteWriter dtls_record(unsigned type, unsigned epoch, uint64_t sequence, Bytes body, unsigned version = 0xfefd) {
  return ByteWriter().u8(type).u16(version).u16(epoch).u48(sequence).counted(2, body);
}
/// One fragment of a DTLS handshake message.
inline ByteWriter dtls_fragment(unsigned type, unsigned message_sequence, Bytes message, size_t offset, size_t length) {
  return ByteWriter()
      .u8(type)
      .u24(static_cast<unsigned>(message.size()))
      .u16(message_sequence)
      .u24(static_cast<unsigned>(offset))
      .counted(3, message.subspan(offset, length));
}

}  // namespace sensor::test
