// The connections that are expected to begin soon.
#pragma once

#include <array>
#include <map>
#include <unordered_map>
#include <utility>

#include "sensor/base/hash.h"
#include "sensor/session/expectation.h"

namespace sensor {

/// All expectations of one worker, by who connects to where. Holds at most `capacity`: the one nearest to its end makes room, and is
/// counted. An expectation holds for every connection that fits until its lifetime is over or fulfil() is called. Belongs to the worker's
/// thread.
class Expectations {
 public:
  static constexpr size_t kCapacity = 65'536;

  explicit Expectations(size_t capacity = kCapacity) : capacity_(capacity) {}

  /// Replaces one for the same connection.
  void add(const Expectation& e, TimeNs now);
  /// The expectation that a connection which begins now meets, or null. Valid until the next call of another member.
  const Expectation* find(const IpAddress& orig, const IpAddress& resp, uint16_t resp_port, Transport transport, TimeNs now);
  /// The connection is over: another one to the same place is not expected.
  void fulfil(const IpAddress& orig, const IpAddress& resp, uint16_t resp_port, Transport transport);

  bool empty() const { return by_key_.empty(); }
  size_t size() const { return by_key_.size(); }
  /// Expectations that made room for others before their time.
  uint64_t displaced() const { return displaced_; }

 private:
  struct Key {
    IpAddress orig, resp;
    uint16_t resp_port = 0;
    Transport transport = Transport::Tcp;

    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& k) const {
      const uint64_t h = mix64(mix64(k.orig.hi(), k.orig.lo()), mix64(k.resp.hi(), k.resp.lo()));
      return mix64(h, uint64_t{k.resp_port} << 8 | static_cast<uint8_t>(k.transport));
    }
  };
  /// When an expectation ends, and a number that tells those of one moment apart.
  using End = std::pair<TimeNs, uint64_t>;
  struct Entry {
    Expectation expectation;
    End end;
  };

  void erase(const Key& key);
  void expire(TimeNs now);
  const Expectation* at(const Key& key) const;

  static constexpr size_t kPortSlots = 4096;

  size_t capacity_;
  std::array<uint32_t, kPortSlots> of_port_{};  // how many there are, by the low bits of resp_port: spares most connections the lookups
  std::unordered_map<Key, Entry, KeyHash> by_key_;
  std::map<End, Key> by_end_;
  uint64_t serial_ = 0;
  uint64_t displaced_ = 0;
};

}  // namespace sensor
