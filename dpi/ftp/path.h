// Paths and numbers in FTP's commands and replies, put together as Zeek does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sensor::ftp {

/// `name` seen from `directory`, without superfluous dots and slashes; `name` alone when it is absolute.
std::string join_path(std::string_view directory, std::string_view name);
/// The first absolute path in a text; empty when there is none.
std::string find_path(std::string_view text);
/// The last decimal number in a text; 0 when there is none, or when it does not fit.
uint64_t last_number(std::string_view text);

}  // namespace sensor::ftp
