// icmp.log.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "sensor/net/direction.h"
#include "sensor/net/packet.h"
#include "sensor/record/record_writer.h"
#include "sensor/record/types.h"

namespace sensor {

/// Joins echo requests with their replies. Belongs to the worker's thread.
class IcmpLog {
 public:
  /// Requests of one connection that wait for their reply; one more, and the oldest is written without.
  static constexpr size_t kMaxWaiting = 64;

  explicit IcmpLog(RecordWriter& records) : records_(records) {}

  /// A whole ICMP message of the connection with this number, in Session's terms.
  void on_message(uint32_t number, const ConnHeader& conn, const DecodedPacket& packet, TimeNs now);
  /// The connection is over: requests without a reply are written.
  void on_remove(uint32_t number, const ConnHeader& conn, TimeNs now);

 private:
  struct Waiting {
    TimeNs ts_ns;
    uint64_t type, bytes;
    uint16_t id, sequence;
  };

  void write_request(const Waiting& request, const ConnHeader& conn, TimeNs now, TimeNs reply_ns);
  static constexpr TimeNs kNoReply = -1;

  RecordWriter& records_;
  std::unordered_map<uint32_t, std::vector<Waiting>> waiting_;  // by connection, oldest first
};

}  // namespace sensor
