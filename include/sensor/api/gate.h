// Who may ask: token, sessions, and what a browser says of where a request comes from.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sensor/api/http_server.h"
#include "sensor/base/result.h"

namespace sensor {

struct GateOptions {
  std::string token;
  bool open_reading = false;            // reading needs no session
  std::vector<std::string> host_names;  // besides IP addresses and localhost, what a browser may call us
  std::chrono::seconds session_time{12 * 3600};
};

/// The token in a file; made when there is none. Error{Usage}: it cannot be read or made, or others may read it.
Result<std::string> load_token(const std::string& path);
/// `bytes` random bytes in hexadecimal.
std::string random_hex(size_t bytes);

/// All functions: any thread.
///
/// A request that changes something is taken when all of this holds, so that no other site can make a browser send one: its body is of a
/// type that a form cannot send, Origin is missing or our own, Sec-Fetch-Site is missing, "same-origin" or "none", and the session's cookie
/// is there, which browsers do not send along from other sites (SameSite=Strict). Every request's Host must be an IP address, localhost or
/// a name that was configured: a name that an attacker lets point to us is none of these.
class Gate {
 public:
  explicit Gate(GateOptions options);
  ~Gate();

  /// An answer refuses the request.
  std::optional<HttpResponse> admit(const HttpRequest& request, const Route& route) const;
  /// Whether an open stream goes on.
  bool may_read(const HttpRequest& request) const;

  HttpResponse state(const HttpRequest& request) const;
  HttpResponse log_in(const HttpRequest& request);
  HttpResponse log_out(const HttpRequest& request);

 private:
  using Clock = std::chrono::system_clock;
  static constexpr size_t kMaxSessions = 64;

  std::optional<Clock::time_point> session_end(const HttpRequest& request) const;
  bool is_known(const HttpRequest& request) const;
  HttpResponse describe(bool known, std::optional<Clock::time_point> end) const;

  struct Attempts;
  GateOptions options_;
  mutable std::mutex mutex_;
  std::map<std::string, Clock::time_point> sessions_;  // id and end
  std::unique_ptr<Attempts> attempts_;
};

}  // namespace sensor
