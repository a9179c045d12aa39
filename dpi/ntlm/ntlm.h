// NTLM messages (MS-NLMP section 2.2.1): who logs in, and what the server says of itself.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "sensor/base/byte_reader.h"

namespace sensor::ntlm {

/// A name as it lies in the message: UTF-16 in little-endian order, or in the client's code page. Points into the message.
struct Name {
  Bytes bytes;
  bool unicode = true;
};

struct Negotiate {};
/// What the server tells in the attributes of its TargetInfo (MS-NLMP section 2.2.2.1).
struct Challenge {
  std::optional<Name> nb_computer_name, dns_computer_name, dns_tree_name;
};
/// Names of no length are left out.
struct Authenticate {
  std::optional<Name> domain, user, workstation;
};

/// monostate: of another type, of no interest.
using Message = std::variant<std::monostate, Negotiate, Challenge, Authenticate>;

/// From the signature "NTLMSSP". False where a part of it is not there.
bool read_message(Bytes message, Message& out);

}  // namespace sensor::ntlm
