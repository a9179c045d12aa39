// Whether a login succeeded, told from the sizes of what the server sends encrypted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace sensor::ssh {

/// Watches the encrypted segments of an SSH 2 connection (RFC 4252). The server accepts the authentication service first; its
/// USERAUTH_SUCCESS is the one message that is 16 bytes shorter than that, and every USERAUTH_FAILURE is as long as the first one.
class AuthGuess {
 public:
  /// The next segment. A value: the server answered an attempt, with success or without. Nothing comes after a success.
  std::optional<bool> on_segment(bool from_client, size_t bytes);

 private:
  bool client_spoke_ = false;
  bool banner_seen_ = false;
  bool decided_ = false;
  int64_t accept_bytes_ = 0;   // of SERVICE_ACCEPT; 0: not seen
  int64_t failure_bytes_ = 0;  // of the first answer that is no success; 0: not seen
};

}  // namespace sensor::ssh
