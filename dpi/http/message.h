// One request or response: its outermost entity and what it needs of the connection.
#pragma once

#include <cstdint>

#include "dpi/http/entity.h"
#include "dpi/http/reader.h"

namespace sensor::http {

class Message final : public EntityContext {
 public:
  Message(Reader& reader, Side side, BodyRule rule);
  ~Message() override = default;

  /// Tells the sink of the outermost entity. Called once, when the connection already holds the message.
  void begin() { entity_begins(top_); }
  void deliver(Bytes data, bool crlf) { top_.deliver(data, crlf); }
  bool lost(uint64_t length);
  /// Ends the message, whether or not its body is complete. Idempotent.
  void done();
  bool finished() const { return finished_; }

 private:
  void entity_begins(mime::Entity& entity) override;
  void entity_ended(mime::Entity& entity) override;
  void entity_weird(std::string_view name, std::string_view addl) override { reader_.weird(name, addl); }
  void bad_encoding(std::string_view what) override { reader_.sink_.on_weird("base64_illegal_encoding", what, {}); }
  void inflate_failed() override { reader_.sink_.on_weird("inflate_failed", {}, "ZIP"); }
  void header(const mime::Header& header) override;
  void body(BodyTag& tag, Bytes bytes, const BodyPart& part) override { reader_.sink_.on_body(side_, tag, bytes, part); }
  void body_gap(BodyTag& tag, uint64_t offset, uint64_t length) override { reader_.sink_.on_body_gap(side_, tag, offset, length); }
  void set_plain(uint64_t length) override { reader_.at(side_).splitter.set_plain(length); }
  void set_delivery_size(int64_t length) override { reader_.at(side_).splitter.set_delivery_size(length); }
  void set_strict_lines(bool on) override { reader_.at(side_).splitter.set_strict(on); }
  uint32_t status_code() const override { return reader_.status_code_; }
  Version version() const override;
  bool closes() const override { return reader_.close_; }

  /// Other connections may bring more of what a partial response belongs to.
  bool body_ends() const { return side_ == Side::Client || reader_.status_code_ != 206; }

  Reader& reader_;
  Side side_;
  bool finished_ = false;
  uint64_t body_length_ = 0;
  Entity top_;
  Entity* current_ = nullptr;  // innermost open entity
};

}  // namespace sensor::http
