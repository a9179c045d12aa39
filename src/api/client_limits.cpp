#include "client_limits.h"

#include <sys/socket.h>

#include <algorithm>

namespace sensor {

bool RequestRates::allow(const std::string& client, ApiClock::time_point now) {
  if (buckets_.size() >= kClients && !buckets_.contains(client)) buckets_.clear();
  Bucket& b = buckets_.try_emplace(client, Bucket{at_once_, now}).first->second;
  b.tokens = std::min(at_once_, b.tokens + per_second_ * std::chrono::duration<double>(now - b.filled).count());
  b.filled = now;
  if (b.tokens < 1) return false;
  b.tokens -= 1;
  return true;
}

ConnectionDeadlines::Connection* ConnectionDeadlines::add(int socket, ApiClock::time_point deadline) {
  std::lock_guard lock(mutex_);
  all_.push_back({socket, deadline, {}});
  all_.back().place = std::prev(all_.end());
  return &all_.back();
}

void ConnectionDeadlines::remove(Connection* c) {
  std::lock_guard lock(mutex_);
  all_.erase(c->place);
}

void ConnectionDeadlines::set(Connection* c, ApiClock::time_point deadline) {
  std::lock_guard lock(mutex_);
  c->deadline = deadline;
}

void ConnectionDeadlines::sweep(ApiClock::time_point now) {
  std::lock_guard lock(mutex_);
  for (Connection& c : all_)
    if (now >= c.deadline) ::shutdown(c.socket, SHUT_RDWR);
}

}  // namespace sensor
