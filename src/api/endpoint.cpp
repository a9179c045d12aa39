#include "sensor/api/endpoint.h"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>

#include <csignal>

#include "sensor/api/http_server.h"

namespace sensor {
namespace {

constexpr time_t kTimeoutSeconds = 5;

Route route_of(const std::string& path, const Answer& answer) {
  Route r{"GET", path, Access::Open, {}};
  r.handle = [answer](const HttpRequest&) {
    HttpResponse response;
    response.content_type = answer.content_type;
    response.body = answer.body();
    return response;
  };
  return r;
}

/// While it lives, writing to a server that has gone away is an error and no signal; the library does not see to that.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoPipeSignal() {
    const timespec at_once{};
    ::sigtimedwait(&pipe_, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  sigset_t pipe_, before_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> open_endpoint(const std::string& socket, const std::string& address, uint16_t port,
                                                  const std::map<std::string, Answer>& answers) {
  HttpOptions options;
  for (const auto& [path, answer] : answers) options.routes.push_back(route_of(path, answer));
  auto server = HttpServer::create(std::move(options));
  if (!server.ok()) return server.error();
  if (auto s = server.value()->listen_unix(socket); !s.ok()) return s.error();
  if (port != 0)
    if (auto s = server.value()->listen_tcp(address, port); !s.ok()) return s.error();
  return server;
}

Result<SocketAnswer> ask_socket(const std::string& socket, const std::string& method, const std::string& path, const std::string& body,
                                int seconds) {
  const NoPipeSignal no_signal;
  httplib::Client client(socket);
  client.set_address_family(AF_UNIX);
  client.set_connection_timeout(kTimeoutSeconds);
  client.set_read_timeout(seconds);
  const auto answer = method == "GET" ? client.Get(path) : client.Post(path, body, "application/json");
  if (answer) return SocketAnswer{answer->status, answer->body};
  return Error{Error::RunTime, fmt::format("no sensor answers at {}; name the log directory of the one that runs with --log-dir", socket)};
}

Result<std::string> ask_endpoint(const std::string& socket, const std::string& path) {
  auto answer = ask_socket(socket, "GET", path, "", kTimeoutSeconds);
  if (!answer.ok()) return answer.error();
  if (answer.value().status == 200) return std::move(answer.value().body);
  return Error{Error::RunTime, fmt::format("the sensor at {} does not answer {}", socket, path)};
}

}  // namespace sensor
