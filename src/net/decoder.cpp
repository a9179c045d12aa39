#include "sensor/net/decoder.h"

#include "src/net/decode_run.h"
#include "src/net/headers.h"

namespace sensor {
namespace {

DecodeStatus status_of(DecodeCounter outcome) {
  switch (outcome) {
    case DecodeCounter::DecodedPackets:
      return DecodeStatus::Packet;
    case DecodeCounter::DecodedFragments:
      return DecodeStatus::Fragment;
    case DecodeCounter::ArpPackets:
      return DecodeStatus::Arp;
    default:
      return DecodeStatus::Nothing;
  }
}

}  // namespace

Layer first_layer(LinkType link) {
  switch (link) {
    case LinkType::Ethernet:
      return Layer::Ethernet;
    case LinkType::Null:
    case LinkType::Loop:
      return Layer::Null;
    case LinkType::Ppp:
      return Layer::Ppp;
    case LinkType::PppSerial:
      return Layer::PppSerial;
    case LinkType::Fddi:
      return Layer::Fddi;
    case LinkType::Ieee80211:
      return Layer::Wifi;
    case LinkType::Ieee80211Radiotap:
      return Layer::Radiotap;
    case LinkType::Ieee80211Avs:
      return Layer::Avs;
    case LinkType::LinuxSll:
      return Layer::Sll;
    case LinkType::LinuxSll2:
      return Layer::Sll2;
    case LinkType::Nflog:
      return Layer::Nflog;
    default:
      return Layer::Ip;  // raw IP, and what is not known is taken for it
  }
}

void DecodeRun::reset() {
  out_.weirds.clear();
  out_.tunnel_depth = 0;
  out_.tunnel = TunnelType::None;
  out_.analyzer_depth = 0;
  out_.more_frames = {};
}

void DecodeRun::begin(Bytes data, uint32_t wire_len) {
  data_ = data;
  offset_ = 0;
  have_ip_ = false;
  out_.cap_len = static_cast<uint32_t>(data.size());
  out_.wire_len = wire_len;
  out_.is_fragment = false;
  out_.vlan = out_.inner_vlan = 0;
  out_.has_mac = false;
  out_.src_mac = out_.dst_mac = {};
  out_.ip = out_.payload = {};
  out_.udp_len = -1;
  out_.tcp_cut = false;
}

DecodeStatus DecodeRun::run(Layer first) {
  if (out_.cap_len == 0 || out_.wire_len == 0) {
    malformed(DecodeCounter::EmptyPcapHeader, source::kNone);
    return finish();
  }
  return run_from(first, source::kRoot);
}

DecodeStatus DecodeRun::run_from(Layer first, std::string_view source) {
  // Every step but the last counts towards kMaxAnalyzerDepth, which bounds the loop.
  Layer layer = enter(first, 0, source);
  while (layer != Layer::Stop) layer = step(layer);
  return finish();
}

void DecodeRun::continue_from(const DecodedPacket& outer) {
  out_.ts_ns = outer.ts_ns;
  out_.tuple = outer.tuple;
  out_.tunnel_stack = outer.tunnel_stack;
  out_.tunnel_depth = outer.tunnel_depth;
  out_.tunnel = outer.tunnel;
  out_.analyzer_depth = static_cast<uint8_t>(outer.analyzer_depth + 1);  // the tunnel's own header
  have_ip_ = true;
  inner_ = true;
}

DecodeStatus DecodeRun::run_gre(Bytes payload) {
  data_ = payload;
  Layer layer = Layer::Gre;
  while (layer != Layer::Stop) layer = step(layer);
  return finish();
}

DecodeStatus DecodeRun::finish() {
  if (aggregate_) check_aggregate();
  counters_.add(outcome_);
  const DecodeStatus status = status_of(outcome_);
  if (inner_) counters_.add(status == DecodeStatus::Nothing ? DecodeCounter::InnerUndecoded : DecodeCounter::InnerDecoded);
  return status;
}

bool DecodeRun::run_to_ip(Layer first) {
  stop_at_ip_ = true;
  run(first);
  return have_ip_;
}

Layer DecodeRun::step(Layer layer) {
  switch (layer) {
    case Layer::Ethernet:
      return ethernet();
    case Layer::Ip:
      return ip();
    case Layer::Tcp:
      return tcp();
    case Layer::Udp:
      return udp();
    case Layer::Icmp:
      return icmp();
    case Layer::Unknown:
      return unknown_transport();
    case Layer::Vlan:
      return vlan();
    case Layer::Llc:
      return llc();
    case Layer::Snap:
      return snap();
    case Layer::Novell:
      return malformed(DecodeCounter::NoSuitableAnalyzer, source::kNovell);
    case Layer::Null:
      return null();
    case Layer::Ppp:
      return ppp();
    case Layer::PppSerial:
      return ppp_serial();
    case Layer::Pppoe:
      return pppoe();
    case Layer::Vntag:
      return vntag();
    case Layer::Pbb:
      return pbb();
    case Layer::Mpls:
      return mpls();
    case Layer::Sll:
      return sll();
    case Layer::Sll2:
      return sll2();
    case Layer::Nflog:
      return nflog();
    case Layer::Fddi:
      return fddi();
    case Layer::Wifi:
      return wifi();
    case Layer::Radiotap:
      return radiotap();
    case Layer::Avs:
      return avs();
    case Layer::Arp:
      return arp();
    case Layer::IpTunnel:
      return ip_tunnel();
    case Layer::Gre:
      return gre();
    case Layer::Stop:
      break;
  }
  return Layer::Stop;
}

Layer DecodeRun::cannot_enter(const std::string_view& source) {
  if (out_.analyzer_depth == kMaxAnalyzerDepth) return malformed(DecodeCounter::MaxAnalyzerDepth, source);
  return stop(DecodeCounter::UnknownProtocol);
}

Layer DecodeRun::malformed(DecodeCounter what, const std::string_view& source) {
  weird(what, source);
  return stop(DecodeCounter::Malformed);
}

DecodeWeird* DecodeRun::weird(DecodeCounter what, std::string_view source) {
  if (have_ip_) {
    DecodeWeird* w = flow_weird(what, out_.tuple.src, out_.tuple.dst);
    if (w == nullptr) return nullptr;
    w->source = source;
    w->in_tunnel = out_.tunnel_depth > 0;
    return w;
  }
  DecodeWeird* w = weird_of_kind(what, DecodeWeird::Kind::Net, source);
  if (w != nullptr) w->in_tunnel = out_.tunnel_depth > 0;
  return w;
}

DecodeWeird* DecodeRun::weird_of_kind(DecodeCounter what, DecodeWeird::Kind kind, std::string_view source) {
  counters_.add(what);
  DecodeWeird* w = out_.weirds.add();
  if (w == nullptr) {
    counters_.add(DecodeCounter::WeirdsLost);
    return nullptr;
  }
  w->what = what;
  w->kind = kind;
  w->in_tunnel = false;
  w->source = source;
  w->addl.size = 0;
  return w;
}

DecodeWeird* DecodeRun::flow_weird(DecodeCounter what, const IpAddress& src, const IpAddress& dst) {
  // A tunnelled IPv6 packet is read twice, as in Zeek: the second report would not be logged anyway.
  for (const DecodeWeird& w : out_.weirds)
    if (w.what == what && w.kind == DecodeWeird::Kind::Flow && w.src == src && w.dst == dst) return nullptr;
  DecodeWeird* w = weird_of_kind(what, DecodeWeird::Kind::Flow, source::kNone);
  if (w == nullptr) return nullptr;
  w->src = src;
  w->dst = dst;
  return w;
}

void DecodeRun::push_tunnel(const Encapsulation& e) {
  out_.tunnel_stack[out_.tunnel_depth++] = e;
  out_.tunnel = e.type;
}

DecodeStatus Decoder::decode(const PacketView& packet, DecodedPacket& out) {
  const DecodeOptions options = options_for(packet.checksums_pending);
  out.checksums_pending = packet.checksums_pending;
  if (decode_common(packet, options.ignore_checksums, out)) {
    counters_.add(DecodeCounter::DecodedPackets);
    return DecodeStatus::Packet;
  }
  DecodeRun run(options, counters_, out);
  run.reset();
  out.ts_ns = packet.ts_ns;
  run.begin(packet.data, packet.wire_len);
  return run.run(first_layer(packet.link));
}

DecodeStatus Decoder::decode_datagram(Bytes datagram, uint8_t next_proto, DecodedPacket& packet) {
  return DecodeRun(options_, counters_, packet).run_datagram(datagram, next_proto);
}

DecodeStatus Decoder::decode_next(DecodedPacket& packet) {
  packet.weirds.clear();
  packet.tunnel_depth = packet.more_frames_tunnel_depth;
  packet.tunnel = packet.tunnel_depth == 0 ? TunnelType::None : packet.tunnel_stack[packet.tunnel_depth - 1u].type;
  return DecodeRun(options_, counters_, packet).run_aggregate();
}

std::optional<AddressPair> Decoder::outermost_addresses(const PacketView& packet, DecodedPacket& scratch) {
  DecodeRun run(options_, counters_, scratch);
  run.reset();
  run.begin(packet.data, packet.wire_len);
  if (!run.run_to_ip(first_layer(packet.link))) return std::nullopt;
  return AddressPair{scratch.tuple.src, scratch.tuple.dst};
}

void Decoder::fragment_weird(DecodedPacket& packet, DecodeCounter what, const IpAddress& src, const IpAddress& dst) {
  DecodeRun(options_, counters_, packet).flow_weird(what, src, dst);
}

}  // namespace sensor
