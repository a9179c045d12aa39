// IP fragments -> datagrams (RFC 815, RFC 8200 section 4.5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sensor/base/counters.h"
#include "sensor/base/mapped_array.h"
#include "sensor/net/decoder.h"

namespace sensor {

struct FragmentLimits {
  /// Datagrams that can wait for fragments at once; each may take 68 KiB once its fragments touch them. Full: the oldest is given up.
  uint32_t max_datagrams = 1024;
  /// Pieces of all waiting datagrams, and of one of them. Full: the fragment is dropped.
  uint32_t max_pieces = 65'536;
  uint32_t max_pieces_per_datagram = 2'048;
  /// Counted from the first fragment that came (Zeek's frag_timeout).
  DurationNs timeout_ns = 5 * kMinute;
  /// Random live, fixed in tests and replay.
  uint64_t hash_seed = 0;
  /// Fragments of two VLANs belong to two datagrams, as FlowConfig::key_by_vlan has it for connections.
  bool key_by_vlan = false;
};

enum class FragmentCounter : uint8_t {
  Fragments,
  Reassembled,
  Expired,
  Evicted,
  DroppedNoBuffer,
  DroppedNoPiece,
  DroppedTooMany,
  DroppedLongHeader,
  Datagrams,
  DatagramsExpired,
  DatagramsEvicted,
  kCount
};
const CounterInfo& counter_info(FragmentCounter c);

/// Puts datagrams together as Zeek does: by addresses and identification alone (and the VLANs, where these are told apart), what came first
/// wins where fragments overlap. All memory is reserved at construction. A worker owns one.
class FragmentReassembler {
 public:
  /// `decoder` outlives the reassembler.
  FragmentReassembler(const FragmentLimits& limits, Decoder& decoder);
  ~FragmentReassembler();
  FragmentReassembler(const FragmentReassembler&) = delete;
  FragmentReassembler& operator=(const FragmentReassembler&) = delete;

  /// Takes a packet that was decoded as a fragment (DecodeStatus::Fragment). When it completes its datagram, decodes that into `packet`
  /// and returns what this came to; else DecodeStatus::Nothing. The result may be a fragment again, of a tunnelled packet: add() that.
  /// `packet.weirds` gets what is odd about the fragment. Spans of a completed datagram live until release().
  DecodeStatus add(DecodedPacket& packet);
  /// Adds until the result is no fragment any more.
  DecodeStatus add_all(DecodedPacket& packet);
  /// Gives back the memory of completed datagrams: call it when the burst they belong to was handled.
  void release();
  /// Gives up what timed out before `now`; add() does the same.
  void advance(TimeNs now);

  /// Fragments that wait. Fragments = Reassembled + Expired + Evicted + the Dropped ones + held().
  uint64_t held() const { return held_; }
  const CounterBlock<FragmentCounter>& counters() const { return counters_; }

 private:
  struct Datagram;
  struct Piece;

  uint32_t vlans(const DecodedPacket& packet) const;
  uint32_t find(const DecodedPacket& packet, uint64_t hash) const;
  uint32_t start(const DecodedPacket& packet, uint64_t hash);
  bool keep_header(Datagram& d, const DecodedPacket& packet);
  void check(Datagram& d, DecodedPacket& packet);
  bool insert(Datagram& d, DecodedPacket& packet);
  bool add_piece(Datagram& d, uint32_t& link, uint32_t seq, uint32_t upper, Bytes data);
  void check_overlap(Datagram& d, DecodedPacket& packet, uint32_t seq, Bytes data);
  bool complete(Datagram& d, DecodedPacket& packet);
  DecodeStatus deliver(uint32_t index, DecodedPacket& packet);
  void weird(const Datagram& d, DecodedPacket& packet, DecodeCounter what);
  void unlink(uint32_t index);
  void free_pieces(Datagram& d);
  void give_up(uint32_t index, FragmentCounter fragments, FragmentCounter datagrams);
  std::span<uint8_t> buffer(const Datagram& d);

  FragmentLimits limits_;
  Decoder& decoder_;
  CounterBlock<FragmentCounter> counters_;
  uint64_t held_ = 0;
  std::vector<Datagram> datagrams_;
  std::vector<Piece> pieces_;
  std::vector<uint32_t> buckets_;    // first datagram of each hash bucket
  std::vector<uint32_t> completed_;  // handed on, not yet released
  MappedArray<uint8_t> memory_;
  uint32_t free_datagram_, free_piece_;
  uint32_t oldest_, newest_;  // waiting datagrams in the order in which they began
};

}  // namespace sensor
