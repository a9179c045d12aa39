// Ethernet frames with correct lengths and checksums.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sensor::gen {

/// Appends integers in network byte order.
class WireWriter {
 public:
  WireWriter& u8(uint64_t v) {
    out_ += static_cast<char>(v);
    return *this;
  }
  WireWriter& u16(uint64_t v) { return u8(v >> 8).u8(v); }
  WireWriter& u24(uint64_t v) { return u8(v >> 16).u16(v); }
  WireWriter& u32(uint64_t v) { return u16(v >> 16).u16(v); }
  WireWriter& raw(std::string_view s) {
    out_ += s;
    return *this;
  }
  /// `body` after its length in 1, 2 or 3 bytes.
  WireWriter& with_u8_length(std::string_view body) { return u8(body.size()).raw(body); }
  WireWriter& with_u16_length(std::string_view body) { return u16(body.size()).raw(body); }
  WireWriter& with_u24_length(std::string_view body) { return u24(body.size()).raw(body); }
  const std::string& str() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// One side of a connection.
struct Endpoint {
  std::array<uint8_t, 16> address{};  // the first 4 bytes for IPv4
  uint16_t port = 0;
};

/// Addresses of a connection and which family they are of.
struct Endpoints {
  Endpoint client, server;
  bool v6 = false;
};

struct TcpFields {
  uint32_t seq = 0, ack = 0;
  uint8_t flags = 0;
  uint16_t window = 0;
  std::string_view options;  // a multiple of 4 bytes
};

/// Builds one frame at a time. frame() is valid until the next call.
class FrameBuilder {
 public:
  std::string_view tcp(const Endpoints& e, bool from_client, const TcpFields& tcp, std::string_view payload);
  std::string_view udp(const Endpoints& e, bool from_client, std::string_view payload);

 private:
  static constexpr size_t kMaxFrame = 14 + 40 + 60 + 65535;

  std::string_view finish(const Endpoints& e, bool from_client, uint8_t protocol, size_t header_bytes, size_t checksum_at,
                          std::string_view payload);
  size_t ip_header(const Endpoints& e, bool from_client, uint8_t protocol, size_t ip_payload);

  std::vector<uint8_t> frame_ = std::vector<uint8_t>(kMaxFrame);
  std::array<uint8_t, 60> l4_{};
  uint16_t ip_id_ = 0;
};

}  // namespace sensor::gen
