// Commands and replies of FTP's control connection (RFC 959, RFC 2428, RFC 4217), as Zeek reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sensor/base/byte_reader.h"
#include "sensor/net/ip_address.h"

namespace sensor::ftp {

/// Longer commands are left out.
inline constexpr size_t kMaxCommand = 100;

struct Request {
  enum class Status : uint8_t { Empty, Invalid, TooLong, Ok };
  Status status = Status::Empty;
  std::string_view command;   // as sent
  std::string_view argument;  // leading blanks removed
};
Request parse_request(std::string_view line);

/// The code a line begins with; 0: none.
uint32_t reply_code(std::string_view line);

struct Reply {
  enum class Status : uint8_t { Empty, Ok, NonNumericCode, InvalidCode, InvalidLine };
  Status status = Status::Empty;
  uint32_t code = 0;  // 0: a line within a longer reply
  std::string_view text;
  bool continued = false;  // more lines belong to this reply
};
/// Reads the server's lines in their order, for replies may span several (RFC 959 section 4.2).
class ReplyReader {
 public:
  Reply line(std::string_view text);

 private:
  uint32_t pending_ = 0;  // code of the reply being continued
};

/// Where a data connection will go. An address that was not told is unspecified.
struct Endpoint {
  IpAddress address;
  uint16_t port = 0;
};
/// Of a PORT command: h1,h2,h3,h4,p1,p2.
std::optional<Endpoint> parse_port(std::string_view argument);
/// Of the reply to PASV: the same in parentheses, behind "PORT", or just somewhere.
std::optional<Endpoint> parse_pasv(std::string_view text);
/// Of an EPRT command: |family|address|port|.
std::optional<Endpoint> parse_extended_port(std::string_view argument);
/// Of the reply to EPSV: (|||port|).
std::optional<Endpoint> parse_epsv(std::string_view text);

/// What an ADAT token exchange (RFC 2228) carries, in base64; unset when the line is none of it.
std::optional<std::string_view> adat_of_request(std::string_view line);
std::optional<std::string_view> adat_of_reply(std::string_view line);

enum class Match : uint8_t { No, Unsure, Yes };
/// Whether one of a client's lines is USER; never No.
Match looks_like_client(Bytes orig);
/// Whether a server greets and then asks for a password, or for none.
Match looks_like_server(Bytes resp);

}  // namespace sensor::ftp
