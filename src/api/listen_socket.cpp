#include "listen_socket.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace sensor {
namespace {

constexpr int kBacklog = 128, kType = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

Error refused(const std::string& place, std::string_view remedy) {
  return {Error::Usage, fmt::format("cannot listen on {}: {}; {}", place, std::strerror(errno), remedy)};
}

}  // namespace

Result<int> listen_on_path(const std::string& path) {
  sockaddr_un address{};
  if (path.size() >= sizeof(address.sun_path))
    return Error{Error::Usage, fmt::format("the path of the status socket is too long: {}; set api.socket", path)};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  ::unlink(path.c_str());
  const int fd = ::socket(AF_UNIX, kType, 0);
  // bind() takes the mode over: from its first moment on, nobody else can connect.
  if (fd >= 0 && ::fchmod(fd, S_IRUSR | S_IWUSR) == 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      ::listen(fd, kBacklog) == 0)
    return fd;
  const Error e = refused(path, "set api.socket");
  if (fd >= 0) ::close(fd);
  return e;
}

Result<int> listen_on_port(const std::string& address, uint16_t port) {
  const std::string place = fmt::format("{}:{}", address, port);
  constexpr std::string_view kRemedy = "set api.address and api.port, or switch it off with --no-http";
  addrinfo hints{}, *first = nullptr;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  if (const int e = ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &first); e != 0)
    return Error{Error::Usage, fmt::format("cannot listen on {}: {}; api.address is an IP address", place, ::gai_strerror(e))};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(first, &::freeaddrinfo);
  const int fd = ::socket(first->ai_family, kType, 0), yes = 1;
  // Not SO_REUSEPORT, with which two sensors would share a port.
  if (fd >= 0 && ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 && ::bind(fd, first->ai_addr, first->ai_addrlen) == 0 &&
      ::listen(fd, kBacklog) == 0)
    return fd;
  const Error e = refused(place, kRemedy);
  if (fd >= 0) ::close(fd);
  return e;
}

}  // namespace sensor
