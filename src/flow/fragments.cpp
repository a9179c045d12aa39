#include "sensor/flow/fragments.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

#include "sensor/base/hash.h"

namespace sensor {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
constexpr uint32_t kMinSize = 64, kMaxEnd = 64'000;  // what Zeek finds normal
constexpr size_t kFragmentHeader = 8;                // IPv6, RFC 8200 section 4.5
constexpr size_t kIpv6Header = 40;
constexpr size_t kHeaderRoom = 4096;  // in front of the data; an IPv6 header chain may be long
constexpr size_t kDataRoom = 65'536;  // lengths wrap at 16 bits, so that what lies beyond is never used
constexpr size_t kBuffer = kHeaderRoom + kDataRoom;

constexpr auto kInfo = std::to_array<CounterInfo>({
    {"fragments", "IP fragments"},
    {"fragments_reassembled", "fragments of datagrams that were completed"},
    {"fragments_expired", "fragments of datagrams that were not completed in time"},
    {"fragments_evicted", "fragments of datagrams given up to make room for newer ones"},
    {"fragments_dropped_no_buffer", "fragments dropped because no datagram could be given up"},
    {"fragments_dropped_no_piece", "fragments dropped because all datagrams together have too many"},
    {"fragments_dropped_too_many", "fragments dropped because their datagram has too many"},
    {"fragments_dropped_long_header", "fragments dropped because of IPv6 headers beyond 4 KiB"},
    {"datagrams_reassembled", "datagrams put together from fragments"},
    {"datagrams_expired", "datagrams that were not completed in time"},
    {"datagrams_evicted", "datagrams given up to make room for newer ones"},
});
static_assert(kInfo.size() == CounterBlock<FragmentCounter>::kSize);

}  // namespace

const CounterInfo& counter_info(FragmentCounter c) {
  return kInfo[static_cast<size_t>(c)];
}

struct FragmentReassembler::Datagram {
  IpAddress src, dst;
  uint32_t id = 0;
  uint32_t vlans = 0;
  uint32_t size = 0;  // of the data, by the last fragment; 0: not known
  TimeNs start_ns = 0;
  uint64_t hash = 0;
  uint32_t fragments = 0, pieces = 0;
  uint32_t first_piece = kNone;
  uint32_t slot = 0;  // of its buffer
  uint32_t bucket_next = kNone, older = kNone, newer = kNone;
  uint16_t header_len = 0;  // of the header that is kept: IPv6 without the fragment header
  uint8_t next_proto = 0;
  uint8_t ip_version = 4;
  uint8_t ipv4_first_byte = 0;  // version and header length
  uint8_t ipv4_proto = 0;
};

/// A run of data that came in one fragment, bounds relative to the datagram's data. Runs of a datagram are in order and do not overlap.
struct FragmentReassembler::Piece {
  uint32_t seq = 0, upper = 0;
  uint32_t next = kNone;
};

FragmentReassembler::FragmentReassembler(const FragmentLimits& limits, Decoder& decoder)
    : limits_(limits),
      decoder_(decoder),
      datagrams_(std::max(1u, limits.max_datagrams)),
      pieces_(std::max(1u, limits.max_pieces)),
      buckets_(std::bit_ceil(size_t{2} * datagrams_.size()), kNone),
      memory_(datagrams_.size() * kBuffer, Pages::Small),
      free_datagram_(0),
      free_piece_(0),
      oldest_(kNone),
      newest_(kNone) {
  for (uint32_t i = 0; i < datagrams_.size(); i++) {
    datagrams_[i].slot = i;
    datagrams_[i].bucket_next = i + 1 < datagrams_.size() ? i + 1 : kNone;
  }
  for (uint32_t i = 0; i < pieces_.size(); i++) pieces_[i].next = i + 1 < pieces_.size() ? i + 1 : kNone;
  completed_.reserve(datagrams_.size());
}

FragmentReassembler::~FragmentReassembler() = default;

std::span<uint8_t> FragmentReassembler::buffer(const Datagram& d) {
  return std::span(memory_.data(), memory_.size()).subspan(d.slot * kBuffer, kBuffer);
}

void FragmentReassembler::weird(const Datagram& d, DecodedPacket& packet, DecodeCounter what) {
  decoder_.fragment_weird(packet, what, d.src, d.dst);
}

uint32_t FragmentReassembler::vlans(const DecodedPacket& packet) const {
  return limits_.key_by_vlan ? uint32_t{packet.vlan} << 16 | packet.inner_vlan : 0;
}

uint32_t FragmentReassembler::find(const DecodedPacket& packet, uint64_t hash) const {
  uint32_t i = buckets_[hash & (buckets_.size() - 1)];
  while (i != kNone) {
    const Datagram& d = datagrams_[i];
    const bool same_hosts = d.src == packet.tuple.src && d.dst == packet.tuple.dst && d.vlans == vlans(packet);
    if (d.id == packet.fragment.id && same_hosts && d.ip_version == packet.ip_version) break;
    i = d.bucket_next;
  }
  return i;
}

void FragmentReassembler::unlink(uint32_t index) {
  Datagram& d = datagrams_[index];
  uint32_t* link = &buckets_[d.hash & (buckets_.size() - 1)];
  while (*link != index) link = &datagrams_[*link].bucket_next;
  *link = d.bucket_next;
  (d.older == kNone ? oldest_ : datagrams_[d.older].newer) = d.newer;
  (d.newer == kNone ? newest_ : datagrams_[d.newer].older) = d.older;
  held_ -= d.fragments;
}

void FragmentReassembler::free_pieces(Datagram& d) {
  while (d.first_piece != kNone) {
    const uint32_t piece = d.first_piece;
    d.first_piece = pieces_[piece].next;
    pieces_[piece].next = free_piece_;
    free_piece_ = piece;
  }
  d.pieces = 0;
}

void FragmentReassembler::give_up(uint32_t index, FragmentCounter fragments, FragmentCounter datagrams) {
  Datagram& d = datagrams_[index];
  counters_.add(fragments, d.fragments);
  counters_.add(datagrams);
  unlink(index);
  free_pieces(d);
  d.bucket_next = free_datagram_;
  free_datagram_ = index;
}

void FragmentReassembler::advance(TimeNs now) {
  while (oldest_ != kNone && now - datagrams_[oldest_].start_ns >= limits_.timeout_ns)
    give_up(oldest_, FragmentCounter::Expired, FragmentCounter::DatagramsExpired);
}

void FragmentReassembler::release() {
  for (const uint32_t index : completed_) {
    datagrams_[index].bucket_next = free_datagram_;
    free_datagram_ = index;
  }
  completed_.clear();
}

// A new datagram for this fragment; kNone, with a counter, when there is no room.
uint32_t FragmentReassembler::start(const DecodedPacket& packet, uint64_t hash) {
  if (free_datagram_ == kNone && oldest_ != kNone) give_up(oldest_, FragmentCounter::Evicted, FragmentCounter::DatagramsEvicted);
  if (free_datagram_ == kNone) {
    counters_.add(FragmentCounter::DroppedNoBuffer);
    return kNone;
  }
  const uint32_t index = free_datagram_;
  Datagram& d = datagrams_[index];
  if (!keep_header(d, packet)) {
    counters_.add(FragmentCounter::DroppedLongHeader);
    return kNone;
  }
  free_datagram_ = d.bucket_next;
  d.src = packet.tuple.src;
  d.dst = packet.tuple.dst;
  d.id = packet.fragment.id;
  d.vlans = vlans(packet);
  d.ip_version = packet.ip_version;
  d.size = 0;
  d.start_ns = packet.clock_ns;  // the same for any number of workers, and never goes back
  d.hash = hash;
  d.fragments = d.pieces = 0;
  d.first_piece = kNone;
  d.next_proto = packet.fragment.next_proto;
  uint32_t& head = buckets_[hash & (buckets_.size() - 1)];
  d.bucket_next = head;
  head = index;
  d.older = newest_;
  d.newer = kNone;
  (newest_ == kNone ? oldest_ : datagrams_[newest_].newer) = index;
  newest_ = index;
  return index;
}

// Right in front of where the data goes.
bool FragmentReassembler::keep_header(Datagram& d, const DecodedPacket& packet) {
  const size_t drop = packet.ip_version == 4 ? 0 : kFragmentHeader;
  const size_t length = packet.fragment.header_len - drop;
  if (length > kHeaderRoom) return false;
  const Bytes header = packet.ip.first(length);
  std::copy(header.begin(), header.end(), buffer(d).subspan(kHeaderRoom - length).begin());
  d.header_len = static_cast<uint16_t>(length);
  if (packet.ip_version == 4) {
    d.ipv4_first_byte = header[0];
    d.ipv4_proto = packet.fragment.next_proto;
  }
  return true;
}

// Everything Zeek remarks on before it looks at the data; learns the datagram's size.
void FragmentReassembler::check(Datagram& d, DecodedPacket& packet) {
  const FragmentInfo& f = packet.fragment;
  const uint32_t header_len = f.header_len;
  const bool consistent = packet.ip_version == 4 ? f.next_proto == d.ipv4_proto && packet.ip[0] == d.ipv4_first_byte
                                                 : f.next_proto == d.next_proto && header_len - kFragmentHeader == d.header_len;
  if (!consistent) weird(d, packet, DecodeCounter::FragProtocol);
  if (f.dont_fragment) weird(d, packet, DecodeCounter::FragWithDf);
  if (packet.ip_len < header_len) return weird(d, packet, DecodeCounter::FragProtocol);
  const uint32_t upper = f.offset + packet.ip_len - header_len;
  if (f.offset == 0) d.next_proto = f.next_proto;
  if (!f.more) {
    if (d.size == 0) {
      d.size = upper;
    } else if (upper != d.size) {
      weird(d, packet, DecodeCounter::FragSize);
      d.size = std::max(d.size, upper);
    }
  } else if (packet.ip_len < kMinSize) {
    weird(d, packet, DecodeCounter::FragTooSmall);
  }
  if (upper > kMaxEnd) weird(d, packet, DecodeCounter::FragTooLarge);
  if (d.size != 0 && upper > d.size) {
    weird(d, packet, DecodeCounter::FragSize);
    d.size = upper;
  }
}

void FragmentReassembler::check_overlap(Datagram& d, DecodedPacket& packet, uint32_t seq, Bytes data) {
  const auto upper = static_cast<uint32_t>(seq + data.size());
  for (uint32_t i = d.first_piece; i != kNone && pieces_[i].seq < upper; i = pieces_[i].next) {
    const uint32_t from = std::max(seq, pieces_[i].seq), to = std::min(upper, pieces_[i].upper);
    if (from >= to) continue;
    // Beyond the buffer nothing is kept, and nothing used.
    const uint32_t kept = std::clamp<uint32_t>(kDataRoom, from, to) - from;
    const auto old = buffer(d).subspan(std::min<size_t>(kHeaderRoom + from, kBuffer), kept);
    const bool same = std::ranges::equal(old, data.subspan(from - seq, kept));
    weird(d, packet, same ? DecodeCounter::FragOverlap : DecodeCounter::FragInconsistency);
  }
}

// A new run in front of the one that `link` names, which then names the new one.
bool FragmentReassembler::add_piece(Datagram& d, uint32_t& link, uint32_t seq, uint32_t upper, Bytes data) {
  if (d.pieces >= limits_.max_pieces_per_datagram) {
    counters_.add(FragmentCounter::DroppedTooMany);
    return false;
  }
  if (free_piece_ == kNone) {
    counters_.add(FragmentCounter::DroppedNoPiece);
    return false;
  }
  const uint32_t piece = free_piece_;
  free_piece_ = pieces_[piece].next;
  pieces_[piece] = {.seq = seq, .upper = upper, .next = link};
  link = piece;
  d.pieces++;
  if (seq >= kDataRoom) return true;
  data = data.first(std::min<size_t>(data.size(), kDataRoom - seq));
  std::copy(data.begin(), data.end(), buffer(d).subspan(kHeaderRoom + seq).begin());
  return true;
}

// Fills the holes that this fragment covers. False, with a counter, when a limit was hit.
bool FragmentReassembler::insert(Datagram& d, DecodedPacket& packet) {
  const uint32_t header_len = packet.fragment.header_len;
  if (packet.ip_len <= header_len) return true;
  const Bytes data = packet.ip.subspan(header_len, packet.ip_len - header_len);
  uint32_t seq = packet.fragment.offset;
  const auto upper = static_cast<uint32_t>(seq + data.size());
  check_overlap(d, packet, seq, data);
  uint32_t* link = &d.first_piece;
  const auto fill = [&](uint32_t to) { return add_piece(d, *link, seq, to, data.subspan(seq - packet.fragment.offset, to - seq)); };
  while (seq < upper) {
    const uint32_t i = *link;
    if (i == kNone || pieces_[i].seq >= upper) return fill(upper);
    if (pieces_[i].seq > seq) {
      if (!fill(pieces_[i].seq)) return false;
      link = &pieces_[*link].next;
    }
    seq = std::max(seq, pieces_[i].upper);
    link = &pieces_[i].next;
  }
  return true;
}

// Whether all data up to the known size is there. Sizes that contradict are settled as Zeek does: what is contiguous counts.
bool FragmentReassembler::complete(Datagram& d, DecodedPacket& packet) {
  if (d.size == 0 || d.first_piece == kNone || pieces_[d.first_piece].seq != 0) return false;
  uint32_t i = d.first_piece;
  while (pieces_[i].next != kNone && pieces_[pieces_[i].next].seq == pieces_[i].upper) i = pieces_[i].next;
  const uint32_t contiguous = pieces_[i].upper;
  const bool hole = pieces_[i].next != kNone;
  if (contiguous < d.size) return false;
  if (hole || contiguous > d.size) weird(d, packet, DecodeCounter::FragSize);
  d.size = contiguous;
  return true;
}

DecodeStatus FragmentReassembler::deliver(uint32_t index, DecodedPacket& packet) {
  Datagram& d = datagrams_[index];
  counters_.add(FragmentCounter::Reassembled, d.fragments);
  counters_.add(FragmentCounter::Datagrams);
  unlink(index);
  free_pieces(d);
  completed_.push_back(index);
  const auto whole = buffer(d).subspan(kHeaderRoom - d.header_len, d.header_len + std::min<size_t>(d.size, kDataRoom));
  // The length field of the header, which wraps as in Zeek.
  const size_t length = d.size + d.header_len - (packet.ip_version == 4 ? 0 : kIpv6Header);
  const size_t field = packet.ip_version == 4 ? 2 : 4;
  whole[field] = static_cast<uint8_t>(length >> 8);
  whole[field + 1] = static_cast<uint8_t>(length);
  return decoder_.decode_datagram(whole, d.next_proto, packet);
}

DecodeStatus FragmentReassembler::add(DecodedPacket& packet) {
  counters_.add(FragmentCounter::Fragments);
  advance(packet.clock_ns);
  const uint64_t hash = mix64(mix64(packet.tuple.src.hi() ^ limits_.hash_seed, packet.tuple.src.lo() ^ vlans(packet)),
                              mix64(packet.tuple.dst.hi() ^ packet.fragment.id, packet.tuple.dst.lo()));
  uint32_t index = find(packet, hash);
  if (index == kNone) index = start(packet, hash);
  if (index == kNone) return DecodeStatus::Nothing;
  Datagram& d = datagrams_[index];
  check(d, packet);
  if (!insert(d, packet)) return DecodeStatus::Nothing;
  d.fragments++;
  held_++;
  // As in Zeek, only data can complete a datagram.
  if (packet.ip_len <= packet.fragment.header_len) return DecodeStatus::Nothing;
  return complete(d, packet) ? deliver(index, packet) : DecodeStatus::Nothing;
}

DecodeStatus FragmentReassembler::add_all(DecodedPacket& packet) {
  // Every round has one more tunnel around it, so there are few.
  DecodeStatus status = add(packet);
  while (status == DecodeStatus::Fragment) status = add(packet);
  return status;
}

}  // namespace sensor
