// HTTP with limits: many clients, few threads. libmicrohttpd reads and writes all connections in one thread for each place it listens on;
// requests that read files or wait are answered by a small pool; event streams sleep until there is something to send.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sensor/base/result.h"

namespace sensor {

struct HttpRequest {
  std::string method, path;
  std::map<std::string, std::string> query;      // decoded; of repeated names the last
  std::map<std::string, std::string> variables;  // "log" of "/logs/{log}"
  std::string body;
  // Headers; empty: not sent.
  std::string host, origin, fetch_site, content_type, authorization, session_cookie, if_none_match, accept_encoding;
  std::string client;       // address; empty: through the Unix socket
  bool encrypted = false;   // TLS
  uint64_t body_bytes = 0;  // of an upload: what it says in Content-Length

  bool on_socket() const { return client.empty(); }
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::span<const uint8_t> fixed;  // instead of `body`: bytes that stay
};

/// Takes a request's body piece by piece, in the HTTP thread; destroyed before finish() when the client went away.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// False: no more is wanted; finish() says why.
  virtual bool write(std::string_view piece) = 0;
  virtual HttpResponse finish() = 0;
};

/// Who may ask.
enum class Access : uint8_t { Open, Read, Control };

/// One method of one path. "{name}" stands for a segment.
struct Route {
  std::string method, path;
  Access access = Access::Read;
  std::function<HttpResponse(const HttpRequest&)> handle;
  /// Answered in the HTTP thread: for what takes microseconds.
  bool quick = false;
  /// A stream of server-sent events; `handle` is not called.
  bool stream = false;
  /// Takes the body instead of `handle`; null and a refusal: it is not wanted.
  std::function<std::unique_ptr<BodySink>(const HttpRequest&, HttpResponse& refusal)> upload = {};
};

struct HttpOptions {
  std::vector<Route> routes;
  /// Asked before a route is; an answer refuses the request. Any HTTP thread. Null: everybody may.
  std::function<std::optional<HttpResponse>(const HttpRequest&, const Route&)> admit = {};
  /// PEM texts; both or neither.
  std::string certificate = {}, key = {};
};

/// Limits. Beyond them a client is refused (429, 503) or cut off, and nobody else notices.
struct HttpLimits {
  static constexpr unsigned kConnections = 512, kConnectionsOfAClient = 320, kStreams = 256;
  static constexpr size_t kConnectionBytes = 16 << 10;  // request line and headers; a stream's unsent events
  static constexpr size_t kBodyBytes = 64 << 10;        // of requests without a BodySink
  static constexpr size_t kPool = 3, kWaiting = 32;     // threads that answer; requests that wait for one
  static constexpr unsigned kSilenceSeconds = 10;       // of a client in the middle of something, or between two requests
  static constexpr unsigned kRequestSeconds = 15;       // for a request to be whole; an upload: that and a second for every 32 KiB
  static constexpr unsigned kAnswerSeconds = 60;        // for an answer to be taken
  static constexpr double kRequestsPerSecond = 100, kRequestsAtOnce = 400;  // of a client
};

/// The message of an error, as every answer that is not one has it: {"error":{"code":…,"message":…}}.
HttpResponse http_error(unsigned status, std::string_view code, std::string_view message);

class HttpServer {
 public:
  /// Error{Usage}: certificate and key do not fit.
  static Result<std::unique_ptr<HttpServer>> create(HttpOptions options);
  /// Ends the threads; requests that wait are refused.
  ~HttpServer();

  /// Opens a socket; before rights are given up. The path is made anew, for its owner alone. Error{Usage}: it cannot be had.
  Status listen_unix(const std::string& path);
  Status listen_tcp(const std::string& address, uint16_t port);
  /// Starts the threads. Once.
  Status start();

  /// Sends an event to every stream whose request `goes_on` allows; ends the others. Any thread.
  void publish(std::string_view event, std::string_view data, const std::function<bool(const HttpRequest&)>& goes_on);
  size_t streams() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sensor
