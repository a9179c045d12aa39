// HTTP/1.x and HTTP/0.9 (RFC 9110, RFC 9112, RFC 1945): both directions of a connection, from bytes to messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dpi/mime/header.h"
#include "sensor/base/byte_reader.h"

namespace sensor::http {

struct Version {
  uint8_t major = 0, minor = 0;  // 0.0: unreadable
  bool operator==(const Version&) const = default;
};

/// A request line. The views point into the line.
struct RequestLine {
  std::string_view method;
  std::string_view uri;            // as it stands
  std::optional<Version> version;  // unset: the line ends inside "HTTP/x.y"; 0.9 when the line names none
  bool missing_uri = false;        // "GET HTTP/1.1"
  bool lowercase_keyword = false;  // "http/1.1"
};
enum class LineError : uint8_t { None, Malformed, MalformedWithVersion };

/// Reads "method SP uri SP HTTP/x.y" as leniently as Zeek does: a URI may hold blanks.
LineError parse_request_line(std::string_view line, RequestLine& out);

/// A status line. The views point into the line.
struct StatusLine {
  Version version;
  uint32_t code = 0;                       // 0: not three digits
  std::optional<std::string_view> reason;  // unset: the line ends behind the code
  bool lowercase_keyword = false;
};
/// Unset when the line is no status line at all.
std::optional<StatusLine> parse_status_line(std::string_view line);

/// A Content-Range field (RFC 9110 section 14.4).
struct ContentRange {
  int64_t first = 0, last = 0;
  std::optional<int64_t> total;  // unset: "*"
  bool bad_total = false;
};
/// On failure returns unset and Zeek's name for what is wrong in `weird`; `spec` receives the range without blanks.
std::optional<ContentRange> parse_content_range(const mime::Header& header, std::string_view& weird, std::string& spec);

/// Whether the bytes begin like a request (a known method behind optional white space), or like a response ("HTTP/" and a digit).
/// `complete` tells whether more bytes could still change a negative answer.
enum class Likeness : uint8_t { No, Undecided, Yes };
Likeness looks_like_request(Bytes begin);
Likeness looks_like_response(Bytes begin);

/// What the two sides of a connection are called here, as everywhere: who opened it sends requests.
enum class Side : uint8_t { Client = 0, Server = 1 };

/// Whom a body belongs to; the reader keeps one per entity and hands it to every call about that entity.
struct BodyTag {
  uint64_t cookie = 0;  // the sink's own, 0 at first
};
/// What a body part knows of its whole.
struct BodyPart {
  std::optional<uint64_t> offset;  // of a partial response, into the whole
  std::optional<uint64_t> total;   // size of the whole; given once, with the first bytes
};

/// Receives what a Reader finds, in the order of the stream. Views are valid during the call. A sink must not feed the reader.
class Sink {
 public:
  virtual ~Sink() = default;
  /// `uri` with its percent escapes decoded.
  virtual void on_request(std::string_view method, std::string_view uri) = 0;
  virtual void on_response(Version version, uint32_t code, std::optional<std::string_view> reason) = 0;
  virtual void on_entity_begin(Side side) = 0;
  virtual void on_header(Side side, const mime::Header& header) = 0;
  /// Bytes of a body as the application sees them: unchunked, decompressed, transfer-decoded.
  virtual void on_body(Side side, BodyTag& tag, Bytes bytes, const BodyPart& part) = 0;
  /// `length` bytes of the body behind the first `offset` ones are lost.
  virtual void on_body_gap(Side side, BodyTag& tag, uint64_t offset, uint64_t length) = 0;
  virtual void on_entity_end(Side side) = 0;
  /// No more bytes of this body will come over this connection (not told for partial responses, which others may continue).
  virtual void on_body_end(Side side, BodyTag& tag) = 0;
  /// A message is complete, or broke off. `body_length`: bytes of its body, decompressed.
  virtual void on_message_done(Side side, uint64_t body_length) = 0;
  /// A CONNECT was granted: what follows in both directions is the tunnelled protocol. `rest`: bytes of this feed() behind the response.
  virtual void on_tunnel(size_t rest) = 0;
  /// A 101 response: what follows speaks `protocol`.
  virtual void on_upgrade(std::string_view protocol, size_t rest) = 0;
  /// A request line, or a response to a request, was seen: this is HTTP.
  virtual void on_confirmed() = 0;
  /// This is no HTTP.
  virtual void on_violation(std::string_view reason) = 0;
  /// Zeek's weird; `name` and `source` have static storage.
  virtual void on_weird(std::string_view name, std::string_view addl, std::string_view source) = 0;
};

}  // namespace sensor::http
