#include "tpacket_ring.h"

#include <fmt/format.h>
#include <net/ethernet.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sensor {
namespace {

constexpr size_t kCacheLine = 64;

Error failure(const char* what) {
  return {Error::RunTime, fmt::format("{}: {}", what, std::strerror(errno))};
}

TimeNs time_of(const tpacket3_hdr& h) {
  return TimeNs{h.tp_sec} * kSecond + h.tp_nsec;
}

/// The kernel took the tag out of the frame (802.1Q section 9.6): the addresses move to the left, and the tag gets its place back.
void put_back_vlan_tag(uint8_t* frame, const tpacket3_hdr& h) {
  constexpr size_t kAddresses = 2 * ETH_ALEN;
  const unsigned type = (h.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? h.hv1.tp_vlan_tpid : ETHERTYPE_VLAN;
  const unsigned tag = h.hv1.tp_vlan_tci;
  const uint8_t bytes[TpacketRing::kVlanTagBytes] = {static_cast<uint8_t>(type >> 8), static_cast<uint8_t>(type),
                                                     static_cast<uint8_t>(tag >> 8), static_cast<uint8_t>(tag)};
  std::memmove(frame, frame + sizeof(bytes), kAddresses);
  std::memcpy(frame + kAddresses, bytes, sizeof(bytes));
}

}  // namespace

Result<TpacketRing> TpacketRing::create(int socket, uint64_t bytes, LinkType link) {
  const int version = TPACKET_V3;
  if (::setsockopt(socket, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) != 0) return failure("TPACKET_V3");
  const unsigned reserve = kVlanTagBytes;
  if (::setsockopt(socket, SOL_PACKET, PACKET_RESERVE, &reserve, sizeof(reserve)) != 0) return failure("PACKET_RESERVE");
  tpacket_req3 request{};
  request.tp_block_size = kBlockBytes;
  request.tp_block_nr = static_cast<unsigned>(std::max<uint64_t>(bytes / kBlockBytes, 2));
  request.tp_frame_size = 2048;  // no limit to packets in this version, but the kernel wants the numbers to agree
  request.tp_frame_nr = request.tp_block_nr * (kBlockBytes / request.tp_frame_size);
  request.tp_retire_blk_tov = kBlockTimeoutMs;
  if (::setsockopt(socket, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)) != 0) return failure("PACKET_RX_RING");
  void* memory = ::mmap(nullptr, size_t{request.tp_block_nr} * kBlockBytes, PROT_READ | PROT_WRITE, MAP_SHARED, socket, 0);
  if (memory == MAP_FAILED) return failure("mmap");
  return TpacketRing(static_cast<uint8_t*>(memory), request.tp_block_nr, link);
}

TpacketRing::TpacketRing(TpacketRing&& o) noexcept
    : memory_(std::exchange(o.memory_, nullptr)),
      blocks_(o.blocks_),
      link_(o.link_),
      current_(o.current_),
      next_(o.next_),
      packets_left_(o.packets_left_),
      entered_(o.entered_) {}

TpacketRing::~TpacketRing() {
  if (memory_ != nullptr) ::munmap(memory_, size_t{blocks_} * kBlockBytes);
}

/// `ahead`: counted from the block at hand.
tpacket_block_desc& TpacketRing::block(uint32_t ahead) const {
  return *reinterpret_cast<tpacket_block_desc*>(memory_ + (size_t{current_} + ahead) % blocks_ * kBlockBytes);
}

bool TpacketRing::is_ours(uint32_t ahead) const {
  return (std::atomic_ref(block(ahead).hdr.bh1.block_status).load(std::memory_order_acquire) & TP_STATUS_USER) != 0;
}

/// The kernel hands blocks over in turn, and stops at one that is not its own: ours lie side by side.
QueueDepth TpacketRing::depth() const {
  uint32_t ours = 0, others = blocks_;
  while (ours < others) {
    const uint32_t middle = ours + (others - ours) / 2;
    is_ours(middle) ? ours = middle + 1 : others = middle;
  }
  return {ours, blocks_};
}

/// True when the block at hand is ours and holds packets that were not taken.
bool TpacketRing::enter_block() {
  if (entered_) return packets_left_ != 0;
  if (!is_ours(0)) return false;
  const tpacket_hdr_v1& h = block().hdr.bh1;
  entered_ = true;
  packets_left_ = h.num_pkts;
  next_ = memory_ + size_t{current_} * kBlockBytes + h.offset_to_first_pkt;
  return packets_left_ != 0;
}

std::optional<TimeNs> TpacketRing::next_ts() {
  if (!enter_block()) {
    release();  // a block without packets
    return std::nullopt;
  }
  return time_of(*reinterpret_cast<const tpacket3_hdr*>(next_));
}

size_t TpacketRing::take(std::span<PacketView> out, TimeNs until) {
  size_t n = 0;
  for (; n < out.size() && enter_block(); n++) {
    auto& header = *reinterpret_cast<tpacket3_hdr*>(next_);
    if (time_of(header) > until) break;
    out[n] = view(header);
    __builtin_prefetch(out[n].data.data());
    __builtin_prefetch(out[n].data.data() + kCacheLine);  // where TCP's options and what a packet carries begin
    packets_left_--;
    next_ += header.tp_next_offset;
    if (packets_left_ != 0) __builtin_prefetch(next_);
  }
  return n;
}

PacketView TpacketRing::view(tpacket3_hdr& header) const {
  uint8_t* frame = reinterpret_cast<uint8_t*>(&header) + header.tp_mac;
  PacketView v;
  v.ts_ns = time_of(header);
  v.link = link_;
  v.wire_len = header.tp_len;
  v.checksums_pending = (header.tp_status & TP_STATUS_CSUMNOTREADY) != 0;
  size_t captured = header.tp_snaplen;
  if ((header.tp_status & TP_STATUS_VLAN_VALID) != 0 && link_ == LinkType::Ethernet && captured >= sizeof(ether_header)) {
    frame -= kVlanTagBytes;
    put_back_vlan_tag(frame, header);
    captured += kVlanTagBytes;
    v.wire_len += kVlanTagBytes;
  }
  v.data = Bytes(frame, captured);
  return v;
}

void TpacketRing::release() {
  if (!entered_ || packets_left_ != 0) return;
  std::atomic_ref(block().hdr.bh1.block_status).store(TP_STATUS_KERNEL, std::memory_order_release);
  current_ = current_ + 1 == blocks_ ? 0 : current_ + 1;
  entered_ = false;
}

}  // namespace sensor
