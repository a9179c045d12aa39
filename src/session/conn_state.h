// What the session keeps for a connection while somebody reads it.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "detect_buffer.h"
#include "dpi/ndpi/ndpi_classifier.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocol_set.h"

namespace sensor {

/// Leased from the session's pool at the first payload, returned when neither analyzers nor nDPI want more.
struct alignas(64) ConnState {
  struct Attached {
    uint8_t protocol;  // index in protocols()
    bool finished;     // said that it is done: to be dropped after the call at hand
    bool violated;     // read something else than its protocol: to be dropped after the packet at hand
    bool inside;       // reads what another analyzer unwraps
    uint16_t violations;
    std::unique_ptr<Analyzer> analyzer;
    std::string_view service;  // confirmed, empty before
  };

  // What every piece of data looks at, in one cache line.
  std::vector<Attached> analyzers;
  TimeNs resting_since = 0;    // 0: is at work
  ProtocolMask ruled_out = 0;  // TCP: protocols, by index, that are attached or whose probe said no
  Bytes handed_on;             // with `began_anew`
  NdpiLease lease = kNoNdpiLease;
  bool began_anew : 1 = false;  // detection began anew, with this rest of the piece at hand
  bool detecting : 1 = true;    // probes are asked
  bool keeping : 1 = true;      // the detection buffer is not full: a dropped protocol may be succeeded by another
  bool inside : 1 = false;      // detection looks at what an analyzer unwraps
  bool had_gap : 1 = false;
  uint8_t ended : 2 = 0;  // TCP: directions, by index, that came to their end

  ConnHeader header;
  std::unique_ptr<DetectBuffer> kept;  // null: nothing is kept
  // Dropped after a violation, with on_finish() still to come; its protocol, by index, and the analyzer, or null.
  uint8_t set_aside_protocol = 0;
  std::unique_ptr<Analyzer> set_aside;
  std::array<ProtocolMask, 2> used{};  // TCP: protocols that were dropped; a side that once spoke for one does not do so again
  std::string host;
  std::optional<ConfirmedProtocol> variant;
  uint8_t told = 0;           // weirds that are told once per connection, by SessionContext::weird()
  uint8_t recognised_as = 0;  // the first protocol whose content was seen, even if it went wrong later; by index + 1, 0: none

  void recognise(size_t protocol) {
    if (recognised_as == 0) recognised_as = static_cast<uint8_t>(protocol + 1);
  }
  void reset() {
    analyzers.clear();
    set_aside.reset();
    ruled_out = 0;
    used = {};
    detecting = keeping = true;
    inside = had_gap = began_anew = false;
    ended = 0;
    resting_since = 0;
    lease = kNoNdpiLease;
    host.clear();
    variant.reset();
    told = 0;
    recognised_as = 0;
  }
};

}  // namespace sensor
