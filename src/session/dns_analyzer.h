// DNS on a connection: messages become rows of dns.log.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "dns_rows.h"
#include "dpi/dns/dns.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

/// Where Zeek expects DNS: DNS, NetBIOS name service, mDNS, LLMNR.
inline constexpr uint16_t kDnsUdpPorts[] = {53, 137, 5353, 5355};
inline constexpr uint16_t kDnsTcpPorts[] = {53};

Probe probe_dns_datagram(const ProbeInput& in);
Probe probe_dns_stream(const ProbeInput& in);

/// Joins queries with answers by their id, in order. A query and its answer become one row when both are there; what stays alone is
/// written when the connection ends or when too much waits (Zeek's limits, and kMaxQueuedBytes).
class DnsAnalyzer final : public Analyzer {
 public:
  /// Text that the waiting rows of a connection may hold; beyond it all are written as they are.
  static constexpr size_t kMaxQueuedBytes = 256 * 1024;

  DnsAnalyzer() = default;
  ~DnsAnalyzer() override;

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_eof(AnalyzerContext& c, Direction d) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  /// One direction of a TCP stream. The message is at most the 65535 bytes that its length can announce.
  struct Stream {
    enum class State : uint8_t { LengthHigh, LengthLow, Message } state = State::LengthHigh;
    uint16_t expected = 0;
    std::vector<uint8_t> part;  // of the message at hand, empty when it came in one piece
  };
  enum class Sender : uint8_t { Originator, Responder, Unknown };
  enum class Roles : uint8_t { Kept, Flipped };

  void on_stream(AnalyzerContext& c, Direction d, ByteReader in);
  Roles on_message(AnalyzerContext& c, Bytes message, Sender sender);
  void read_message(AnalyzerContext& c, const dns::Header& h);
  void read_questions(AnalyzerContext& c);
  void read_answers(AnalyzerContext& c);
  void end_message(AnalyzerContext& c, bool response);

  void choose_row(AnalyzerContext& c, const dns::Header& h);
  DnsRow* row_for_query(AnalyzerContext& c, uint16_t id);
  DnsRow* row_for_reply(AnalyzerContext& c, uint16_t id);
  DnsRow* new_row(AnalyzerContext& c, uint16_t id);
  void set_question(AnalyzerContext& c, const dns::Header& h, const dns::Question& q);
  void add_answer(AnalyzerContext& c, const dns::Header& h, const dns::Answer& a);

  void enqueue(AnalyzerContext& c, DnsRowQueues& queues, DnsRow* row);
  DnsRow* dequeued(DnsRow* row);
  void forget_current();
  void write_all(AnalyzerContext& c);
  void write_all(AnalyzerContext& c, DnsRowList rows);

  std::array<Stream, 2> streams_;
  DnsRow* current_ = nullptr;        // row of the last message; may also be queued
  DnsRow* pending_query_ = nullptr;  // the first unanswered query: most connections have only this one
  DnsRowQueues queries_, replies_;   // the other unanswered queries; answers without a query
  size_t queued_bytes_ = 0;
  bool first_message_ = true;
  bool started_ = false;
  bool violated_ = false;
};

}  // namespace sensor
