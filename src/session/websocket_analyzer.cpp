#include "websocket_analyzer.h"

#include <utility>

namespace sensor {
namespace {

struct Sink final : websocket::FrameSink {
  Sink(AnalyzerContext& context, Direction direction) : c(context), d(direction) {}
  void on_payload(Bytes bytes) override { c.feed_inside(d, bytes); }
  void on_message() override { c.confirm("websocket"); }
  void on_weird(std::string_view name, std::string_view addl) override { c.weird(name, addl, "WEBSOCKET"); }

  AnalyzerContext& c;
  Direction d;
};

}  // namespace

void WebsocketAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  if (had_gap_) return;
  if (!std::exchange(started_, true)) c.start_inside();
  Sink sink(c, d);
  if (!readers_[index(d)].feed(bytes, sink)) c.violation("WebSocket frames out of order");
}

/// Frames cannot be found again behind a hole.
void WebsocketAnalyzer::on_gap(AnalyzerContext&, Direction, uint64_t) {
  had_gap_ = true;
}

}  // namespace sensor
