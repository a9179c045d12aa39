// TCP (RFC 9293), UDP (RFC 768), ICMP (RFC 792, RFC 4443) and everything else over IP.
#include <algorithm>
#include <utility>

#include "src/net/decode_run.h"
#include "src/net/headers.h"

namespace sensor {
namespace {

constexpr size_t kIcmpHeader = 8;

Bytes at_most(Bytes b, size_t n) {
  return b.first(std::min(b.size(), n));
}

}  // namespace

// The length of the transport header and payload: as the IP header says, or, where that says nothing, what was captured.
bool DecodeRun::header_captured(size_t min, const std::string_view& source) {
  if (payload_len_ != 0 && payload_len_ < min) {
    malformed(DecodeCounter::TruncatedHeader, source);
    return false;
  }
  if (data_.size() < min) {
    malformed(DecodeCounter::InternallyTruncatedHeader, source);
    return false;
  }
  return true;
}

Layer DecodeRun::packet_done(const std::string_view& source) {
  // Zeek hands every transport payload on, and reports here as well that the nesting got too deep.
  if (out_.analyzer_depth == kMaxAnalyzerDepth && out_.checksum_ok) weird(DecodeCounter::MaxAnalyzerDepth, source);
  return stop(DecodeCounter::DecodedPackets);
}

Layer DecodeRun::tcp() {
  if (!header_captured(kTcpHeaderMin, source::kTcp)) return Layer::Stop;
  ByteReader r(data_.first(kTcpHeaderMin));
  TcpHeader& h = out_.tcp;
  out_.transport = Transport::Tcp;
  out_.checksum_ok = true;
  read_tcp_header(r, out_);
  // With segmentation offload the IP header does not say how long the segment is.
  const size_t length = out_.ip_len == 0 ? data_.size() : payload_len_;
  const bool short_header = h.header_len < kTcpHeaderMin;
  if (short_header || h.header_len > length || h.header_len > data_.size()) {
    counters_.add(short_header ? DecodeCounter::BadTcpHeaderLen : DecodeCounter::TruncatedHeader);
    out_.tcp_cut = !short_header;
    out_.payload_len = 0;
    return stop(DecodeCounter::DecodedPackets);
  }
  if (!options_.ignore_checksums && data_.size() >= length) {
    out_.checksum_ok = transport_checksum_valid(out_, out_.ip_version == 4, ipproto::kTcp, data_.first(length));
    if (!out_.checksum_ok) counters_.add(DecodeCounter::BadTcpChecksum);
  }
  if (h.header_len > kTcpHeaderMin && (h.flags & tcpflag::kSyn) != 0)
    read_tcp_options(data_.subspan(kTcpHeaderMin, h.header_len - kTcpHeaderMin), h);
  out_.payload_len = static_cast<uint32_t>(length - h.header_len);
  out_.payload = at_most(data_.subspan(h.header_len), out_.payload_len);
  return packet_done(source::kTcp);
}

// RFC 9293 section 3.2 and RFC 7323 section 2.2: only the window scale matters.
void read_tcp_options(Bytes options, TcpHeader& header) {
  constexpr uint8_t kEnd = 0, kNoOperation = 1, kWindowScale = 3;
  ByteReader r(options);
  while (!r.empty()) {
    const uint8_t kind = r.u8();
    if (kind == kEnd) return;
    if (kind == kNoOperation) continue;
    if (r.empty()) return;
    const size_t length = r.peek(0);  // kind and length included; Zeek reads on after a length of one, and longer scales than there are
    if (length == 0 || length - 1 > r.remaining()) return;
    if (kind == kWindowScale && length >= 3) header.window_scale = r.peek(1);
    r.skip(length - 1);
  }
}

Layer DecodeRun::udp() {
  if (!header_captured(kUdpHeader, source::kUdp)) return Layer::Stop;
  ByteReader r(data_.first(kUdpHeader));
  out_.transport = Transport::Udp;
  out_.checksum_ok = true;
  const uint16_t checksum = read_udp_header(r, out_);
  const size_t length = payload_len_ == 0 ? data_.size() : payload_len_;
  // Over IPv4 a zero means that there is none; over IPv6, only in front of VXLAN (RFC 7348 section 5).
  bool verify = !options_.ignore_checksums && data_.size() >= length && out_.wire_len <= out_.cap_len;
  if (checksum == 0 && (out_.ip_version == 4 || looks_like_vxlan(length))) verify = false;
  if (verify) {
    out_.checksum_ok = transport_checksum_valid(out_, out_.ip_version == 4, ipproto::kUdp, data_.first(length));
    if (!out_.checksum_ok) counters_.add(DecodeCounter::BadUdpChecksum);
  }
  if (out_.checksum_ok && std::cmp_not_equal(out_.udp_len, length)) counters_.add(DecodeCounter::UdpLenMismatch);
  out_.payload_len = static_cast<uint32_t>(length - kUdpHeader);
  out_.payload = at_most(data_.subspan(kUdpHeader), out_.payload_len);
  return packet_done(source::kUdp);
}

bool DecodeRun::looks_like_vxlan(size_t udp_length) const {
  constexpr size_t kVxlanHeader = 8, kEthernetHeader = 14;
  constexpr uint16_t kPort = 4789;
  return out_.tuple.dst_port == kPort && udp_length > kUdpHeader + kVxlanHeader + kEthernetHeader && data_.size() > kUdpHeader &&
         (data_[kUdpHeader] & 8) != 0;
}

Layer DecodeRun::icmp() {
  if (!header_captured(kIcmpHeader, source::kIcmp)) return Layer::Stop;
  ByteReader r(data_.first(kIcmpHeader));
  out_.transport = Transport::Icmp;
  out_.checksum_ok = true;
  out_.tuple.src_port = out_.tuple.dst_port = 0;
  out_.icmp_type = r.u8();
  out_.icmp_code = r.u8();
  r.skip(2);
  out_.icmp_rest = r.u32();
  const size_t length = payload_len_ == 0 ? data_.size() : payload_len_;
  if (!options_.ignore_checksums && data_.size() >= length) {
    // Whatever the IP version: ICMPv6 has a pseudo header (RFC 4443 section 2.3), ICMP has none.
    uint64_t pseudo = 0;
    if (proto_ == ipproto::kIcmpv6)
      pseudo = pseudo_header_sum(out_.tuple.src, out_.tuple.dst, false, ipproto::kIcmpv6, static_cast<uint32_t>(length));
    out_.checksum_ok = checksum_valid(ones_sum(data_.first(length), pseudo));
    if (!out_.checksum_ok) counters_.add(DecodeCounter::BadIcmpChecksum);
  }
  out_.payload_len = static_cast<uint32_t>(length - kIcmpHeader);
  out_.payload = at_most(data_.subspan(kIcmpHeader), out_.payload_len);
  return packet_done(source::kIcmp);
}

Layer DecodeRun::unknown_transport() {
  out_.transport = Transport::Unknown;
  out_.checksum_ok = true;
  out_.tuple.src_port = out_.tuple.dst_port = 0;
  out_.payload_len = payload_len_ == 0 ? static_cast<uint32_t>(data_.size()) : payload_len_;
  out_.payload = at_most(data_, out_.payload_len);
  return stop(DecodeCounter::DecodedPackets);
}

}  // namespace sensor
