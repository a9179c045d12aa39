#include "src/session/expectations.h"

namespace sensor {

void Expectations::erase(const Key& key) {
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return;
  by_end_.erase(it->second.end);
  of_port_[key.resp_port % kPortSlots]--;
  by_key_.erase(it);
}

void Expectations::expire(TimeNs now) {
  while (!by_end_.empty() && by_end_.begin()->first.first <= now) {
    const Key key = by_end_.begin()->second;
    erase(key);
  }
}

void Expectations::add(const Expectation& e, TimeNs now) {
  expire(now);
  const Key key{e.orig, e.resp, e.resp_port, e.transport};
  erase(key);
  if (by_key_.size() >= capacity_) {
    const Key nearest = by_end_.begin()->second;
    erase(nearest);
    displaced_++;
  }
  const End end{now + e.lifetime_ns, ++serial_};
  by_key_.emplace(key, Entry{e, end});
  of_port_[key.resp_port % kPortSlots]++;
  by_end_.emplace(end, key);
}

const Expectation* Expectations::at(const Key& key) const {
  const auto it = by_key_.find(key);
  return it == by_key_.end() ? nullptr : &it->second.expectation;
}

const Expectation* Expectations::find(const IpAddress& orig, const IpAddress& resp, uint16_t resp_port, Transport transport, TimeNs now) {
  expire(now);
  if (of_port_[resp_port % kPortSlots] == 0) return nullptr;
  const Expectation* e = at({orig, resp, resp_port, transport});
  return e != nullptr ? e : at({IpAddress{}, resp, resp_port, transport});
}

void Expectations::fulfil(const IpAddress& orig, const IpAddress& resp, uint16_t resp_port, Transport transport) {
  erase({orig, resp, resp_port, transport});
  erase({IpAddress{}, resp, resp_port, transport});
}

}  // namespace sensor
