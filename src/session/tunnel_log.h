// Tunnels as Zeek keeps them: an identity for those directly over IP, which connections lie in which tunnels, and tunnel.log.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "sensor/base/hash.h"
#include "sensor/net/packet.h"
#include "sensor/record/record_writer.h"
#include "sensor/record/types.h"

namespace sensor {

/// All tunnels of one worker. Full tables leave tunnels out of tunnel.log, and count them. Belongs to the worker's thread.
class TunnelLog {
 public:
  struct Limits {
    size_t max_tunnels = 65'536;                         // in each of the two tables
    DurationNs timeout_unused_ns = 60 * kMinute;         // Zeek's Tunnel::expiration_interval
    DurationNs timeout_identity_ns = 24 * 60 * kMinute;  // Zeek's Tunnel::ip_tunnel_timeout
  };

  /// The writer outlives the log.
  TunnelLog(RecordWriter& records, uint64_t uid_seed, const Limits& limits) : records_(records), uid_seed_(uid_seed), limits_(limits) {}
  TunnelLog(RecordWriter& records, uint64_t uid_seed) : TunnelLog(records, uid_seed, Limits{}) {}

  /// Gives the tunnels directly over IP around this packet their uid, and the direction of the first packet that was seen in them.
  /// For every packet in a tunnel, before its connection is looked up.
  void identify(DecodedPacket& packet);
  /// A connection begins in the tunnels of its first packet. `conn` is the caller's number for it, kept until forget().
  void on_connection(uint32_t conn, const DecodedPacket& packet);
  /// A packet of a connection that was in tunnels before, or is now. True when it changed tunnels more often than Zeek reports: the
  /// connection gets the weird kTooManyChanges (addl kMaxChangesText) and an 'X' in its history.
  bool on_packet(uint32_t conn, const DecodedPacket& packet);
  /// For tunnel_parents in conn.log: the innermost tunnel of the connection, and those it changed to.
  std::span<const Uid> parents(uint32_t conn) const;
  void forget(uint32_t conn) { conns_.erase(conn); }
  /// A connection ended at `due`: what expires by the next packet comes before it.
  void on_remove(TimeNs due) {
    if (!active_.empty() && !clocks_.empty() && clocks_.back() >= next_expiry_ns_) advance(packet_after(due));
  }
  /// The same, of a connection other than TCP's which may have been a tunnel (proxies, over TCP, are closed by their expiry). The row gets
  /// the time of the next packet, as in Zeek.
  void on_remove_carrier(const ConnHeader& conn, uint8_t ip_proto, TimeNs due);
  /// A proxy carries connections to somewhere; `conn` is the one to the proxy.
  void on_proxy(TunnelType type, const ConnHeader& conn, TimeNs now);
  /// The packet times that come next, never going back: of all packets of the sensor, so that rows do not depend on who handles which.
  void begin_burst(std::span<const TimeNs> clocks);
  /// Packet time went on to `now`: unused tunnels expire, at the times of packets.
  void advance(TimeNs now) {
    while (next_clock_ < clocks_.size() && clocks_[next_clock_] <= now) {
      const TimeNs clock = clocks_[next_clock_++];
      if (clock >= next_expiry_ns_) expire(clock);
    }
  }

  size_t size() const { return active_.size(); }
  /// Tunnels that found no room in a table.
  uint64_t not_tracked() const { return not_tracked_; }

  static constexpr std::string_view kTooManyChanges = "tunnel_max_changes_per_connection_exceeded";
  static constexpr std::string_view kMaxChangesText = "5";

 private:
  /// The tunnels around a connection, as its last packet had them.
  struct ConnTunnels {
    std::array<Encapsulation, kMaxTunnelDepth> stack;
    uint8_t depth = 0;
    uint8_t changes = 0;
    std::vector<Uid> parents;
  };
  struct Key {
    IpAddress orig, resp;
    uint16_t orig_port = 0, resp_port = 0;
    uint8_t ip_proto = 0;

    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& k) const {
      const uint64_t h = mix64(mix64(k.orig.hi(), k.orig.lo()), mix64(k.resp.hi(), k.resp.lo()));
      return mix64(h, uint64_t{k.orig_port} << 24 | uint64_t{k.resp_port} << 8 | k.ip_proto);
    }
  };
  struct Active {
    Uid uid;
    TunnelType type;
    TimeNs last_use_ns;
  };
  struct Identity {
    Encapsulation tunnel;
    TimeNs last_use_ns;
  };

  void enter(ConnTunnels& conn, const DecodedPacket& packet);
  void use(const Key& key, const Uid& uid, TunnelType type, TimeNs now);
  void write(const Key& key, const Active& tunnel, std::string_view action, TimeNs now);
  Uid make_uid(const Encapsulation& e, TimeNs now) const;
  TimeNs packet_after(TimeNs due) const;
  void expire(TimeNs now);

  RecordWriter& records_;
  uint64_t uid_seed_;
  Limits limits_;
  std::unordered_map<Key, Active, KeyHash> active_;
  std::unordered_map<Key, Identity, KeyHash> identities_;  // by the two addresses in order, other members 0
  std::unordered_map<uint32_t, ConnTunnels> conns_;
  std::vector<TimeNs> clocks_;  // of the burst and, for late removals, shortly before; the first next_clock_ have passed
  size_t next_clock_ = 0;
  TimeNs next_expiry_ns_ = 0;
  uint64_t not_tracked_ = 0;
};

}  // namespace sensor
