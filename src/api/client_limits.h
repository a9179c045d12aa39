// What one client may ask for, and how long it may take.
#pragma once

#include <chrono>
#include <list>
#include <map>
#include <mutex>
#include <string>

namespace sensor {

using ApiClock = std::chrono::steady_clock;

/// A bucket of tokens for each client address; when too many addresses come, all begin anew.
class RequestRates {
 public:
  RequestRates(double per_second, double at_once) : per_second_(per_second), at_once_(at_once) {}
  /// One thread at a time: the caller locks.
  bool allow(const std::string& client, ApiClock::time_point now);

 private:
  struct Bucket {
    double tokens;
    ApiClock::time_point filled;
  };
  static constexpr size_t kClients = 4096;

  const double per_second_, at_once_;
  std::map<std::string, Bucket> buckets_;
};

/// Connections and the moment by which each must have made its next step: the library's own timeout begins anew with every byte.
class ConnectionDeadlines {
 public:
  struct Connection {
    int socket;
    ApiClock::time_point deadline;
    std::list<Connection>::iterator place;
  };
  static constexpr ApiClock::time_point kNever = ApiClock::time_point::max();

  Connection* add(int socket, ApiClock::time_point deadline);
  /// Before the socket is closed.
  void remove(Connection* c);
  void set(Connection* c, ApiClock::time_point deadline);
  /// Cuts off those whose time is over; the HTTP thread then closes them.
  void sweep(ApiClock::time_point now);

 private:
  std::mutex mutex_;
  std::list<Connection> all_;
};

}  // namespace sensor
