// What Redis commands mean, as far as Zeek tells.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::redis {

/// The words of a command that was typed in a line; quotes hold a word together and stay.
std::vector<std::string> split_words(std::string_view line);

/// Which arguments of a command are its key and its value; 0: none.
struct Places {
  uint8_t key = 0, value = 0;
};
Places places(std::string_view name);

/// Replies of these come on their own, if at all.
bool has_no_reply(std::string_view name);
/// RESP 2: what the server sends from now on are messages.
bool subscribes(std::string_view name);

bool equal_ignoring_case(std::string_view a, std::string_view b);

enum class Match : uint8_t { No, Unsure, Yes };
/// Whether the first bytes of both sides are a command and a reply.
Match looks_like(Bytes client, Bytes server);

}  // namespace sensor::redis
