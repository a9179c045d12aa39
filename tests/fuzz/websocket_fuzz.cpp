// One direction of a stream of frames, given in two pieces; the first byte says where it is cut.
#include <algorithm>
#include <cstdlib>

#include "dpi/websocket/websocket.h"

using namespace sensor;

namespace {
struct Sink final : websocket::FrameSink {
  size_t payload = 0;
  void on_payload(Bytes bytes) override { payload += bytes.size(); }
  void on_message() override {}
  void on_weird(std::string_view, std::string_view) override {}
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Bytes all = Bytes(data, size).subspan(1);
  const size_t cut = std::min<size_t>(data[0], all.size());
  websocket::FrameReader reader;
  Sink sink;
  reader.feed(all.first(cut), sink);
  reader.feed(all.subspan(cut), sink);
  if (sink.payload > all.size()) std::abort();
  return 0;
}
