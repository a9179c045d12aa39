// Where a worker's flow events and the dissectors' results meet and become records.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dpi/ndpi/ndpi_classifier.h"
#include "sensor/base/flat_map.h"
#include "sensor/base/hash.h"
#include "sensor/base/mapped_array.h"
#include "sensor/flow/flow_tracker.h"
#include "sensor/flow/fragments.h"
#include "sensor/net/decoder.h"
#include "sensor/record/record_writer.h"
#include "sensor/record/types.h"
#include "sensor/session/protocol_set.h"
#include "sensor/session/session_config.h"

namespace sensor {

struct ConnState;
class DetectBuffer;
enum class ProtocolId : uint8_t;
class Expectations;
class IcmpLog;
struct Expectation;
class FileAnalysis;
struct ProbeInput;
class SessionContext;
class TableChecks;
class TunnelLog;

/// What the session tells about a connection that ended; for the statistics. Valid during the call.
struct ConnectionEnd {
  const ConnHeader& header;
  Transport transport;
  const ConnSummary& summary;
  std::span<const std::string_view> services;
  std::string_view application;  // lives as long as the session
  TimeNs due_ns;
};

/// Is told when connections begin, end and are announced: the worker's statistics, and the other workers.
class ConnectionListener {
 public:
  virtual void on_connection_open(TimeNs now, Transport transport) = 0;
  virtual void on_connection_end(const ConnectionEnd& end) = 0;
  /// An analyzer announced a connection, of which the session itself knows already.
  virtual void on_expectation(const Expectation& /*expectation*/) {}

 protected:
  ~ConnectionListener() = default;
};

/// The handler of one worker's FlowTracker: starts analyzers, feeds them, asks for labels, writes conn and weird records.
/// Everything it keeps for a connection while nobody reads it, or its reader sleeps, is 48 bytes; the rest (analyzers, detection, nDPI's
/// state) is leased from pools and given back as soon as nothing more can be learned. Belongs to the worker's thread.
class Session {
 public:
  /// All references outlive the session. The decoder and the reassembler read what tunnels over UDP carry.
  Session(const SessionConfig& config, Decoder& decoder, FragmentReassembler& fragments, RecordWriter& records,
          ConnectionListener& listener);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  FlowTracker<Session>& tracker() { return tracker_; }
  const FlowTracker<Session>& tracker() const { return tracker_; }
  const NdpiClassifier& classifier() const { return ndpi_; }
  /// Connections for which analyzers, detection or nDPI still hold state.
  size_t open_states() const { return open_states_; }

  /// Makes now what else the first packets would wait for.
  void make_ready();
  /// The packet times of the burst that comes next, those of other workers' packets included; they stay valid until the next call.
  void begin_burst(std::span<const TimeNs> clocks);
  /// Files that have been idle too long are given up. Once per burst.
  void advance(TimeNs now);
  /// The input has ended at `now`: every connection and file is closed and written.
  void finish(TimeNs now);
  /// A connection is about to begin that is to be read as the expectation says: announced by an analyzer of another worker. One that
  /// began after the announcement and before this call meets it with its first payload.
  void expect(const Expectation& expectation);
  /// Gives the tunnels around a packet their uid. Before the packet is processed; needed only for packets in tunnels.
  void identify_tunnels(DecodedPacket& packet);
  /// A packet that was decoded as ARP.
  void write_arp(const DecodedPacket& packet);
  /// What the decoder found odd about a packet, as far as it concerns no connection.
  void write_decode_weirds(const DecodedPacket& packet);

  // Called by the FlowTracker; see there.
  void on_new(Flow& flow, const DecodedPacket& packet);
  void on_packet(Flow& flow, Direction d, const DecodedPacket& packet);
  void on_datagram(Flow& flow, Direction d, const DecodedPacket& packet);
  void on_data(Flow& flow, Direction d, Bytes bytes);
  void on_reset(Flow& flow);
  void on_gap(Flow& flow, Direction d, uint64_t bytes);
  void on_eof(Flow& flow, Direction d);
  void on_established(Flow& flow);
  void on_flip(Flow& flow);
  void on_weird(Flow& flow, const Weird& weird);
  void on_remove(Flow& flow, TimeNs due, RemoveReason reason);

 private:
  friend class SessionContext;

  /// What is kept for every connection, open or idle.
  struct Tail {
    ConnState* state = nullptr;
    uint64_t memory = 0;  // of the analyzer that sleeps
    AppLabel label;
    std::array<uint8_t, 4> services{};  // 1-based indexes into service_names_, in the order of confirmation; 0: none
    uint16_t vlan = 0, inner_vlan = 0;
    std::array<uint8_t, 6> orig_mac{}, resp_mac{};
    UdpTunnelState tunnel;
    uint8_t sleeper = 0;  // protocol of the analyzer that sleeps, 1-based; 0: none
    bool has_mac : 1 = false;
    bool label_done : 1 = false;     // nDPI, or what stands in for it, has spoken
    bool recognised : 1 = false;     // a dissector knows the protocol by its content
    bool in_tunnel : 1 = false;      // it was in a tunnel: tunnels_ knows it
    bool is_tunnel : 1 = false;      // its payload was taken for a tunnel: goes on being read
    bool expected : 1 = false;       // another connection announced it
    bool analysis_over : 1 = false;  // no analyzer will read this connection any more
  };
  static_assert(sizeof(Tail) == 48);
  struct LabelHash {
    uint64_t operator()(uint32_t label) const { return mix64(label, 0); }
  };
  /// A connection whose analyzer rests: it goes to sleep kRestNs later, unless it is at work again.
  struct Resting {
    uint32_t session;
    TimeNs since;
  };
  static constexpr TimeNs kEndOfTime = std::numeric_limits<TimeNs>::max();
  static constexpr DurationNs kRestNs = 2 * kSecond;

  Uid uid(const Flow& flow) const;
  Tail& tail(const Flow& flow) { return tails_[flow.session - 1]; }
  const Tail& tail(const Flow& flow) const { return tails_[flow.session - 1]; }
  ConnState& state(Flow& flow);
  void release_state(Tail& t);
  void settle(Flow& flow);
  static bool rests(const ConnState& s);
  void rest(Flow& flow, Tail& t);
  void put_to_sleep(Tail& t, TimeNs now);
  void sleep(Tail& t);
  void wake(Flow& flow, ConnState& s);
  void stop_reading(Flow& flow);

  void check_tables(std::span<const TimeNs> clocks);
  void read_tunnel(Flow& flow, Direction d, const DecodedPacket& packet);
  void follow_tunnels(Flow& flow, const DecodedPacket& packet);
  std::optional<size_t> reader_of(ProtocolId id, Transport transport) const;
  void start_port_analyzers(Flow& flow, ConnState& s);
  void announce(Expectation expectation);
  void meet_expectation(Flow& flow, TimeNs before);
  void attach(Flow& flow, ConnState& s, size_t protocol);
  void deliver(Flow& flow, ConnState& s, Direction d, Bytes bytes, bool inside, size_t first = 0);
  void deliver_gap(Flow& flow, ConnState& s, Direction d, uint64_t bytes, bool inside, size_t first = 0);
  DetectBuffer& kept(ConnState& s);
  void forget_kept(ConnState& s);
  void recycle(std::unique_ptr<DetectBuffer> buffer);
  void detect(Flow& flow, ConnState& s, Direction d, Bytes bytes);
  void drop_finished_analyzers(Flow& flow, ConnState& s);
  bool drop_violated_analyzers(Flow& flow, ConnState& s);
  void detect_in_stream(Flow& flow, ConnState& s, Direction d, Bytes piece);
  void detect_in_datagram(Flow& flow, ConnState& s, Direction d, Bytes datagram);
  static Bytes rest_for_detection(ConnState& s, Bytes piece);
  void stop_detection(ConnState& s);
  void probe(Flow& flow, ConnState& s, const ProbeInput& in, Direction d, Bytes piece);
  void replay(Flow& flow, ConnState& s, size_t attached, Direction d, Bytes piece);
  void finish_analyzers(Flow& flow);
  void set_aside(ConnState& s, size_t analyzer);
  void finish_set_aside(Flow& flow, ConnState& s);

  void add_service(Tail& t, std::string_view service);
  void remove_service(Tail& t, std::string_view service);
  bool has_service(const Tail& t, std::string_view service) const;
  void label_packet(Flow& flow, const DecodedPacket& packet);
  NdpiLease lease_for(const Flow& flow);
  void finish_label(Flow& flow);
  std::string_view application(const AppLabel& label);
  void write_conn(Flow& flow, TimeNs due);
  void write_weird(const Flow& flow, const Weird& weird, TimeNs ts);
  void tell_refused(const Flow& flow);
  ConnHeader header(const Flow& flow) const;

  SessionConfig config_;
  ProtocolSet protocols_;
  Decoder& decoder_;
  FragmentReassembler& fragments_;
  RecordWriter& records_;
  ConnectionListener& listener_;
  NdpiClassifier ndpi_;
  std::unique_ptr<FileAnalysis> files_;
  std::unique_ptr<Expectations> expectations_;
  std::unique_ptr<SessionContext> context_;
  std::unique_ptr<TableChecks> table_checks_;
  std::vector<uint32_t> free_tails_;
  std::deque<Resting> resting_;  // in the order of `since`
  std::vector<std::unique_ptr<ConnState>> free_states_;
  std::vector<std::unique_ptr<DetectBuffer>> free_buffers_;  // the last one given back is still in the cache
  size_t open_states_ = 0;
  std::vector<std::string_view> service_names_;
  std::unique_ptr<IcmpLog> icmp_;                                    // knows connections by Flow::session
  std::unique_ptr<TunnelLog> tunnels_;                               // the same
  std::deque<std::string> application_names_;                        // keep their places
  FlatMap<uint32_t, const std::string*, LabelHash> names_by_label_;  // by carrier and application id
  std::array<DecodedPacket, kMaxTunnelDepth + 1> carried_;           // what UDP tunnels carry, by depth of the carrier
  TimeNs now_ = 0;
  FlowTracker<Session> tracker_;
  MappedArray<Tail> tails_;  // one for each connection there can be
  uint32_t tails_used_ = 0;
};

}  // namespace sensor
