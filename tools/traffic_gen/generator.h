// All connections of a capture, their packets in the order of time.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "connection.h"
#include "frame.h"
#include "options.h"
#include "sensor/base/time.h"

namespace sensor::gen {

/// Memory: about 130 bytes for every connection that is open at a time, whatever the size of the capture.
class Generator {
 public:
  /// The first packet of every capture lies near this time, so that two captures of the same options are equal.
  static constexpr TimeNs kStartNs = 1'700'000'000 * kSecond;

  explicit Generator(const Options& options);

  struct Packet {
    TimeNs ts_ns = 0;
    std::string_view frame;  // valid until the next call
  };
  /// False when all connections are over.
  bool next(Packet& out);
  uint64_t connections_begun() const { return begun_; }

 private:
  struct Due {
    TimeNs ns;
    uint32_t slot;
    uint32_t order;  // the earlier pushed first, where times are equal
    bool operator>(const Due& o) const { return ns != o.ns ? ns > o.ns : order > o.order; }
  };
  TimeNs start_of(uint64_t connection) const;
  void begin_connections();
  void push(TimeNs ns, uint32_t slot);

  Options options_;
  FrameBuilder builder_;
  std::vector<Connection> connections_;  // slots, used again
  std::vector<uint32_t> free_slots_;
  std::vector<Due> heap_;
  uint64_t begun_ = 0;
  uint32_t order_ = 0;
};

}  // namespace sensor::gen
