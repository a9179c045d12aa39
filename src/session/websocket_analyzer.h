// WebSocket on one connection, after HTTP's handshake: unwraps the messages for whatever protocol they carry.
#pragma once

#include <array>

#include "dpi/websocket/websocket.h"
#include "sensor/session/analyzer.h"

namespace sensor {

class WebsocketAnalyzer final : public Analyzer {
 public:
  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;

 private:
  std::array<websocket::FrameReader, 2> readers_;
  bool started_ = false;
  bool had_gap_ = false;
};

}  // namespace sensor
