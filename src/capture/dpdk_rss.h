// Receive side scaling that gives both directions of a connection to one queue.
#pragma once

#include <cstdint>
#include <vector>

namespace sensor {

/// Of the header fields that a port can hash (RTE_ETH_RSS_…), those that stand in both directions of a connection: addresses and ports of
/// IPv4 and IPv6, plain, in fragments, and of TCP, UDP and SCTP. 0: none.
uint64_t rss_fields(uint64_t offered);

/// The key of Toeplitz's hash with which it does not matter which end is the source: two bytes, repeated (Woo and Park: "Scalable TCP
/// session monitoring with symmetric receive-side scaling", 2012).
class RssKey {
 public:
  /// `bytes`: as long as the port wants it; 0: it does not say.
  explicit RssKey(uint8_t bytes);
  uint8_t* data() { return bytes_.data(); }
  uint8_t size() const { return static_cast<uint8_t>(bytes_.size()); }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace sensor
