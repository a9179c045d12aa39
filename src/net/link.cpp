// Link layers and what stands between them and IP.
#include <algorithm>
#include <cstring>

#include "src/net/decode_run.h"

namespace sensor {
namespace {

constexpr uint16_t kMinEtherType = 1536, kMaxFrameLength = 1500;  // IEEE 802.3 clause 3.2.6
constexpr size_t kMacLen = 6;

void copy_mac(std::array<uint8_t, kMacLen>& to, Bytes from) {
  std::memcpy(to.data(), from.first<kMacLen>().data(), kMacLen);
}

// The length of an 802.2 header: 3 bytes for unnumbered frames, else 4.
size_t llc_length(Bytes data) {
  return (data[2] & 3) == 3 ? 3 : 4;
}

}  // namespace

Layer DecodeRun::ethertype(uint16_t type, EtherParent parent) const {
  const bool bridged = parent == EtherParent::Ethernet || parent == EtherParent::Vlan;
  switch (type) {
    case 0x0800:
    case 0x86dd:
      return parent == EtherParent::Vntag ? Layer::Stop : Layer::Ip;
    case 0x0806:
      return parent == EtherParent::Vntag ? Layer::Stop : Layer::Arp;
    case 0x8035:
      return bridged || parent == EtherParent::Plain ? Layer::Arp : Layer::Stop;
    case 0x8100:
      return bridged || parent == EtherParent::Vntag ? Layer::Vlan : Layer::Stop;
    case 0x88a8:
    case 0x9100:
      return parent == EtherParent::Ethernet || parent == EtherParent::Vntag ? Layer::Vlan : Layer::Stop;
    case 0x8847:
      return bridged ? Layer::Mpls : Layer::Stop;
    case 0x88e7:
      return bridged ? Layer::Pbb : Layer::Stop;
    case 0x8864:
      return bridged ? Layer::Pppoe : Layer::Stop;
    case 0x8926:
      return bridged ? Layer::Vntag : Layer::Stop;
    case 0x6558:
      return parent == EtherParent::Geneve ? Layer::Ethernet : Layer::Stop;
    default:
      return Layer::Stop;
  }
}

Layer DecodeRun::ethernet() {
  constexpr size_t kHeader = 14, kFabricPath = 16;
  // As Zeek does, a frame needs more than two bytes after its header.
  if (data_.size() <= kHeader + 2) return malformed(DecodeCounter::TruncatedEthernet, source::kEthernet);
  ByteReader r(data_.first(kHeader));
  Bytes dst = r.bytes(kMacLen), src = r.bytes(kMacLen);
  uint16_t type = r.u16();
  if (type == 0x8903) {  // Cisco FabricPath: a whole Ethernet frame follows
    if (data_.size() <= kFabricPath + kHeader) return malformed(DecodeCounter::TruncatedFabricPath, source::kEthernet);
    drop_front(kFabricPath);
    ByteReader inner(data_.first(kHeader));
    dst = inner.bytes(kMacLen), src = inner.bytes(kMacLen);
    type = inner.u16();
  }
  copy_mac(out_.dst_mac, dst);
  copy_mac(out_.src_mac, src);
  out_.has_mac = true;
  if (type >= kMinEtherType) return enter(ethertype(type, EtherParent::Ethernet), kHeader, source::kEthernet);
  if (type > kMaxFrameLength) return malformed(DecodeCounter::UndefinedEtherType, source::kEthernet);
  drop_front(kHeader);
  if (data_.size() < type) return malformed(DecodeCounter::TruncatedEthernet, source::kEthernet);
  return lengths_frame(EtherParent::Ethernet);
}

// What follows a length instead of a type (IEEE 802.2); at least two bytes are there.
Layer DecodeRun::lengths_frame(EtherParent parent) {
  const std::string_view source = parent == EtherParent::Vlan ? source::kVlan : source::kEthernet;
  switch (ByteReader(data_).u16()) {
    case 0xaaaa:
      return enter(Layer::Snap, 0, source);
    case 0xffff:
      return enter(Layer::Novell, 0, source);
    default:
      return enter(Layer::Llc, 0, source);
  }
}

Layer DecodeRun::vlan() {
  constexpr size_t kTag = 4;
  if (data_.size() <= kTag) return malformed(DecodeCounter::TruncatedVlan, source::kVlan);
  ByteReader r(data_);
  const uint16_t id = r.u16() & 0xfff;
  (out_.vlan != 0 ? out_.inner_vlan : out_.vlan) = id;
  const uint16_t type = r.u16();
  if (type >= kMinEtherType) return enter(ethertype(type, EtherParent::Vlan), kTag, source::kVlan);
  if (type > kMaxFrameLength) return malformed(DecodeCounter::UndefinedVlanProtocol, source::kVlan);
  drop_front(kTag);
  if (data_.size() < 2) return malformed(DecodeCounter::TruncatedVlanFrame, source::kVlan);
  return lengths_frame(EtherParent::Vlan);
}

Layer DecodeRun::llc() {
  if (data_.size() < 3 || data_.size() < llc_length(data_)) return malformed(DecodeCounter::TruncatedLlc, source::kLlc);
  return enter(Layer::Stop, 0, source::kLlc);
}

Layer DecodeRun::snap() {
  if (data_.size() < 3) return malformed(DecodeCounter::TruncatedSnapLlc, source::kSnap);
  const size_t header = llc_length(data_) + 5;
  if (data_.size() < header) return malformed(DecodeCounter::TruncatedSnap, source::kSnap);
  ByteReader r(data_);
  r.skip(header - 5);
  const uint32_t organisation = r.u24();
  const uint16_t type = r.u16();
  return enter(organisation == 0 ? ethertype(type, EtherParent::Plain) : Layer::Stop, header, source::kSnap);
}

Layer DecodeRun::null() {
  constexpr size_t kHeader = 4;
  if (data_.size() <= kHeader) return malformed(DecodeCounter::NullFailed, source::kNull);
  ByteReader little(data_), big(data_);
  // The address family stands in the byte order of the capturing machine, in DLT_LOOP in network order.
  const uint32_t family = std::min(little.u32le(), big.u32());
  // IPv6 has another number on every BSD and on macOS.
  const bool ip = family == 2 || family == 24 || family == 28 || family == 30;
  return enter(ip ? Layer::Ip : Layer::Stop, kHeader, source::kNull);
}

Layer DecodeRun::ppp_protocol(uint16_t protocol, size_t header_len, bool mpls, std::string_view source) {
  Layer next = Layer::Stop;
  if (protocol == 0x0021 || protocol == 0x0057) next = Layer::Ip;
  if (protocol == 0x0281 && mpls) next = Layer::Mpls;
  return enter(next, header_len, source);
}

Layer DecodeRun::ppp() {
  if (data_.size() <= 2) return malformed(DecodeCounter::TruncatedPpp, source::kPpp);
  ByteReader r(data_);
  const uint16_t first = r.u16();
  if (first != 0xff03) return ppp_protocol(first, 2, true, source::kPpp);
  if (data_.size() <= 4) return malformed(DecodeCounter::TruncatedPppHdlc, source::kPpp);
  return ppp_protocol(r.u16(), 4, true, source::kPpp);
}

Layer DecodeRun::ppp_serial() {
  if (data_.size() <= 4) return malformed(DecodeCounter::TruncatedPppSerial, source::kPppSerial);
  ByteReader r(data_);
  r.skip(2);
  return ppp_protocol(r.u16(), 4, true, source::kPppSerial);
}

Layer DecodeRun::pppoe() {
  constexpr size_t kHeader = 6, kProtocol = 2;
  if (data_.size() <= kHeader + kProtocol) return malformed(DecodeCounter::TruncatedPppoe, source::kPppoe);
  ByteReader r(data_);
  r.skip(4);
  const size_t length = r.u16();
  const uint16_t protocol = r.u16();
  if (length < data_.size() - kHeader) weird(DecodeCounter::PppoeExtraData, source::kPppoe);
  if (length > data_.size() - kHeader) weird_of_kind(DecodeCounter::PppoeTruncated, DecodeWeird::Kind::Net, source::kPppoe);
  data_ = data_.first(std::min(data_.size(), kHeader + std::max(length, kProtocol)));
  return ppp_protocol(protocol, kHeader + kProtocol, false, source::kPppoe);
}

Layer DecodeRun::vntag() {
  constexpr size_t kHeader = 6;
  if (data_.size() <= kHeader) return malformed(DecodeCounter::TruncatedVntag, source::kVntag);
  ByteReader r(data_);
  r.skip(4);
  return enter(ethertype(r.u16(), EtherParent::Vntag), kHeader, source::kVntag);
}

Layer DecodeRun::pbb() {
  constexpr size_t kServiceTag = 4, kAddresses = 14;
  if (data_.size() <= kServiceTag + kAddresses) return malformed(DecodeCounter::TruncatedPbb, source::kPbb);
  return enter(Layer::Ethernet, kServiceTag, source::kPbb);
}

Layer DecodeRun::mpls() {
  // RFC 3032 section 2.1: the label stack ends at the entry with the S bit; the content is not named, and taken for IP.
  for (bool bottom = false; !bottom;) {
    if (data_.size() <= 4) return malformed(DecodeCounter::TruncatedMpls, source::kMpls);
    bottom = (data_[2] & 1) != 0;
    drop_front(4);
  }
  return enter(Layer::Ip, 0, source::kMpls);
}

Layer DecodeRun::sll() {
  constexpr size_t kHeader = 16;
  if (data_.size() <= kHeader) return malformed(DecodeCounter::TruncatedSll, source::kSll);
  ByteReader r(data_);
  r.skip(6);
  copy_mac(out_.src_mac, r.bytes(8));
  out_.dst_mac = {};
  out_.has_mac = true;
  return enter(ethertype(r.u16(), EtherParent::Plain), kHeader, source::kSll);
}

Layer DecodeRun::sll2() {
  constexpr size_t kHeader = 20;
  if (data_.size() <= kHeader) return malformed(DecodeCounter::TruncatedSll2, source::kSll2);
  ByteReader r(data_);
  const uint16_t type = r.u16();
  r.skip(10);
  copy_mac(out_.src_mac, r.bytes(8));
  out_.dst_mac = {};
  out_.has_mac = true;
  return enter(ethertype(type, EtherParent::Plain), kHeader, source::kSll2);
}

Layer DecodeRun::nflog() {
  constexpr size_t kHeader = 4;
  constexpr uint16_t kPayload = 9;
  if (data_.size() <= kHeader) return malformed(DecodeCounter::TruncatedNflog, source::kNflog);
  ByteReader r(data_);
  const uint8_t family = r.u8();
  if (r.u8() != 0) return malformed(DecodeCounter::UnknownNflogVersion, source::kNflog);
  drop_front(kHeader);
  for (;;) {
    if (data_.size() <= kHeader) return malformed(DecodeCounter::NflogNoPayload, source::kNflog);
    ByteReader field(data_);
    const size_t length = field.u16le();  // host byte order; libpcap turns it into ours
    if (field.u16le() == kPayload) break;
    const size_t padded = (length + 3) / 4 * 4;
    if (length < kHeader) return malformed(DecodeCounter::NflogBadTlvLen, source::kNflog);
    if (padded > data_.size()) {
      if (DecodeWeird* w = weird(DecodeCounter::NflogBadTlvLen, source::kNflog)) format_short(w->addl, "({} > {})", padded, data_.size());
      return stop(DecodeCounter::Malformed);
    }
    drop_front(padded);
  }
  return enter(family == 2 || family == 10 ? Layer::Ip : Layer::Stop, kHeader, source::kNflog);
}

Layer DecodeRun::fddi() {
  constexpr size_t kHeader = 13 + 8;  // FDDI header, 802.2 with SNAP
  if (data_.size() <= kHeader) {
    weird_of_kind(DecodeCounter::TruncatedFddi, DecodeWeird::Kind::Net, source::kNone);
    return stop(DecodeCounter::Malformed);
  }
  return enter(Layer::Ip, kHeader, source::kFddi);
}

Layer DecodeRun::arp() {
  // RFC 826: fixed part, then two hardware and two protocol addresses.
  ByteReader r(data_);
  r.skip(4);
  const size_t hardware_len = r.u8(), protocol_len = r.u8();
  r.skip(2);
  r.skip(2 * (hardware_len + protocol_len));
  if (!r) return malformed(DecodeCounter::TruncatedArp, source::kArp);
  out_.payload = data_;
  return stop(DecodeCounter::ArpPackets);
}

}  // namespace sensor
