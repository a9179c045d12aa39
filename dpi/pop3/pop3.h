// POP3 (RFC 1939) with CAPA (RFC 2449), AUTH (RFC 5034) and STLS (RFC 2595 section 4): its lines, and what a Reader tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::pop3 {

/// First words of lines: the server's status indicators, then the client's commands.
enum class Word : uint8_t {
  Ok,
  Err,
  User,
  Pass,
  Apop,
  Auth,
  Stat,
  List,
  Retr,
  Dele,
  Rset,
  Noop,
  Last,  // RFC 1460
  Quit,
  Top,
  Capa,
  Uidl,
  Stls,
  Xsender,  // an extension of Eudora's and others
};

/// A line up to its first NUL. The views point into it.
struct Line {
  std::string_view first;  // its first word as it is written; empty in a blank line
  std::optional<Word> word;
  std::string_view argument;  // what follows, without the blanks around it
};
/// Signs before a word belong to status indicators, but are accepted before commands as well, in any case and as many as Zeek accepts.
Line parse_line(std::string_view line);

/// Told what a Reader finds, in the order of the stream. Views are valid during the call; names of weirds have static storage.
class Sink {
 public:
  virtual ~Sink() = default;
  /// The server agreed to a command that shows the protocol. May be told again.
  virtual void on_confirmed() = 0;
  /// TLS follows; `rest` bytes of the piece at hand lie behind the line.
  virtual void on_starttls(size_t rest) = 0;
  virtual void on_violation(std::string_view reason) = 0;
  virtual void on_weird(std::string_view name, std::string_view addl, std::string_view source) = 0;

  // A mail that the client fetches, and its parts.
  virtual void on_entity_begin() = 0;
  /// Decoded bytes of the innermost open part.
  virtual void on_body(Bytes bytes) = 0;
  virtual void on_entity_end() = 0;
  virtual void on_mail_end() = 0;
};

enum class Match : uint8_t { No, Unsure, Yes };
/// Whether the server greets with +OK, and the client begins a line with USER, APOP, CAPA, AUTH or STLS.
Match looks_like(Bytes client, Bytes server);

}  // namespace sensor::pop3
