// Redis on one connection: commands are joined with their replies, each pair a row of redis.log.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "dpi/redis/resp.h"
#include "sensor/record/redis.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

class RedisAnalyzer final : public Analyzer {
 public:
  /// Commands without a reply, as in Zeek, and what they may hold together.
  static constexpr size_t kMaxPending = 10'000;
  static constexpr size_t kMaxPendingBytes = 1024 * 1024;
  /// Longer names are cut off, so that a row fits into a record batch whatever else it holds.
  static constexpr size_t kMaxName = 1024;
  /// Times that the client switches replies off.
  static constexpr size_t kMaxSilences = 1000;

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;
  void on_eof(AnalyzerContext& c, Direction d) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  struct Pending {
    TimeNs ts = 0;
    bool has_command = false;
    RedisRecord row;
  };
  /// Commands that the client wants no replies to; without an end: until further notice.
  struct Silence {
    uint64_t begin;
    std::optional<uint64_t> end;
  };
  /// What is known of the two streams' order; begins anew when too much is pending.
  struct State {
    std::map<uint64_t, Pending> pending;  // by number, counted from 1
    size_t bytes = 0;                     // of their texts
    uint64_t command = 0, reply = 0;      // numbers of the last ones
    std::vector<Silence> silences;
    std::set<uint64_t> without_reply;
    bool subscribed = false;
    bool resp3 = false;
  };

  void commands(AnalyzerContext& c, ByteReader r);
  void replies(AnalyzerContext& c, ByteReader r);
  void command(AnalyzerContext& c, const redis::Command& cmd);
  void switch_replies(std::string_view how);
  void reply(AnalyzerContext& c, const redis::Reply& r);
  uint64_t next_reply();
  Pending& pending(AnalyzerContext& c, uint64_t number);
  void write(AnalyzerContext& c, uint64_t number);
  void violation(AnalyzerContext& c, std::string_view reason);

  redis::CommandReader commands_;
  redis::ReplyReader replies_;
  State state_;
  bool client_spoke_ = false;
  bool lost_track_ = false;  // a reply was malformed
  bool stopped_ = false;
};

inline constexpr std::array<uint16_t, 1> kRedisPorts{6379};
Probe probe_redis(const ProbeInput& in);

}  // namespace sensor
