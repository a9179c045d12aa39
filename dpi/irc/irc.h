// Internet Relay Chat (RFC 1459, RFC 2812; message tags of IRCv3): what one line says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::irc {

/// RFC 2812 section 2.3 counts the line's end in; longer lines are not read.
inline constexpr size_t kMaxLine = 512;

enum class LineKind : uint8_t {
  Command,
  Reply,
  Tags,  // nothing but tags
  TooLong,
  TooShort,
  OnlyPrefix,
  NoCommand,  // behind a prefix or tags
  BadReply    // begins with a digit, but not with three and a space
};

/// Views of the line it was read from.
struct Line {
  LineKind kind = LineKind::Command;
  std::string_view prefix;  // who sends it, without ':'
  unsigned code = 0;        // of a reply
  std::string command;      // in upper case
  std::string_view parameters;
};
Line parse_line(std::string_view line);

/// Whether clients send it.
bool is_client_command(std::string_view command);

/// Words between separators, of which several count as one.
std::vector<std::string_view> split(std::string_view text, char separator);

/// USER: user, host, server, and the real name as Zeek shows it: words from the second one on are followed by a space, not preceded.
struct User {
  std::string_view user, host, server;
  std::string real_name;
};
User parse_user(std::string_view parameters);

/// JOIN, and NJOIN between servers: a channel and its key for each; empty where the line is malformed.
struct Join {
  std::string_view channel, key;
};
std::vector<Join> parse_join(std::string_view parameters);
std::vector<Join> parse_njoin(std::string_view parameters);

/// PRIVMSG: an offer of a direct connection ("DCC").
struct Offer {
  std::string_view type;      // SEND for a file
  std::string_view argument;  // its name
  uint32_t address = 0;       // IPv4, first byte highest
  uint16_t port = 0;
  uint64_t size = 0;
};
struct Message {
  enum class Kind : uint8_t { Text, Offer, NoText, BadOffer, BadAddress, BadPort };
  Kind kind = Kind::Text;
  Offer offer;
  uint32_t bad_port = 0;  // 0: no number
};
Message parse_message(std::string_view parameters);

enum class Match : uint8_t { No, Unsure, Yes };
/// Whether a client introduces itself, and a server replies.
Match looks_like(Bytes client, Bytes server);

}  // namespace sensor::irc
