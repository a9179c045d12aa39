// SSH (RFC 4251 to 4253; SSH 1: draft-ylonen-ssh-protocol-00): what is said before encryption begins.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::ssh {

/// Names of a list beyond this many are not looked at.
inline constexpr size_t kMaxNames = 100;

/// Which version a side speaks, by its identification; 1.99 is an SSH 2 that also speaks SSH 1 (RFC 4253 section 5.1).
enum class Dialect : uint8_t { Unknown, Ssh1, Ssh2, Ssh199 };
Dialect dialect(std::string_view identification);
/// The version two sides meet in, 1 or 2; 0: none.
unsigned agreed_version(Dialect client, Dialect server);

/// What a side offers (RFC 4253 section 7.1): lists of names separated by commas, the preferred ones first.
struct Kexinit {
  /// From client to server, and from server to client.
  using Pair = std::array<std::string, 2>;

  std::string kex, host_key;
  Pair cipher, mac, compression, languages;
};

/// Reads a string (RFC 4251 section 5); `longest` becomes its stated length if that is longer, whether it is there or not.
std::string_view read_string(ByteReader& r, uint32_t& longest);
/// The message behind its number. The reader fails where it is cut short.
void parse_kexinit(ByteReader& r, Kexinit& out, uint32_t& longest);

/// The names of a list; no names make one empty name, as in Zeek.
std::vector<std::string_view> names(std::string_view list);
/// The client's first name that the server has as well, or Zeek's words for none.
std::string negotiate(std::string_view client, std::string_view server);
/// Of both directions; when they differ, both are named.
std::string negotiate(const Kexinit::Pair& client, const Kexinit::Pair& server);

/// HASSH, the MD5 of what a client or a server offers (github.com/salesforce/hassh).
std::string hassh(const Kexinit& offer, bool from_client);

enum class Match : uint8_t { No, Unsure, Yes };
/// Whether the first bytes of both sides are identifications: one alone is no SSH connection.
Match looks_like(Bytes client, Bytes server);

}  // namespace sensor::ssh
