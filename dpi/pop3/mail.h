// A mail that a client fetches: read as MIME for what is odd about it alone.
#pragma once

#include <memory>

#include "dpi/mime/entity.h"
#include "dpi/pop3/pop3.h"

namespace sensor::pop3 {

/// One mail. The sink outlives it. The limits are mime's.
class Mail final : private mime::EntityOwner {
 public:
  explicit Mail(Sink& sink);
  ~Mail() override;

  void line(Bytes line) { top_->deliver(line, true); }
  /// The mail ends.
  void done() { top_->end_of_data(); }

 private:
  class Part;

  void entity_begins(mime::Entity&) override {}
  void entity_ended(mime::Entity&) override {}
  void entity_weird(std::string_view name, std::string_view addl) override { sink_.on_weird(name, addl, "POP3"); }

  Sink& sink_;
  std::unique_ptr<mime::Entity> top_;
};

}  // namespace sensor::pop3
