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
struct ConnState {
  struct Attached {
    uint8_t protocol;  // index in protocols()
    bool finished;     // said that it is done: to be dropped after the call at hand
    bool violated;     // read something else than its protocol: to be dropped after the packet at hand
    bool inside;       // reads what another analyzer unwraps
    std::unique_ptr<Analyzer> analyzer;
    std::string_view service;  // confirmed, empty before
  };

  ConnHeader header;
  std::vector<Attached> analyzers;
  DetectBuffer detect_buffer;
  ProtocolMask ruled_out = 0;          // TCP: protocols, by index, that are attached or whose probe said no
  std::array<ProtocolMask, 2> used{};  // TCP: protocols that were dropped; a side that once spoke for one does not do so again
  bool detecting = true;               // probes are asked
  bool keeping = true;                 // the detection buffer is not full: a dropped protocol may be succeeded by another
  bool inside = false;                 // detection looks at what an analyzer unwraps
  bool had_gap = false;
  TimeNs resting_since = 0;        // 0: is at work
  std::optional<Bytes> handed_on;  // detection began anew behind this much of the piece at hand
  NdpiLease lease = kNoNdpiLease;
  std::string host;
  std::optional<ConfirmedProtocol> variant;

  void reset() {
    analyzers.clear();
    detect_buffer.clear();
    ruled_out = 0;
    used = {};
    detecting = keeping = true;
    inside = had_gap = false;
    resting_since = 0;
    handed_on.reset();
    lease = kNoNdpiLease;
    host.clear();
    variant.reset();
  }
};

}  // namespace sensor
