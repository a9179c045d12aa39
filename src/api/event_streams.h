// Server-sent events (WHATWG HTML, section 9.2) to many clients that mostly sleep.
#pragma once

#include <microhttpd.h>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "sensor/api/http_server.h"

namespace sensor {

/// A client of ours costs a suspended connection: no thread, and no work but when there is an event. Each is given the latest event only:
/// one that reads slowly misses some, and never has more than one waiting.
class EventStreams {
 public:
  explicit EventStreams(size_t limit) : limit_(limit) {}

  /// The answer to a request for the stream, which begins with the latest event; null: there are too many. In the HTTP thread.
  MHD_Response* open(MHD_Connection* connection, const HttpRequest& request);
  /// Any thread.
  void publish(std::string event, const std::function<bool(const HttpRequest&)>& goes_on);
  /// Ends all; none is opened any more.
  void end();
  size_t size() const;

 private:
  struct Stream {
    EventStreams* all;
    MHD_Connection* connection;
    HttpRequest request;
    std::shared_ptr<const std::string> sending, next;
    size_t sent = 0;  // of `sending`
    bool suspended = false, ending = false;
    std::list<std::unique_ptr<Stream>>::iterator place;
  };

  static ssize_t read(void* stream, uint64_t position, char* out, size_t room);
  static void closed(void* stream);
  static void wake(Stream& s);

  const size_t limit_;
  mutable std::mutex mutex_;
  std::list<std::unique_ptr<Stream>> streams_;
  std::shared_ptr<const std::string> latest_;
  bool ended_ = false;
};

}  // namespace sensor
