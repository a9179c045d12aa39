#include "sensor/api/endpoint.h"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace sensor {
namespace {

constexpr time_t kTimeoutSeconds = 5;
constexpr size_t kThreads = 2, kMaxRequestBytes = 1024;
/// A Unix socket has no port, but the library wants one.
constexpr int kAnyPort = 80;

}  // namespace

class Endpoint::Impl {
 public:
  Impl(std::string address, uint16_t port, std::map<std::string, Answer> answers)
      : address_(std::move(address)), port_(port), answers_(std::move(answers)) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    // Not the library's default, with which two sensors would share a port.
    server_.set_socket_options([](int socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    server_.set_read_timeout(kTimeoutSeconds);
    server_.set_write_timeout(kTimeoutSeconds);
    server_.set_keep_alive_timeout(kTimeoutSeconds);
    server_.set_payload_max_length(kMaxRequestBytes);
    for (const auto& [path, answer] : answers_)
      server_.Get(path, [&a = answer](const httplib::Request&, httplib::Response& r) { r.set_content(a.body(), a.content_type.c_str()); });
  }
  ~Impl() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
    if (bound_ && port_ == 0) ::unlink(address_.c_str());
  }

  Status bind() {
    if (port_ == 0) {
      if (address_.size() >= sizeof(sockaddr_un::sun_path))
        return Error{Error::Usage, fmt::format("the path of the status socket is too long: {}; set api.socket", address_)};
      ::unlink(address_.c_str());
      server_.set_address_family(AF_UNIX);
    }
    errno = 0;
    bound_ = server_.bind_to_port(address_, port_ == 0 ? kAnyPort : port_);
    if (bound_) return Ok{};
    const std::string place = port_ == 0 ? address_ : fmt::format("{}:{}", address_, port_);
    return Error{Error::Usage,
                 fmt::format("cannot listen on {}: {}; {}", place, errno == 0 ? "it is in use or not ours" : std::strerror(errno),
                             port_ == 0 ? "set api.socket" : "set api.port, or switch it off with --no-http")};
  }
  void start() {
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();  // stop() before that would be lost
  }

 private:
  std::string address_;
  uint16_t port_;
  std::map<std::string, Answer> answers_;
  httplib::Server server_;
  bool bound_ = false;
  std::thread thread_;
};

Result<std::unique_ptr<Endpoint>> Endpoint::open(const std::string& address, uint16_t port, std::map<std::string, Answer> answers) {
  auto impl = std::make_unique<Impl>(address, port, std::move(answers));
  if (const Status s = impl->bind(); !s.ok()) return s.error();
  return std::unique_ptr<Endpoint>(new Endpoint(std::move(impl)));
}

Endpoint::Endpoint(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Endpoint::~Endpoint() = default;
void Endpoint::start() {
  impl_->start();
}

Result<std::string> ask_endpoint(const std::string& socket, const std::string& path) {
  httplib::Client client(socket);
  client.set_address_family(AF_UNIX);
  client.set_connection_timeout(kTimeoutSeconds);
  client.set_read_timeout(kTimeoutSeconds);
  const auto answer = client.Get(path);
  if (answer && answer->status == 200) return answer->body;
  return Error{Error::RunTime, fmt::format("no sensor answers at {}; name the log directory of the one that runs with --log-dir", socket)};
}

}  // namespace sensor
