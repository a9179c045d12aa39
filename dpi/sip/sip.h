// SIP messages over UDP (RFC 3261), a datagram each.
#pragma once

#include <cstdint>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::sip {

/// The first line of a message. Views of the datagram.
struct StartLine {
  bool is_request = false;
  std::string_view junk;         // request: what stands before the method
  std::string_view method, uri;  // request
  uint16_t status = 0;           // response
  std::string_view reason;       // response, may be empty
};

struct Header {
  std::string_view name, value;
};

/// Whether a datagram is a response, by its first bytes; everything else is read as a request.
bool is_response(std::string_view datagram);

/// Walks one message.
///
///   MessageReader m(datagram);
///   if (m.start(line) == Found) while (m.next(header) == Found) …
///   m.whole()
class MessageReader {
 public:
  /// End: there is no (further) line. The line of a request or header may be cut short by the end of the datagram.
  enum class Status : uint8_t { Found, End, Malformed };

  explicit MessageReader(std::string_view datagram) : rest_(datagram) {}

  Status start(StartLine& out);
  Status next(Header& out);
  /// The headers have ended, and the datagram holds as much of a body as they announce. What is behind it is not looked at (section 18.3).
  bool whole() const { return headers_ended_ && body_bytes_ <= rest_.size(); }
  /// What is left behind the last whole line.
  std::string_view rest() const { return rest_; }

 private:
  bool take_line(std::string_view& line);

  std::string_view rest_;
  uint64_t body_bytes_ = 0;
  bool headers_ended_ = false;
};

/// Whether a datagram begins with the first line of a message, as far as it can be told.
bool looks_like_message(std::string_view datagram);

/// The number of a Content-Length field; 0 when it is none.
uint64_t number(std::string_view text);
/// The text before a parameter of this name: "sip:a@b;tag=1" before "tag=" is "sip:a@b" (a space may follow the semicolon).
std::string_view before_parameter(std::string_view text, std::string_view name);
bool same_name(std::string_view a, std::string_view b);
/// Whether Zeek knows the method.
bool is_known_method(std::string_view method);

}  // namespace sensor::sip
