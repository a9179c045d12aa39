// What the session keeps for a connection while somebody reads it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "detect_buffer.h"
#include "dpi/ndpi/ndpi_classifier.h"
#include "sensor/session/analyzer.h"

namespace sensor {

/// Leased from the session's pool at the first payload, returned when neither analyzers nor nDPI want more.
struct ConnState {
  struct Attached {
    uint8_t protocol;  // index in protocols()
    bool finished;     // to be dropped after the call at hand
    std::unique_ptr<Analyzer> analyzer;
    std::string_view service;  // confirmed, empty before
  };

  ConnHeader header;
  std::vector<Attached> analyzers;
  DetectBuffer detect_buffer;
  uint32_t ruled_out = 0;  // TCP: protocols, by index, whose probe said no
  bool detecting = true;
  bool had_gap = false;
  bool partial = false;
  NdpiLease lease = kNoNdpiLease;
  std::string host;

  void reset() {
    analyzers.clear();
    detect_buffer.clear();
    ruled_out = 0;
    detecting = true;
    had_gap = partial = false;
    lease = kNoNdpiLease;
    host.clear();
  }
};

}  // namespace sensor
