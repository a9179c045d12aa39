// Builds DNS messages byte by byte for tests, sound ones and broken ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::test {

class DnsMessage {
 public:
  static constexpr uint16_t kQuery = 0x0100, kReply = 0x8180;

  DnsMessage(uint16_t id, uint16_t flags, uint16_t questions, uint16_t answers, uint16_t authorities = 0, uint16_t additionals = 0) {
    u16(id).u16(flags).u16(questions).u16(answers).u16(authorities).u16(additionals);
  }

  DnsMessage& u8(unsigned v) {
    bytes_.push_back(static_cast<uint8_t>(v));
    return *this;
  }
  DnsMessage& u16(unsigned v) { return u8(v >> 8).u8(v & 255); }
  DnsMessage& u32(uint32_t v) { return u16(v >> 16).u16(v & 0xffff); }
  DnsMessage& raw(std::string_view s) {
    for (const char c : s) u8(static_cast<uint8_t>(c));
    return *this;
  }
  /// One label, of any length up to 255.
  DnsMessage& label(std::string_view s) { return u8(static_cast<unsigned>(s.size())).raw(s); }
  /// "www.example.com" as labels and the root; "" is the root alone.
  DnsMessage& name(std::string_view dotted) {
    while (!dotted.empty()) {
      const size_t dot = dotted.find('.');
      label(dotted.substr(0, dot));
      dotted = dot == std::string_view::npos ? std::string_view{} : dotted.substr(dot + 1);
    }
    return u8(0);
  }
  DnsMessage& pointer(unsigned offset) { return u16(0xc000 | offset); }
  DnsMessage& question(std::string_view dotted, unsigned type, unsigned qclass = 1) { return name(dotted).u16(type).u16(qclass); }
  /// A record whose owner is a pointer to the first question.
  DnsMessage& record(unsigned type, std::string_view rdata, uint32_t ttl = 60) {
    return pointer(12).u16(type).u16(1).u32(ttl).u16(static_cast<unsigned>(rdata.size())).raw(rdata);
  }

  Bytes bytes() const { return bytes_; }
  size_t size() const { return bytes_.size(); }
  /// The message behind its length, as in a TCP stream.
  std::vector<uint8_t> framed() const {
    std::vector<uint8_t> out = {static_cast<uint8_t>(bytes_.size() >> 8), static_cast<uint8_t>(bytes_.size() & 255)};
    out.insert(out.end(), bytes_.begin(), bytes_.end());
    return out;
  }

 private:
  std::vector<uint8_t> bytes_;
};

/// "\3www\0"-like literals keep their zeros.
template <size_t N>
std::string literal(const char (&s)[N]) {
  return {s, N - 1};
}

}  // namespace sensor::test
