// What a protocol's session code sees of its connection, and what the session sees of it.
#pragma once

#include <memory>
#include <string_view>

#include "sensor/base/byte_reader.h"
#include "sensor/net/direction.h"
#include "sensor/net/packet.h"
#include "sensor/record/record_writer.h"
#include "sensor/record/types.h"

namespace sensor {

enum class ProtocolId : uint8_t;
enum class ConfirmedProtocol : uint8_t;
struct Expectation;
class FileAnalysis;
class Analyzer;

/// One connection as its analyzers see it. Implemented by the session (and by a fake in tests). Valid during the call it is handed to;
/// belongs to the worker.
class AnalyzerContext {
 public:
  virtual ~AnalyzerContext() = default;

  /// ts is the connection's start; copy it into a record and overwrite ts with the record's own time.
  virtual const ConnHeader& conn() const = 0;
  virtual Transport transport() const = 0;
  /// Time of the packet at hand, or the deadline when the connection timed out.
  virtual TimeNs now() const = 0;
  virtual RecordWriter& records() = 0;
  virtual FileAnalysis& files() = 0;

  /// The protocol is what it seemed: `service` (static storage, Zeek's analyzer name in lower case) joins conn.log's service column.
  /// Idempotent.
  virtual void confirm(std::string_view service) = 0;
  /// The bytes contradict the protocol. As in Zeek, its service leaves the column and the analyzer is dropped once the packet at hand is
  /// dealt with, on_violated() being its last call; or, where a connection was seen in part or went well for long, nothing happens.
  virtual void violation(std::string_view reason) = 0;
  /// The same for a protocol that the analyzer's own one carries and that has no analyzer of its own.
  virtual void confirm_carried(std::string_view /*service*/) {}
  virtual void deny_carried(std::string_view /*service*/) {}
  /// Nothing more to tell: the analyzer is dropped after this call returns; its service stays.
  virtual void done() = 0;
  /// Zeek's weird, logged once per connection and name. `name` has static storage; `source` is Zeek's analyzer name ("HTTP", "DNS" …) or
  /// empty.
  virtual void weird(std::string_view name, std::string_view addl, std::string_view source) = 0;
  /// A host name that tells the application apart (SNI, Host header, query name): used for the label.
  virtual void hostname(std::string_view name) = 0;
  /// Which of several protocols under one service name it is: used for the label.
  virtual void variant(ConfirmedProtocol /*protocol*/) {}
  /// The originator turned out to be the responder (its first message is an answer): swaps the connection's roles and adds '^' to its
  /// history, as Zeek does. conn() shows the new roles at once, later calls name directions by them.
  virtual void flip_roles() {}
  /// Adds a letter to the connection's history, at most once per connection and letter.
  virtual void add_history(char /*letter*/) {}
  /// UDP: at the first packet of any connection that comes `period` after the start, and then after the check before, ends the connection
  /// if it has been idle for `min_idle` or more. Holds until the analyzer is dropped; comes on top of the transport's own timeout.
  virtual void end_when_idle(DurationNs /*period*/, DurationNs /*min_idle*/) {}
  /// For what the log thread joins as one of Zeek's tables would: the moment after which a check of that table may drop an entry that
  /// begins now and lives for `lifetime`. The log thread is told of the checks that follow.
  virtual TimeNs table_entry_end(DurationNs lifetime) { return now() + lifetime; }
  /// The connection may be silent for this long before it is given up, as interactive ones may.
  virtual void allow_idle(DurationNs /*timeout*/) {}
  /// Another connection is about to begin, and how it is to be read. Of expectations for the same connection the last one holds.
  virtual void expect(const Expectation& /*expectation*/) {}
  /// The peer is a proxy that from now on carries other connections (Http or Socks): reported in tunnel.log.
  virtual void becomes_proxy(TunnelType /*type*/) {}
  /// Hands what follows in the stream to another protocol, after STARTTLS for instance: `rest` of the piece at hand, which came from `d`,
  /// and everything after it. The caller stays or calls done().
  virtual void start(ProtocolId protocol, Direction d, Bytes rest) = 0;
  /// The same for whatever protocol the content shows (an opened proxy tunnel).
  virtual void start_detection(Direction d, Bytes rest) = 0;
  /// From here on the caller unwraps the stream: what it gives to feed_inside() is looked at for another protocol, and read by whatever
  /// is found. The caller goes on reading the stream itself. One level.
  virtual void start_inside() {}
  virtual void feed_inside(Direction /*d*/, Bytes /*bytes*/) {}
  /// Another analyzer of this protocol that reads the same connection, or did so until it found a violation; or null.
  virtual Analyzer* sibling(ProtocolId /*protocol*/) { return nullptr; }
  /// TCP: the connection's beginning was not seen. Most analyzers are then given nothing; see PartialStreams.
  virtual bool partial() const { return false; }
};

/// One protocol on one connection: turns bytes into records. Owned by the session; every call comes from the worker's thread.
class Analyzer {
 public:
  virtual ~Analyzer() = default;
  /// First call, where the connection was expected (AnalyzerContext::expect()).
  virtual void on_expected(AnalyzerContext& c, const Expectation& expectation);
  /// TCP: the next bytes of one direction, in order. UDP: one datagram (its captured part).
  virtual void on_data(AnalyzerContext& c, Direction d, Bytes bytes) = 0;
  /// TCP: `bytes` bytes of this direction will never come.
  virtual void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes);
  /// TCP: this direction ended (FIN or RST), all its bytes were seen or given up.
  virtual void on_eof(AnalyzerContext& c, Direction d);
  /// TCP: a packet with RST was seen. Data that was on its way may still come, and on_eof() comes in its place.
  virtual void on_reset(AnalyzerContext& c);
  /// The connection is about to be removed: last chance to write what is held.
  virtual void on_finish(AnalyzerContext& c);
  /// The analyzer is dropped after a violation; on_finish() unless it has something to say. True: it gets nothing more to read, but another
  /// analyzer of its protocol may still go on from what it knows (AnalyzerContext::sibling()); on_finish() comes later.
  virtual bool on_violated(AnalyzerContext& c);

  /// Between messages: everything the analyzer must remember fits into a number, and on_eof() or on_finish() would do nothing. When many
  /// connections rest, the session keeps sleep() of one, drops the analyzer, and lets a new one wake() before the next bytes or gap.
  virtual bool at_rest() const { return false; }
  virtual uint64_t sleep() const { return 0; }
  virtual void wake(AnalyzerContext& /*c*/, uint64_t /*memory*/) {}
};

inline void Analyzer::on_expected(AnalyzerContext&, const Expectation&) {}
inline void Analyzer::on_gap(AnalyzerContext&, Direction, uint64_t) {}
inline void Analyzer::on_eof(AnalyzerContext&, Direction) {}
inline void Analyzer::on_reset(AnalyzerContext&) {}
inline void Analyzer::on_finish(AnalyzerContext&) {}
inline bool Analyzer::on_violated(AnalyzerContext& c) {
  on_finish(c);
  return false;
}

}  // namespace sensor
