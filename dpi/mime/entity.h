// A MIME entity: header fields and a body that may hold further entities (RFC 2045, RFC 2046 section 5).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dpi/mime/header.h"
#include "dpi/mime/transfer_decoder.h"
#include "sensor/base/byte_reader.h"

namespace sensor::mime {

/// Zeek's limits.
inline constexpr uint32_t kMaxDepth = 100;
inline constexpr size_t kMaxHeaderBytes = 65536;

class Entity;

/// The message an entity belongs to.
class EntityOwner {
 public:
  virtual ~EntityOwner() = default;
  virtual void entity_begins(Entity& entity) = 0;
  virtual void entity_ended(Entity& entity) = 0;
  /// Zeek's name for an oddity; `name` has static storage.
  virtual void entity_weird(std::string_view name, std::string_view addl) = 0;
  /// A body is not what its transfer encoding promises; told once for each body.
  virtual void bad_encoding(std::string_view what) = 0;
};

/// Reads one entity, line by line. A protocol derives from it to learn the fields and to get the decoded body. Data may also come in
/// pieces that are no lines (crlf false); boundaries are then looked for at the start of a piece only.
///
/// Nested entities are owned by their parent and live until the next boundary. Depth is limited by kMaxDepth, a folded field by
/// kMaxHeaderBytes and the caller's line length.
class Entity {
 public:
  Entity(EntityOwner& owner, Entity* parent);
  virtual ~Entity() = default;
  Entity(const Entity&) = delete;
  Entity& operator=(const Entity&) = delete;

  /// A line without its end, or with crlf false a piece of data.
  virtual void deliver(Bytes data, bool crlf);
  /// No more will come. Idempotent.
  virtual void end_of_data();

  Entity* parent() const { return parent_; }
  uint32_t depth() const { return depth_; }
  bool ended() const { return ended_; }
  bool in_header() const { return in_header_; }
  MediaType media() const { return media_; }
  bool is_container() const { return media_ == MediaType::Multipart || media_ == MediaType::Message; }

 protected:
  virtual std::unique_ptr<Entity> make_child() = 0;
  virtual void on_header(const Header& header) = 0;
  /// The empty line behind the fields (or the end of the data) was seen.
  virtual void on_headers_done() {}
  /// Decoded bytes of the body.
  virtual void on_body(Bytes bytes) = 0;
  /// Whether `bytes` of the body that are no boundary go to the open part as they are; then they are counted here.
  virtual bool passes_on(size_t bytes);

  EntityOwner& owner() const { return owner_; }
  /// What deliver() does behind the header.
  void body_line(Bytes data, bool crlf);
  /// Reads fields again: the trailer of a chunked body.
  void reopen_header() { in_header_ = true; }

 private:
  enum class Boundary : uint8_t { None, Part, Closing };

  void header_line(std::string_view line);
  void finish_header();
  void interpret(const Header& header);
  void begin_body();
  void begin_child();
  void end_child();
  Entity& innermost(Bytes line, bool crlf);
  Boundary boundary_at(std::string_view line) const;
  void hand_on(Bytes data, bool crlf);
  void decode(Bytes data);
  void check_base64(bool was_odd);

  EntityOwner& owner_;
  Entity* parent_;
  uint32_t depth_ = 0;
  bool in_header_ = true;
  bool ended_ = false;
  bool owes_crlf_ = false;  // a part's last line end belongs to the boundary that follows
  MediaType media_ = MediaType::Text;
  TransferEncoding encoding_ = TransferEncoding::Identity;
  std::optional<std::string> boundary_;
  std::string field_;         // the field being read, unfolded
  uint32_t field_lines_ = 0;  // of it; 0: none is being read
  std::optional<Base64Decoder> base64_;
  std::unique_ptr<Entity> child_;
};

}  // namespace sensor::mime
