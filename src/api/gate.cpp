#include "sensor/api/gate.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "client_limits.h"
#include "json_body.h"
#include "sensor/api/json_text.h"

namespace sensor {
namespace {

constexpr size_t kTokenBytes = 32;
constexpr std::string_view kCookie = "sensor_session";
/// Wrong tokens of a client: so many at once, then one every ten seconds.
constexpr double kAttemptsAtOnce = 5, kAttemptsPerSecond = 0.1;

/// Takes as long whatever differs.
bool same(std::string_view a, std::string_view b) {
  unsigned different = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < std::min(a.size(), b.size()); i++) different |= static_cast<unsigned>(a[i] ^ b[i]);
  return different == 0;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

/// Host without the port and the brackets of an IPv6 address.
std::string host_name(std::string_view host) {
  if (host.starts_with('[')) return std::string(host.substr(1, std::min(host.find(']'), host.size()) - 1));
  return lower(host.substr(0, host.find(':')));
}

bool is_address(const std::string& name) {
  in6_addr ignored;
  return ::inet_pton(AF_INET, name.c_str(), &ignored) == 1 || ::inet_pton(AF_INET6, name.c_str(), &ignored) == 1;
}

bool is_json(std::string_view content_type) {
  return lower(content_type.substr(0, content_type.find(';'))) == "application/json";
}

std::optional<HttpResponse> cross_site(const HttpRequest& r, const Route& route) {
  if (r.method == "GET" || r.method == "HEAD") return std::nullopt;
  const bool own_origin = r.origin.empty() || lower(r.origin) == fmt::format("{}://{}", r.encrypted ? "https" : "http", lower(r.host));
  const bool own_site = r.fetch_site.empty() || r.fetch_site == "same-origin" || r.fetch_site == "none";
  if (!own_origin || !own_site) return http_error(403, "cross_site", "this request comes from another site");
  const bool type_fits = route.upload ? r.content_type == "application/octet-stream" : is_json(r.content_type);
  if (r.method == "POST" && !type_fits)
    return http_error(400, "bad_request",
                      fmt::format("Content-Type must be {}", route.upload ? "application/octet-stream" : "application/json"));
  return std::nullopt;
}

}  // namespace

std::string random_hex(size_t bytes) {
  std::string out;
  for (size_t i = 0; i < bytes; i++) {
    uint8_t b = 0;
    while (::getrandom(&b, 1, 0) != 1) {}
    out += fmt::format("{:02x}", b);
  }
  return out;
}

Result<std::string> load_token(const std::string& path) {
  const auto trouble = [&](std::string_view what) {
    return Error{Error::Usage, fmt::format("cannot {} the token file {}: {}; set api.token_file", what, path, std::strerror(errno))};
  };
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) {
    const std::string token = random_hex(kTokenBytes), line = token + "\n";
    const bool written = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (::close(fd) != 0 || !written) return trouble("write");
    return token;
  }
  if (errno != EEXIST) return trouble("make");
  fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat s {};
  char text[256];
  const ssize_t n = fd < 0 || ::fstat(fd, &s) != 0 ? -1 : ::read(fd, text, sizeof(text));
  if (fd >= 0) ::close(fd);
  if (n < 0) return trouble("read");
  if ((s.st_mode & 077) != 0)
    return Error{Error::Usage, fmt::format("others may read the token file {0}; make a new one: rm {0}, and start again", path)};
  std::string token(text, static_cast<size_t>(n));
  token.erase(std::find_if(token.begin(), token.end(), [](char c) { return c <= ' '; }), token.end());
  if (token.size() < 16)
    return Error{Error::Usage,
                 fmt::format("the token in {0} is shorter than 16 characters; make a new one: rm {0}, and start again", path)};
  return token;
}

struct Gate::Attempts {
  RequestRates wrong{kAttemptsPerSecond, kAttemptsAtOnce};
};

Gate::Gate(GateOptions options) : options_(std::move(options)), attempts_(std::make_unique<Attempts>()) {
  for (std::string& name : options_.host_names) name = lower(name);
}
Gate::~Gate() = default;

std::optional<Gate::Clock::time_point> Gate::session_end(const HttpRequest& r) const {
  if (r.session_cookie.empty()) return std::nullopt;
  std::lock_guard lock(mutex_);
  const auto it = sessions_.find(r.session_cookie);
  return it == sessions_.end() || it->second <= Clock::now() ? std::nullopt : std::optional(it->second);
}

bool Gate::is_known(const HttpRequest& r) const {
  constexpr std::string_view kBearer = "Bearer ";
  if (r.on_socket() || session_end(r)) return true;
  return r.authorization.starts_with(kBearer) && same(std::string_view(r.authorization).substr(kBearer.size()), options_.token);
}

bool Gate::may_read(const HttpRequest& r) const {
  return options_.open_reading || is_known(r);
}

std::optional<HttpResponse> Gate::admit(const HttpRequest& r, const Route& route) const {
  if (!r.on_socket()) {
    const std::string name = host_name(r.host);
    if (!is_address(name) && name != "localhost" && std::ranges::find(options_.host_names, name) == options_.host_names.end())
      return http_error(403, "forbidden", "the sensor is not known by this name; use its address, or set api.host_names");
    if (auto no = cross_site(r, route)) return no;
  }
  const bool may = route.access == Access::Open || (route.access == Access::Read ? may_read(r) : is_known(r));
  if (may) return std::nullopt;
  return http_error(401, "not_logged_in", "log in with the sensor's token: it is in the file that the sensor named when it started");
}

HttpResponse Gate::describe(bool known, std::optional<Clock::time_point> end) const {
  JsonWriter w;
  w.begin('{').member("logged_in", known).member("may_read", known || options_.open_reading).member("may_control", known).key("expires");
  if (end)
    w.time(std::chrono::duration<double>(end->time_since_epoch()).count());
  else
    w.null();
  HttpResponse r;
  r.body = w.end('}').take();
  return r;
}

HttpResponse Gate::state(const HttpRequest& request) const {
  return describe(is_known(request), session_end(request));
}

HttpResponse Gate::log_in(const HttpRequest& request) {
  const auto token = JsonBody(request.body).text("token");
  if (!token) return http_error(400, "bad_request", "the body is an object with a text named token");
  std::lock_guard lock(mutex_);
  // A right token costs an attempt, too: otherwise the limit would tell which one is right.
  if (!attempts_->wrong.allow(request.client, ApiClock::now()))
    return http_error(429, "too_many_attempts", "too many attempts to log in; wait a few seconds");
  if (!same(*token, options_.token)) return http_error(401, "wrong_token", "this is not the sensor's token");
  const auto now = Clock::now();
  std::erase_if(sessions_, [&](const auto& s) { return s.second <= now; });
  if (sessions_.size() >= kMaxSessions) sessions_.erase(std::ranges::min_element(sessions_, {}, [](const auto& s) { return s.second; }));
  const std::string id = random_hex(kTokenBytes);
  const auto end = now + options_.session_time;
  sessions_[id] = end;
  HttpResponse r = describe(true, end);
  r.headers.emplace_back("Set-Cookie", fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", kCookie, id,
                                                   options_.session_time.count(), request.encrypted ? "; Secure" : ""));
  return r;
}

HttpResponse Gate::log_out(const HttpRequest& request) {
  {
    std::lock_guard lock(mutex_);
    sessions_.erase(request.session_cookie);
  }
  HttpResponse r;
  r.status = 204;
  r.headers.emplace_back("Set-Cookie", fmt::format("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", kCookie));
  return r;
}

}  // namespace sensor
