// An entity of an HTTP message: a MIME entity whose body is framed and encoded as HTTP says (RFC 9112 sections 6 and 7).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "dpi/http/http.h"
#include "dpi/mime/entity.h"
#include "dpi/mime/inflater.h"

namespace sensor::http {

/// Whether a body follows the header: never (HEAD, 1xx, 204, 304), until the stream ends if nothing says how long it is, or only when
/// something says so.
enum class BodyRule : uint8_t { None, Expected, IfAnnounced };

/// What an entity asks of the message and the connection it is part of.
class EntityContext : public mime::EntityOwner {
 public:
  virtual void header(const mime::Header& header) = 0;
  virtual void body(BodyTag& tag, Bytes bytes, const BodyPart& part) = 0;
  virtual void body_gap(BodyTag& tag, uint64_t offset, uint64_t length) = 0;
  /// The next `length` bytes of the stream are body; 0: lines again.
  virtual void set_plain(uint64_t length) = 0;
  virtual void set_delivery_size(int64_t length) = 0;
  /// Inside a part only CR LF ends a line.
  virtual void set_strict_lines(bool on) = 0;
  virtual void inflate_failed() = 0;
  /// Status code of the response being read; 0 when there is none.
  virtual uint32_t status_code() const = 0;
  /// The version that decides whether the message may be chunked.
  virtual Version version() const = 0;
  /// The connection ends with this message.
  virtual bool closes() const = 0;
};

class Entity final : public mime::Entity, private mime::InflateSink {
 public:
  Entity(EntityContext& context, Entity* parent, BodyRule rule);

  void deliver(Bytes data, bool crlf) override;
  void end_of_data() override;
  /// `length` bytes are lost. True when they all belong to this body, so that reading can go on.
  bool lost(uint64_t length);

  uint64_t body_length() const { return body_length_; }
  BodyTag& tag() { return tag_; }

 private:
  enum class Chunk : uint8_t { None, Announced, Size, Data, DataEnd, Trailer };
  enum class Coding : uint8_t { Identity, Gzip, Deflate };

  std::unique_ptr<mime::Entity> make_child() override;
  void on_header(const mime::Header& header) override;
  void on_headers_done() override;
  void on_body(Bytes bytes) override;
  bool passes_on(size_t bytes) override;
  void on_inflated(Bytes bytes) override;

  void content_length_header(const mime::Header& header);
  void content_range_header(const mime::Header& header);
  void transfer_encoding_header(const mime::Header& header);
  void expect_header(const mime::Header& header);
  void check_expect();
  void frame_body();
  void chunked(Bytes data);
  void coded_body(Bytes data, bool crlf);
  void clear_body(Bytes data, bool crlf);
  void container_body(Bytes data, bool crlf);
  bool chunked_at_all() const { return chunk_ != Chunk::None; }
  bool compressed() const { return coding_ != Coding::Identity; }

  EntityContext& context_;
  BodyRule rule_;
  Chunk chunk_ = Chunk::None;
  Coding coding_ = Coding::Identity;
  bool partial_ = false;      // a 206 response's range
  bool expects_100_ = false;  // Expect: 100-continue
  bool size_told_ = false;
  bool inflating_ = false;
  int64_t content_length_ = -1;
  int64_t range_length_ = -1;
  int64_t expected_ = 0;  // bytes of the body, or of the chunk, still to come
  uint64_t body_length_ = 0;
  uint64_t offset_ = 0;       // of the next byte of a partial response
  int64_t whole_length_ = 0;  // size of what a partial response is part of; 0: not known
  std::unique_ptr<mime::Inflater> inflater_;
  BodyTag tag_;
};

}  // namespace sensor::http
