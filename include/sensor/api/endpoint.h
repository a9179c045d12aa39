// Where a running sensor can be asked: HTTP on a TCP port or on a Unix socket.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "sensor/api/http_server.h"
#include "sensor/base/result.h"

namespace sensor {

struct Answer {
  std::string content_type;
  std::function<std::string()> body;  // called in the server's threads
};

/// Answers GET requests for fixed paths, to everybody, on a Unix socket and on a port (0: none). Not started yet. Error{Usage}: a place
/// cannot be had.
Result<std::unique_ptr<HttpServer>> open_endpoint(const std::string& socket, const std::string& address, uint16_t port,
                                                  const std::map<std::string, Answer>& answers);

/// What the sensor behind a Unix socket answers. Error{RunTime}: there is none.
Result<std::string> ask_endpoint(const std::string& socket, const std::string& path);

struct SocketAnswer {
  int status = 0;
  std::string body;
};
/// Any request, waiting for `seconds`. Error{RunTime}: no sensor answers.
Result<SocketAnswer> ask_socket(const std::string& socket, const std::string& method, const std::string& path, const std::string& body,
                                int seconds);

}  // namespace sensor
