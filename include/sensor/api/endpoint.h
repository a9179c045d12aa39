// Where a running sensor can be asked: HTTP on a TCP port or on a Unix socket.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "sensor/base/result.h"

namespace sensor {

struct Answer {
  std::string content_type;
  std::function<std::string()> body;  // called in the endpoint's threads
};

/// Serves GET requests for fixed paths. A few threads of its own; a client that is slow is cut off after five seconds and holds up nobody
/// but the others of this endpoint. Requests have no body; one that brings more than a kilobyte is refused.
class Endpoint {
 public:
  /// `port` 0: `address` is the path of a Unix socket, which is made anew. Error{Usage}: it cannot be had.
  static Result<std::unique_ptr<Endpoint>> open(const std::string& address, uint16_t port, std::map<std::string, Answer> answers);
  /// Ends the threads.
  ~Endpoint();

  /// Starts the threads. Once.
  void start();

 private:
  class Impl;
  explicit Endpoint(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// What the sensor behind a Unix socket answers. Error{RunTime}: there is none.
Result<std::string> ask_endpoint(const std::string& socket, const std::string& path);

}  // namespace sensor
