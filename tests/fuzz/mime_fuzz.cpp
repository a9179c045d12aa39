// A MIME entity given in lines as a LineSplitter cuts them; header helpers and decoders on the same bytes.
#include <cstdlib>

#include "dpi/mime/entity.h"
#include "dpi/mime/inflater.h"
#include "dpi/mime/line_splitter.h"
#include "dpi/mime/percent.h"

using namespace sensor;

namespace {
void check(bool ok) {
  if (!ok) std::abort();
}

struct Message final : mime::EntityOwner, mime::LineHandler {
  struct Part final : mime::Entity {
    Part(Message& m, Entity* parent) : Entity(m, parent), message(m) {}
    std::unique_ptr<Entity> make_child() override { return std::make_unique<Part>(message, this); }
    void on_header(const mime::Header& h) override {
      check(!h.name.empty());
      mime::filename_parameter(h.value);
      h.after_token();
    }
    void on_body(Bytes bytes) override { message.body += bytes.size(); }
    Message& message;
  };

  Message() : top(*this, nullptr) {}
  void entity_begins(mime::Entity& e) override { check(e.depth() <= mime::kMaxDepth); }
  void entity_ended(mime::Entity& e) override { check(e.ended()); }
  void entity_weird(std::string_view, std::string_view) override {}
  void bad_encoding(std::string_view) override {}
  void on_line(Bytes line) override {
    if (!top.ended()) top.deliver(line, true);
  }
  void on_plain(Bytes bytes) override { top.deliver(bytes, false); }
  void on_line_weird(std::string_view) override {}

  size_t body = 0;
  Part top;
};
struct Inflated final : mime::InflateSink {
  size_t bytes = 0;
  void on_inflated(Bytes b) override { bytes += b.size(); }
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes all(data, size);
  Message m;
  mime::LineSplitter lines;
  lines.feed(all.first(size / 2), m);
  lines.feed(all.subspan(size / 2), m);
  lines.finish(m);
  m.top.end_of_data();
  check(mime::unescape(as_chars(all), nullptr).size() <= size);
  mime::parse_content_type(as_chars(all));
  if (size < (1U << 16)) {
    mime::Inflater inflater;
    Inflated out;
    inflater.feed(all, out);
    check(out.bytes <= mime::Inflater::kRatioFloor + mime::Inflater::kMaxRatio * size + 4096);
  }
  return 0;
}
