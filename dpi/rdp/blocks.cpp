#include "dpi/rdp/blocks.h"

namespace sensor::rdp {
namespace {

constexpr uint32_t kMaxChannels = 1000, kMaxCertificates = 1000;
constexpr uint32_t kMaxKeyBytes = 256 * 1024;

enum Block : uint16_t {
  kClientCore = 0xc001,
  kClientSecurity = 0xc002,
  kClientNetwork = 0xc003,
  kClientCluster = 0xc004,
  kServerCore = 0x0c01,
  kServerSecurity = 0x0c02,
  kServerNetwork = 0x0c03,
};

bool client_core(ByteReader r, Sink& sink) {
  constexpr uint16_t kWant32BitsPerPixel = 0x0002;
  ClientCore core;
  r.skip(4);  // version
  core.desktop_width = r.u16le();
  core.desktop_height = r.u16le();
  r.skip(4);  // color depth, secure access sequence
  core.keyboard_layout = r.u32le();
  core.client_build = r.u32le();
  core.client_name = r.bytes(32);
  r.skip(3 * 4 + 64 + 2 + 2 + 4);  // keyboard, input method, older color depth, product and serial number
  core.high_color_depth = r.u16le();
  r.skip(2);  // color depths the client supports
  core.wants_32_bits = (r.u16le() & kWant32BitsPerPixel) != 0;
  core.product_id = r.bytes(64);
  if (r.ok()) sink.on_client_core(core);
  return r.ok();
}

bool client_network(ByteReader r, Sink& sink) {
  const uint32_t count = r.u32le();
  if (count > kMaxChannels) return false;
  std::vector<std::string_view> names;
  for (uint32_t i = 0; i < count && r.ok(); i++) {
    names.push_back(r.chars(8));
    r.skip(4);  // options
  }
  if (r.ok() && !names.empty()) sink.on_client_channels(names);
  return r.ok();
}

/// A key and its signature in Microsoft's form (section 2.2.1.4.3.1.1).
bool proprietary_certificate(ByteReader& r) {
  r.skip(4 + 4 + 2);  // algorithms of signature and key, type of the key
  ByteReader key = r.sub(r.u16le());
  key.skip(4);  // "RSA1"
  const uint32_t key_bytes = key.u32le();
  if (key_bytes > kMaxKeyBytes) return false;
  key.skip(4 + 4);  // bits, exponent
  key.skip(key_bytes);
  r.skip(2);
  r.skip(r.u16le());
  return r.ok() && key.ok();
}

bool x509_certificates(ByteReader& r, Sink& sink) {
  const uint32_t count = r.u32le();
  if (count > kMaxCertificates) return false;
  for (uint32_t i = 0; i < count && r.ok(); i++) {
    const uint32_t length = r.u32le();
    if (length > kMaxKeyBytes) return false;
    const Bytes der = r.bytes(length);
    if (r.ok()) sink.on_certificate(der);
  }
  return r.ok();
}

bool server_certificate(ByteReader r, Sink& sink) {
  constexpr uint32_t kProprietary = 1, kX509 = 2, kTemporary = 0x80000000;
  const uint32_t version = r.u32le();
  const uint32_t type = version & ~kTemporary;
  if (!r.ok() || (type != kProprietary && type != kX509)) return false;
  const bool good = type == kProprietary ? proprietary_certificate(r) : x509_certificates(r, sink);
  if (good) sink.on_server_certificate(type, (version & kTemporary) == 0);
  return good;
}

bool server_security(ByteReader r, Sink& sink) {
  constexpr uint32_t kRandomBytes = 32;
  const uint32_t method = r.u32le(), level = r.u32le(), random_length = r.u32le(), certificate_length = r.u32le();
  const bool none = method == 0 && level == 0 && random_length == 0;
  if (!r.ok() || (!none && random_length != kRandomBytes)) return false;
  r.skip(random_length);
  const ByteReader certificate = r.sub(certificate_length);
  if (!r.ok() || !server_certificate(certificate, sink)) return false;
  sink.on_server_security(method, level);
  return true;
}

bool skip_fixed(ByteReader r, size_t bytes) {
  r.skip(bytes);
  return r.ok();
}

bool parse_block(uint16_t type, ByteReader r, Sink& sink) {
  switch (type) {
    case kClientCore:
      return client_core(r, sink);
    case kClientSecurity:
    case kClientCluster:
      return skip_fixed(r, 8);
    case kClientNetwork:
      return client_network(r, sink);
    case kServerCore:
      return skip_fixed(r, r.remaining() == 4 ? 4 : 8);  // the protocols that the client asked for are optional
    case kServerSecurity:
      return server_security(r, sink);
    case kServerNetwork:
      return skip_fixed(r, 4);
    default:
      return true;
  }
}

}  // namespace

bool parse_blocks(ByteReader& r, Sink& sink) {
  constexpr uint16_t kBlockHeaderBytes = 4;
  while (!r.empty()) {
    const uint16_t type = r.u16le(), length = r.u16le();
    if (!r.ok() || length < kBlockHeaderBytes) return false;
    const ByteReader block = r.sub(length - kBlockHeaderBytes);
    if (!r.ok() || !parse_block(type, block, sink)) return false;
  }
  return r.ok();
}

}  // namespace sensor::rdp
