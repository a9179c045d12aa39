// A mail: header fields and a body that may have parts, as mime::Entity reads them.
#pragma once

#include <memory>

#include "dpi/mime/entity.h"
#include "dpi/smtp/smtp.h"

namespace sensor::smtp {

/// One mail. The sink outlives it, and hears of the outermost part at once.
class Mail final : private mime::EntityOwner {
 public:
  Mail(Sink& sink, bool from_client);
  ~Mail() override;

  void line(Bytes data, bool crlf);
  void lost(uint64_t length) { sink_.on_body_gap(from_client_, part_length_, length); }
  /// The mail ends.
  void done();

 private:
  class Part;

  void entity_begins(mime::Entity& entity) override;
  void entity_ended(mime::Entity& entity) override;
  void entity_weird(std::string_view name, std::string_view addl) override { sink_.on_weird(name, addl, "SMTP"); }
  void bad_encoding(std::string_view what) override { sink_.on_weird("base64_illegal_encoding", what, {}); }
  void body(Bytes bytes);

  Sink& sink_;
  bool from_client_;
  uint64_t part_length_ = 0;  // bytes seen since a part last began
  std::unique_ptr<mime::Entity> top_;
};

}  // namespace sensor::smtp
