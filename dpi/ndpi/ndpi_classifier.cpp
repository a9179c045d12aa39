#include "dpi/ndpi/ndpi_classifier.h"

#include <ndpi/ndpi_api.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <vector>

#include "dpi/ndpi/label_maker.h"
#include "dpi/ndpi/lookups.h"
#include "dpi/ndpi/ndpi_context.h"
#include "dpi/ndpi/plain_packet.h"
#include "dpi/tls/record.h"

namespace sensor {

namespace {

/// nDPI stops looking at a connection after this many packets, whatever the caller's budget is.
constexpr uint32_t kNdpiPacketLimit = NDPI_MAX_NUM_PKTS_PER_FLOW_TO_DISSECT;

/// Whether more packets can still change the label of a recognised connection: a certificate or a response names a sub-protocol. nDPI
/// also waits for passwords and fingerprints, which no log of ours carries.
bool may_refine(ndpi_detection_module_struct* context, ndpi_flow_struct& flow) {
  const uint16_t carrier = flow.detected_protocol_stack[1] != 0 ? flow.detected_protocol_stack[1] : flow.detected_protocol_stack[0];
  switch (carrier) {
    case NDPI_PROTOCOL_DNS:
    case NDPI_PROTOCOL_MDNS:
    case NDPI_PROTOCOL_SSH:
    case NDPI_PROTOCOL_TELNET:
      return false;
    default:
      return ndpi_extra_dissection_possible(context, &flow) != 0;
  }
}

void exclude(ndpi_flow_struct& flow, u_int16_t protocol) {
  NDPI_ADD_PROTOCOL_TO_BITMASK(flow.excluded_protocol_bitmask, protocol);
}

/// The first byte of a TLS record: its content type (RFC 8446 section 5.1).
bool begins_tls_record(uint8_t byte) {
  return byte >= tls::content::kChangeCipherSpec && byte <= tls::content::kApplicationData;
}

/// Bytes nDPI keeps of the connection's payload beside the flow state.
size_t bytes_kept(const ndpi_flow_struct& flow) {
  size_t n = flow.kerberos_buf.pktbuf_maxlen;
  if (flow.l4_proto == ipproto::kTcp) n += flow.l4.tcp.tls.message.buffer_len;
  if (flow.l4_proto == ipproto::kUdp) n += flow.l4.udp.quic_reasm_buf_len;
  return n;
}

}  // namespace

class NdpiClassifier::Impl {
 public:
  explicit Impl(const Options& options) : options_(options) {
    // One fewer than the value that means "no lease".
    options_.max_leases = std::min<size_t>(options_.max_leases, kNoNdpiLease - 1);
  }
  ~Impl() {
    for (auto& chunk : chunks_)
      for (auto& slot : *chunk) ndpi_free_flow_data(&slot.flow);
  }

  void make_ready() { (void)context(); }
  NdpiLease lease(bool saw_handshake, uint32_t holder);
  uint32_t longest_held() const { return slot(oldest_).holder; }
  bool feed(NdpiLease lease, const DecodedPacket& packet);
  AppLabel finish(NdpiLease lease);
  void cancel(NdpiLease lease);
  AppLabel confirmed(ConfirmedProtocol protocol, std::string_view host, const FiveTuple& tuple);
  AppLabel guess(const FiveTuple& tuple);

  size_t leased() const { return made_ - free_.size(); }
  CounterBlock<NdpiCounter> counters;

 private:
  struct Slot {
    ndpi_flow_struct flow;
    ndpi_protocol last;  // what nDPI said about the latest packet
    size_t bytes_kept;
    uint32_t packets;
    uint32_t holder;
    NdpiLease before, after;  // in the order of lease(); meaningful while it is out
    bool saw_handshake;
    bool done;
  };
  static constexpr size_t kSlotsPerChunk = 64;
  using Chunk = std::array<Slot, kSlotsPerChunk>;

  Slot& slot(NdpiLease lease) const {
    assert(lease < made_);
    return (*chunks_[lease / kSlotsPerChunk])[lease % kSlotsPerChunk];
  }
  ndpi_detection_module_struct* context() {
    if (!context_ && !context_failed_) {
      context_ = ndpi::take_context();
      context_failed_ = context_ == nullptr;
    }
    return context_.get();
  }
  bool grow();
  void give_back(NdpiLease lease);
  void begin(Slot& s, const DecodedPacket& packet);

  Options options_;
  ndpi::Context context_;
  bool context_failed_ = false;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<NdpiLease> free_;
  size_t made_ = 0;
  NdpiLease oldest_ = kNoNdpiLease, newest_ = kNoNdpiLease;  // of those that are out
  size_t bytes_kept_ = 0;                                    // by nDPI, for all leases
  ndpi::PlainPacket packet_;
  ndpi::Lookups lookups_;
  ndpi::LabelMaker labels_{lookups_};
};

bool NdpiClassifier::Impl::grow() {
  if (made_ >= options_.max_leases) return false;
  const size_t n = std::min(kSlotsPerChunk, options_.max_leases - made_);
  auto chunk = std::make_unique<Chunk>();
  std::memset(static_cast<void*>(chunk.get()), 0, sizeof(Chunk));
  chunks_.push_back(std::move(chunk));
  for (size_t i = n; i-- > 0;) free_.push_back(static_cast<NdpiLease>(made_ + i));
  made_ += n;
  return true;
}

NdpiLease NdpiClassifier::Impl::lease(bool saw_handshake, uint32_t holder) {
  if (context() == nullptr || (free_.empty() && !grow())) {
    counters.add(NdpiCounter::PoolExhausted);
    return kNoNdpiLease;
  }
  counters.add(NdpiCounter::Leases);
  const NdpiLease lease = free_.back();
  free_.pop_back();
  Slot& s = slot(lease);
  s.saw_handshake = saw_handshake;
  s.holder = holder;
  s.before = newest_;
  s.after = kNoNdpiLease;
  (newest_ == kNoNdpiLease ? oldest_ : slot(newest_).after) = lease;
  newest_ = lease;
  return lease;
}

void NdpiClassifier::Impl::give_back(NdpiLease lease) {
  Slot& s = slot(lease);
  (s.before == kNoNdpiLease ? oldest_ : slot(s.before).after) = s.after;
  (s.after == kNoNdpiLease ? newest_ : slot(s.after).before) = s.before;
  bytes_kept_ -= s.bytes_kept;
  ndpi_free_flow_data(&s.flow);
  std::memset(static_cast<void*>(&s), 0, sizeof s);
  free_.push_back(lease);
}

void NdpiClassifier::Impl::cancel(NdpiLease lease) {
  if (lease != kNoNdpiLease) give_back(lease);
}

/// What nDPI would find out with the first packet, without its asking for the addresses twice.
void NdpiClassifier::Impl::begin(Slot& s, const DecodedPacket& packet) {
  const FiveTuple& t = packet.tuple;
  if (s.saw_handshake && packet.transport == Transport::Tcp) {
    auto& tcp = s.flow.l4.tcp;
    tcp.seen_syn = tcp.seen_syn_ack = tcp.seen_ack = 1;
  }
  s.flow.guessed_protocol_id = lookups_.by_ports(context(), t.ip_proto, t.src_port, t.dst_port);
  s.flow.guessed_host_protocol_id = lookups_.by_addresses(context(), t.src, t.dst);
  s.flow.protocol_id_already_guessed = 1;
  // Dissectors that need not be asked: Hangout's looks for Google's addresses, FTP's compares every packet with each of its commands.
  if (s.flow.guessed_host_protocol_id == NDPI_PROTOCOL_UNKNOWN) exclude(s.flow, NDPI_PROTOCOL_HANGOUT_DUO);
  if (packet.transport != Transport::Tcp) return;
  if (options_.ftp_is_read && s.saw_handshake) exclude(s.flow, NDPI_PROTOCOL_FTP_CONTROL);
  // TLS's keeps what every stream says, and what it finds in one that begins with something else is no TLS.
  if (!packet.payload.empty() && !begins_tls_record(packet.payload.front())) exclude(s.flow, NDPI_PROTOCOL_TLS);
}

bool NdpiClassifier::Impl::feed(NdpiLease lease, const DecodedPacket& packet) {
  if (lease == kNoNdpiLease) return true;
  Slot& s = slot(lease);
  if (s.done) return true;
  const Bytes bytes = packet_.build(packet);
  if (bytes.empty()) return s.done = true;
  counters.add(NdpiCounter::Packets);
  if (s.packets++ == 0) begin(s, packet);
  s.last = ndpi_detection_process_packet(context(), &s.flow, bytes.data(), static_cast<unsigned short>(bytes.size()),
                                         static_cast<u_int64_t>(packet.ts_ns / kMillisecond));
  bytes_kept_ += bytes_kept(s.flow) - s.bytes_kept;
  s.bytes_kept = bytes_kept(s.flow);
  if (bytes_kept_ > options_.max_bytes_kept) return s.done = true;
  const uint32_t budget = std::min(packet.transport == Transport::Tcp ? options_.tcp_packets : options_.udp_packets, kNdpiPacketLimit);
  if (s.packets >= budget || s.flow.fail_with_unknown) return s.done = true;
  return s.done = s.last.app_protocol != NDPI_PROTOCOL_UNKNOWN && !may_refine(context(), s.flow);
}

AppLabel NdpiClassifier::Impl::finish(NdpiLease lease) {
  if (lease == kNoNdpiLease) return {};
  Slot& s = slot(lease);
  const bool decided = s.last.app_protocol != NDPI_PROTOCOL_UNKNOWN;
  counters.add(decided ? NdpiCounter::Decided : NdpiCounter::GivenUp);
  if (!decided) {
    NDPI_DEL_PROTOCOL_FROM_BITMASK(s.flow.excluded_protocol_bitmask, NDPI_PROTOCOL_TLS);  // the port may still say so
    u_int8_t guessed = 0;
    s.last = ndpi_detection_giveup(context(), &s.flow, 1, &guessed);
  }
  const AppLabel label = ndpi::make_label(s.last, s.flow.confidence);
  give_back(lease);
  return label;
}

AppLabel NdpiClassifier::Impl::confirmed(ConfirmedProtocol protocol, std::string_view host, const FiveTuple& tuple) {
  if (context() == nullptr) return {};
  counters.add(NdpiCounter::Confirmed);
  return labels_.confirmed(context(), protocol, host, tuple);
}

AppLabel NdpiClassifier::Impl::guess(const FiveTuple& tuple) {
  if (context() == nullptr) return {};
  counters.add(NdpiCounter::Guessed);
  return labels_.guess(context(), tuple);
}

NdpiClassifier::NdpiClassifier(const Options& options) : impl_(std::make_unique<Impl>(options)) {}
NdpiClassifier::~NdpiClassifier() = default;

bool NdpiClassifier::available() {
  return true;
}
void NdpiClassifier::make_ready() {
  impl_->make_ready();
}
NdpiLease NdpiClassifier::lease(bool saw_handshake, uint32_t holder) {
  return impl_->lease(saw_handshake, holder);
}
uint32_t NdpiClassifier::longest_held() const {
  return impl_->longest_held();
}
bool NdpiClassifier::feed(NdpiLease lease, const DecodedPacket& packet) {
  return impl_->feed(lease, packet);
}
AppLabel NdpiClassifier::finish(NdpiLease lease) {
  return impl_->finish(lease);
}
void NdpiClassifier::cancel(NdpiLease lease) {
  impl_->cancel(lease);
}
AppLabel NdpiClassifier::confirmed(ConfirmedProtocol protocol, std::string_view host, const FiveTuple& tuple) {
  return impl_->confirmed(protocol, host, tuple);
}
AppLabel NdpiClassifier::guess(const FiveTuple& tuple) {
  return impl_->guess(tuple);
}
size_t NdpiClassifier::leased() const {
  return impl_->leased();
}
const CounterBlock<NdpiCounter>& NdpiClassifier::counters() const {
  return impl_->counters;
}

}  // namespace sensor
