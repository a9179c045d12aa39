// SMTP (RFC 5321) with pipelining (RFC 2920), BDAT (RFC 3030) and STARTTLS (RFC 3207): what a Reader finds and tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dpi/mime/header.h"
#include "sensor/base/byte_reader.h"

namespace sensor::smtp {

enum class Command : uint8_t {
  Ehlo,
  Helo,
  Mail,
  Rcpt,
  Data,
  Quit,
  Rset,
  Vrfy,
  Expn,
  Help,
  Noop,
  StartTls,
  XAnonymousTls,
  Send,
  Soml,
  Saml,
  Turn,
  Bdat,
  Etrn,
  Auth,
  // What stands in the place of a command.
  Connect,     // the server speaks first
  EndOfData,   // the line with a dot, or the last byte of the last chunk
  AuthAnswer,  // a line within an AUTH exchange
};
/// By a command's word, in any case.
std::optional<Command> parse_command(std::string_view word);

/// One line of a reply.
struct Reply {
  uint32_t code = 0;
  std::optional<Command> command;  // that it answers, as far as is known
  std::string_view text;
  bool continued = false;  // more lines belong to this reply
};

/// The argument of BDAT.
struct Chunk {
  uint64_t size = 0;
  bool last = false;
  std::string_view error;  // static storage; empty: none
};
Chunk parse_chunk(std::string_view argument);

/// Told what a Reader finds, in the order of the stream. Views are valid during the call; names of weirds have static storage.
class Sink {
 public:
  virtual ~Sink() = default;
  /// A command that is known: its word in capitals, "." for the end of a mail, "***" within an AUTH exchange.
  virtual void on_request(std::string_view word, std::string_view argument) = 0;
  virtual void on_reply(const Reply& reply) = 0;
  /// TLS follows; `rest` bytes of the piece at hand lie behind the line.
  virtual void on_starttls(size_t rest) = 0;
  virtual void on_violation(std::string_view reason) = 0;
  virtual void on_weird(std::string_view name, std::string_view addl, std::string_view source) = 0;

  // The mail and its parts.
  virtual void on_entity_begin() = 0;
  virtual void on_header(const mime::Header& header) = 0;
  /// Decoded bytes of the innermost open part; `from_client` tells their direction.
  virtual void on_body(bool from_client, Bytes bytes) = 0;
  /// Bytes of that part, behind `offset`, that will never come.
  virtual void on_body_gap(bool from_client, uint64_t offset, uint64_t length) = 0;
  virtual void on_entity_end() = 0;
  virtual void on_mail_end() = 0;
};

enum class Match : uint8_t { No, Unsure, Yes };
/// Whether one of a client's lines is HELO or EHLO; never No.
Match looks_like_client(Bytes orig);
/// Whether a server greets with 220.
Match looks_like_server(Bytes resp);

}  // namespace sensor::smtp
