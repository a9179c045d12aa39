// A decoder with what tests ask of it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "packet_bytes.h"
#include "sensor/net/decoder.h"

namespace sensor::test {

class DecodeTest : public testing::Test {
 protected:
  DecodeStatus decode(const Octets& bytes, LinkType link = LinkType::Ethernet) {
    kept_ = bytes;
    return decoder_.decode(packet(kept_, link), p_);
  }
  DecodeStatus decode_cut(const Octets& bytes, size_t captured, LinkType link = LinkType::Ethernet) {
    // A copy of exactly this size, so that a sanitizer sees every read beyond it.
    kept_.assign(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(captured));
    kept_.shrink_to_fit();
    PacketView v = packet(kept_, link);
    v.wire_len = static_cast<uint32_t>(bytes.size());
    return decoder_.decode(v, p_);
  }
  /// Names of the weirds of the last packet, with their source.
  std::vector<std::string> weirds() const {
    std::vector<std::string> out;
    for (const DecodeWeird& w : p_.weirds) out.push_back(std::string(w.name()) + "/" + std::string(w.source));
    return out;
  }
  std::string payload() const { return std::string(as_chars(p_.payload)); }
  uint64_t count(DecodeCounter c) const { return counters_.get(c); }
  /// Every decoded packet ends in exactly one outcome.
  uint64_t outcomes() const {
    uint64_t sum = 0;
    for (auto c = static_cast<size_t>(DecodeCounter::kWeirds); c < static_cast<size_t>(DecodeCounter::WeirdsLost); c++)
      sum += counters_.get(static_cast<DecodeCounter>(c));
    return sum;
  }

  DecodeCounters counters_;
  Decoder decoder_{DecodeOptions{}, &counters_};
  DecodedPacket p_;
  Octets kept_;
};

inline std::vector<std::string> none() {
  return {};
}
inline std::vector<std::string> one(std::string s) {
  return {std::move(s)};
}

}  // namespace sensor::test
