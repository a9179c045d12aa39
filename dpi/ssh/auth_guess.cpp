#include "dpi/ssh/auth_guess.h"

namespace sensor::ssh {
namespace {

/// SERVICE_ACCEPT carries the name "ssh-userauth", USERAUTH_SUCCESS nothing.
constexpr int64_t kAcceptIsLonger = 16;
/// A first answer that is longer than SERVICE_ACCEPT by more than this is the banner (RFC 4252 section 5.4).
constexpr int64_t kBannerIsLonger = 256;

}  // namespace

std::optional<bool> AuthGuess::on_segment(bool from_client, size_t bytes) {
  if (decided_) return std::nullopt;
  if (from_client) {
    client_spoke_ = true;
    return std::nullopt;
  }
  // Before the client has asked for anything the server may have sent extensions (RFC 8308).
  if (!client_spoke_) return std::nullopt;
  const auto size = static_cast<int64_t>(bytes);
  if (accept_bytes_ == 0) {
    accept_bytes_ = size;
    return std::nullopt;
  }
  if (failure_bytes_ != 0 && size == failure_bytes_) return false;
  if (size + kAcceptIsLonger == accept_bytes_) {
    decided_ = true;
    return true;
  }
  if (failure_bytes_ != 0) return std::nullopt;
  if (!banner_seen_ && size - accept_bytes_ > kBannerIsLonger) {
    banner_seen_ = true;
    return std::nullopt;
  }
  failure_bytes_ = size;
  return std::nullopt;
}

}  // namespace sensor::ssh
