// Mail addresses in commands and header fields, and IP addresses in trace fields, taken out of their text as Zeek does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sensor/net/ip_address.h"

namespace sensor::smtp {

/// Of longer texts only so much is looked at.
inline constexpr size_t kMaxAddressText = 64 * 1024;

/// The addresses of a path such as "FROM:<a@b>", brackets removed, in their order; repeated ones stay.
std::vector<std::string> mail_addresses(std::string_view text);
/// The members of an address list (RFC 5322 section 3.4) with their display names, in their order.
std::vector<std::string> address_list(std::string_view text);
/// The IP addresses in a text; with `wrapped`, those in matching brackets or between blanks.
std::vector<IpAddress> ip_addresses(std::string_view text, bool wrapped);

}  // namespace sensor::smtp
