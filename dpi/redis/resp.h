// Redis's serialisation protocol, RESP 2 and 3 (redis.io/docs/latest/develop/reference/protocol-spec): commands and replies out of streams.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::redis {

/// Of an argument or a reply, longer ones are cut off.
inline constexpr size_t kMaxKept = 16 * 1024;
/// Of a line or a string, as in Zeek; longer ones are malformed.
inline constexpr uint64_t kMaxBytes = 1024 * 1024;
/// Members of a reply or command, those of its members included, as in Zeek.
inline constexpr uint64_t kMaxMembers = 20'000;

/// A line that ends with CR LF.
class Line {
 public:
  /// Takes bytes up to the end of the line. True: it is complete, and text() is the line without its end.
  bool feed(ByteReader& r);
  std::string_view text() const { return std::string_view(text_).substr(0, size_ < text_.size() ? size_ : text_.size()); }
  /// Bytes so far, its end not included.
  uint64_t size() const { return size_; }
  void clear();

 private:
  std::string text_;  // at most kMaxKept
  uint64_t size_ = 0;
  bool after_carriage_return_ = false;
};

struct Command {
  /// The first four, the name among them.
  std::vector<std::string> arguments;
  uint64_t count = 0;  // of all arguments
};

/// The commands of a client: arrays of strings, or words in a line.
class CommandReader {
 public:
  static constexpr size_t kMaxInline = 1024;

  enum class Status : uint8_t { NeedMore, Ready, Malformed };
  /// Reads up to the end of the next command.
  Status feed(ByteReader& r);
  /// Once Ready.
  const Command& command() const { return command_; }
  /// Whether a command has begun and not ended.
  bool within() const { return state_ != State::Begin; }

 private:
  enum class State : uint8_t { Begin, Inline, Count, ElementType, Length, Content, Tail };

  Status step(ByteReader& r);
  Status end_of_line();
  void begin_argument() { state_ = left_ == 0 ? State::Begin : State::ElementType; }

  State state_ = State::Begin;
  Line line_;
  Command command_;
  uint64_t left_ = 0;          // arguments to come
  uint64_t content_left_ = 0;  // bytes of the argument at hand
};

struct Reply {
  enum class Kind : uint8_t { Value, Error, Push };
  Kind kind = Kind::Value;
  bool resp3 = false;  // says something that RESP 2 cannot
  std::string value;   // with brackets around members, as Zeek writes it
};

/// The replies of a server.
class ReplyReader {
 public:
  static constexpr size_t kMaxDepth = 20;

  using Status = CommandReader::Status;
  /// Reads up to the end of the next reply. Malformed: what follows is passed over up to the end of a line, where reading goes on.
  Status feed(ByteReader& r);
  const Reply& reply() const { return reply_; }
  /// Whether a reply has begun and not ended.
  bool within() const { return state_ != State::Type || !frames_.empty() || behind_attribute_; }
  /// Bytes are missing.
  void lose_track();

 private:
  enum class State : uint8_t { Type, Line, Boolean, Tail, Count, Length, Content, Lost };
  /// An aggregate whose members are being read.
  struct Frame {
    char type;
    uint64_t left;
    uint64_t index;
  };

  Status step(ByteReader& r);
  Status begin(char type);
  Status end_of_line();
  Status open(std::optional<int64_t> count);
  Status end_value();
  void separate();
  void append(std::string_view text);

  State state_ = State::Type;
  Line line_;
  char type_ = 0;
  uint64_t content_left_ = 0;
  std::vector<Frame> frames_;
  uint64_t members_ = 0;
  unsigned attributes_ = 0;  // frames that are attributes: what is in them is not shown
  bool behind_attribute_ = false;
  bool has_type_ = false;  // of the reply at hand, attributes aside
  Reply reply_;
};

}  // namespace sensor::redis
