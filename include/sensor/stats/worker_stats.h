// A worker's end of the statistics: counts packets, passes on ended connections.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <string_view>
#include <tuple>
#include <vector>

#include "sensor/base/batch_lane.h"
#include "sensor/base/counters.h"
#include "sensor/net/packet.h"
#include "sensor/stats/report.h"

namespace sensor {

/// What is counted of a connection when it ends. All names have static storage.
struct EndedConnection {
  static constexpr size_t kMaxServices = 4;

  TimeNs due_ns = 0;                // when it ended, as in its conn record
  uint64_t key_hi = 0, key_lo = 0;  // its uid: ties in due_ns are broken by it, so that the order does not depend on the workers
  IpAddress orig, resp;
  uint64_t orig_bytes = 0, orig_packets = 0;  // IP bytes and packets the originator sent
  uint64_t resp_bytes = 0, resp_packets = 0;
  Transport transport = Transport::Unknown;
  std::array<std::string_view, kMaxServices> services{};  // confirmed protocols; empty: no more
  std::string_view application;                           // empty: none

  bool before(const EndedConnection& o) const {
    return due_ns != o.due_ns ? due_ns < o.due_ns : std::tie(key_hi, key_lo) < std::tie(o.key_hi, o.key_lo);
  }
};

/// The end of the interval of this length that a packet time lies in; the largest time where that overflows.
TimeNs interval_end(TimeNs ts, DurationNs interval);

/// What one worker saw of one interval.
struct IntervalCounts {
  TimeNs end_ns = 0;                 // interval_end()
  TimeNs first_ns = 0, last_ns = 0;  // of its packets; 0 when there were none
  TrafficCounts traffic;
};

/// A piece of a worker's statistics on its way to the statistics thread.
struct StatsBatch {
  static constexpr size_t kMaxConnections = 128, kMaxIntervals = 16;

  std::vector<EndedConnection> connections;
  std::vector<IntervalCounts> intervals;

  StatsBatch() {
    connections.reserve(kMaxConnections);
    intervals.reserve(kMaxIntervals);
  }
  /// Connections.
  uint64_t size() const { return connections.size(); }
  bool empty() const { return connections.empty() && intervals.empty(); }
  void clear() {
    connections.clear();
    intervals.clear();
  }
};
using StatsLane = BatchLane<StatsBatch>;

enum class StatsCounter : uint8_t { Packets, WireBytes, ConnectionsOpened, ConnectionsEnded, kCount };
inline constexpr CounterInfo kStatsCounters[] = {
    {"packets", "packets that were counted"},
    {"bytes", "bytes of those packets on the wire"},
    {"connections_opened", "connections that began"},
    {"connections_ended", "connections that ended"},
};

/// Called by its worker only, in this order for every burst:
///   begin_burst(clock); on_packet(…) for each packet; on_connection_…(…) as they come; on_acks(…); advance(watermark).
/// No allocation after construction except once per interval. What is counted is put into intervals by the clock, the latest time of a
/// packet so far, of whichever worker; connections' ends by the time they were due. So it is the same for any number of workers, and
/// however packets come in bursts.
class WorkerStats {
 public:
  /// `lane` outlives this object.
  WorkerStats(StatsLane& lane, DurationNs interval_ns);

  void begin_burst(TimeNs clock) { clock_ = clock; }
  void on_packet(TimeNs now, uint32_t wire_len) {
    if (now < current_start_ || now >= current_end_) select(now);
    TrafficCounts& t = current_->traffic;
    t.packets++;
    t.bytes += wire_len;
    if (current_->first_ns == 0) current_->first_ns = now;
    current_->last_ns = now;
  }
  /// Of packets in one interval, that of `now`; after them.
  void on_acks(TimeNs now, uint64_t acks, uint64_t gaps);
  void on_connection_open(TimeNs now, Transport transport);
  void on_connection_end(const EndedConnection& c);
  /// No connection that was due to end before `watermark` will be reported any more.
  void advance(TimeNs watermark);
  /// Hands over everything. After the last connection.
  void finish();

  /// Live: from now on intervals have this length. Any thread.
  void set_interval(DurationNs interval_ns) { wanted_interval_.store(interval_ns, std::memory_order_relaxed); }
  TimeNs end_of_interval(TimeNs ts) const { return interval_end(ts, interval_); }
  /// Running totals for a progress line. Any thread.
  uint64_t get(StatsCounter c) const { return totals_.get(c); }

 private:
  void select(TimeNs ts);
  IntervalCounts& counts_at(TimeNs ts);
  void change_interval(DurationNs interval_ns);
  void publish_totals();
  void close_intervals(TimeNs before);
  void flush();

  StatsLane* lane_;
  DurationNs interval_;
  std::atomic<DurationNs> wanted_interval_;
  std::unique_ptr<StatsBatch> batch_;
  std::map<TimeNs, IntervalCounts> open_;  // by their ends; rarely more than one
  IntervalCounts* current_ = nullptr;      // the one packets go to, spanning [current_start_, current_end_)
  TimeNs current_start_ = 0, current_end_ = 0;
  TimeNs clock_ = 0;
  TimeNs min_due_ = std::numeric_limits<TimeNs>::max();  // of the connections in batch_
  TrafficCounts closed_;                                 // everything in intervals that were handed over
  CounterBlock<StatsCounter> totals_;
};

}  // namespace sensor
