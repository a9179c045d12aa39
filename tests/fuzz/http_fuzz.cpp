// Pieces of both directions of a connection. A byte says what comes: bit 0 the direction, bits 1-2 data, a gap or the end, the rest
// (and for data the next byte) the length.
#include <algorithm>
#include <cstdlib>

#include "dpi/http/reader.h"

using namespace sensor;

namespace {
void check(bool ok) {
  if (!ok) std::abort();
}

struct Counter final : http::Sink {
  int64_t open_entities = 0;

  void on_request(std::string_view method, std::string_view) override { check(!method.empty()); }
  void on_response(http::Version, uint32_t code, std::optional<std::string_view>) override { check(code <= 999); }
  void on_entity_begin(http::Side) override { open_entities++; }
  void on_header(http::Side, const mime::Header& h) override {
    check(!h.name.empty());
    mime::filename_parameter(h.value);
  }
  void on_body(http::Side, http::BodyTag&, Bytes, const http::BodyPart&) override { check(open_entities > 0); }
  void on_body_gap(http::Side, http::BodyTag&, uint64_t, uint64_t) override {}
  void on_entity_end(http::Side) override { check(--open_entities >= 0); }
  void on_body_end(http::Side, http::BodyTag&) override {}
  void on_message_done(http::Side, uint64_t) override {}
  void on_tunnel(size_t) override {}
  void on_upgrade(std::string_view protocol, size_t) override { check(!protocol.empty()); }
  void on_confirmed() override {}
  void on_violation(std::string_view) override {}
  void on_weird(std::string_view name, std::string_view, std::string_view) override { check(!name.empty()); }
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Counter sink;
  http::Reader reader(sink);
  ByteReader in(Bytes(data, size));
  while (!in.empty()) {
    const uint8_t what = in.u8();
    const auto side = (what & 1) != 0 ? http::Side::Server : http::Side::Client;
    const size_t length = (size_t{what} >> 3) << 8 | in.u8();
    if ((what & 6) == 6) {
      reader.eof(side);
    } else if ((what & 6) == 4) {
      reader.lost(side, length);
    } else {
      const Bytes piece = in.bytes(std::min(length, in.remaining()));
      http::looks_like_request(piece);
      http::looks_like_response(piece);
      reader.feed(side, piece);
    }
  }
  reader.finish();
  return 0;
}
