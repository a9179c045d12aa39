// A mail that a client fetches, and its parts, as mime::Entity reads them.
#pragma once

#include <memory>

#include "dpi/mime/entity.h"
#include "dpi/pop3/pop3.h"

namespace sensor::pop3 {

/// One mail. The sink outlives it, and hears of the outermost part at once. The limits are mime's.
class Mail final : private mime::EntityOwner {
 public:
  explicit Mail(Sink& sink);
  ~Mail() override;

  void line(Bytes line) { top_->deliver(line, true); }
  /// The mail ends.
  void done();

 private:
  class Part;

  void entity_begins(mime::Entity&) override { sink_.on_entity_begin(); }
  void entity_ended(mime::Entity&) override { sink_.on_entity_end(); }
  void entity_weird(std::string_view name, std::string_view addl) override { sink_.on_weird(name, addl, "POP3"); }
  void bad_encoding(std::string_view what) override { sink_.on_weird("base64_illegal_encoding", what, {}); }

  Sink& sink_;
  std::unique_ptr<mime::Entity> top_;
};

}  // namespace sensor::pop3
