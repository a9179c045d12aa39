// IEEE 802.11 data frames and what is captured in front of them.
#include <algorithm>

#include "src/net/decode_run.h"

namespace sensor {

Layer DecodeRun::radiotap() {
  ByteReader r(data_);
  r.skip(2);
  const size_t length = r.u16le();
  if (!r || length >= data_.size()) return malformed(DecodeCounter::TruncatedRadiotap, source::kRadiotap);
  return enter(Layer::Wifi, length, source::kRadiotap);
}

Layer DecodeRun::avs() {
  ByteReader r(data_);
  r.skip(4);
  const size_t length = r.u32();
  if (!r || length >= data_.size()) return malformed(DecodeCounter::TruncatedRadiotap, source::kRadiotap);
  return enter(Layer::Wifi, length, source::kRadiotap);
}

Layer DecodeRun::wifi() {
  constexpr size_t kShortHeader = 24, kFourthAddress = 6, kQos = 2;
  if (data_.size() <= kShortHeader) return malformed(DecodeCounter::TruncatedWifi, source::kWifi);
  const uint8_t control = data_[0], flags = data_[1];
  const uint8_t subtype = control >> 4;
  if ((control >> 2 & 2) == 0 || (subtype & 4) != 0) return stop(DecodeCounter::WifiControl);  // no data frame, or one without data
  size_t header = kShortHeader + ((flags & 3) == 3 ? kFourthAddress : 0);
  if (data_.size() <= header) return malformed(DecodeCounter::TruncatedWifi, source::kWifi);
  bool aggregate = false;
  if ((subtype & 8) != 0) {
    aggregate = (data_[header] & 0x80) != 0;
    if ((flags & 0x40) != 0) return stop(DecodeCounter::WifiControl);  // encrypted
    header += kQos;
    if (data_.size() <= header) return malformed(DecodeCounter::TruncatedWifi, source::kWifi);
  }
  wifi_addresses(flags);
  drop_front(header);
  if (!aggregate) return wifi_payload(data_);
  out_.more_frames = data_;
  out_.more_frames_tunnel_depth = out_.tunnel_depth;
  return wifi_aggregate();
}

// Which of the addresses are the two ends depends on 'To DS' and 'From DS'.
void DecodeRun::wifi_addresses(uint8_t flags) {
  static constexpr size_t kSource[] = {10, 10, 16, 24}, kDestination[] = {4, 16, 4, 16};
  const size_t ds = flags & 3;
  std::copy_n(data_.subspan(kSource[ds], 6).begin(), 6, out_.src_mac.begin());
  std::copy_n(data_.subspan(kDestination[ds], 6).begin(), 6, out_.dst_mac.begin());
  out_.has_mac = true;
}

// 802.2 with SNAP and Ethernet's types; other content is not read.
Layer DecodeRun::wifi_payload(Bytes payload) {
  constexpr size_t kHeader = 8;
  if (payload.size() < kHeader) return malformed(DecodeCounter::TruncatedWifiLlc, source::kWifi);
  ByteReader r(payload);
  if (r.u48() != 0xaaaa03000000) return stop(DecodeCounter::UnknownProtocol);
  data_ = payload;
  return enter(ethertype(r.u16(), EtherParent::Plain), kHeader, source::kWifi);
}

// The first subframe of out_.more_frames, which keeps the others (IEEE 802.11 section 9.3.2.2).
Layer DecodeRun::wifi_aggregate() {
  constexpr size_t kSubframeHeader = 14;
  ByteReader r(out_.more_frames);
  out_.more_frames = {};
  r.skip(12);
  const size_t length = r.u16();
  if (!r) return malformed(DecodeCounter::TruncatedAmsdu, source::kWifi);
  static_assert(kSubframeHeader == 12 + 2);
  const Bytes subframe = r.bytes(length);
  if (!r) return malformed(DecodeCounter::TruncatedAmsduPacket, source::kWifi);
  // As in Zeek the padding is the remainder, not what is missing to a multiple of four.
  aggregate_ = true;
  Bytes rest = r.rest();
  if (rest.size() >= length % 4) rest = rest.subspan(length % 4);
  out_.more_frames = rest;
  return wifi_payload(subframe);
}

DecodeStatus DecodeRun::run_aggregate() {
  inner_ = true;
  const auto src = out_.src_mac, dst = out_.dst_mac;
  begin(out_.more_frames, static_cast<uint32_t>(out_.more_frames.size()));
  out_.src_mac = src;
  out_.dst_mac = dst;
  out_.has_mac = true;
  Layer layer = wifi_aggregate();
  while (layer != Layer::Stop) layer = step(layer);
  return finish();
}

// Zeek gives up the rest of an aggregate when it cannot use one of its packets.
void DecodeRun::check_aggregate() {
  const bool used = (outcome_ == DecodeCounter::DecodedPackets && out_.transport != Transport::Unknown) ||
                    outcome_ == DecodeCounter::DecodedFragments || outcome_ == DecodeCounter::ArpPackets ||
                    outcome_ == DecodeCounter::EspPackets || outcome_ == DecodeCounter::MobilityPackets;
  if (used) return;
  out_.more_frames = {};
  weird(DecodeCounter::InvalidAmsduPacket, source::kWifi);
}

}  // namespace sensor
