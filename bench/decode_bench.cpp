// What the headers of one packet cost, by kind of packet.
#include <benchmark/benchmark.h>

#include "packet_bytes.h"
#include "sensor/net/decoder.h"

namespace sensor {
namespace {

using namespace test;

void decode(benchmark::State& state, const Octets& frame, DecodeOptions options = {}, LinkType link = LinkType::Ethernet) {
  DecodeCounters counters;
  Decoder decoder(options, &counters);
  DecodedPacket out;
  PacketView view;
  view.data = frame;
  view.wire_len = static_cast<uint32_t>(frame.size());
  view.link = link;
  for (auto _ : state) {
    view.ts_ns++;
    benchmark::DoNotOptimize(decoder.decode(view, out));
    benchmark::DoNotOptimize(out.payload.data());
  }
}

Octets tcp_packet(size_t payload) {
  return ipv4(ipproto::kTcp, tcp({}, octets(payload, 0x5a)));
}

void BM_TcpAck(benchmark::State& state) {
  decode(state, ethernet(0x0800, tcp_packet(0)));
}
void BM_TcpFull(benchmark::State& state) {
  decode(state, ethernet(0x0800, tcp_packet(1448)));
}
void BM_TcpFullIgnoringChecksums(benchmark::State& state) {
  decode(state, ethernet(0x0800, tcp_packet(1448)), {.ignore_checksums = true});
}
void BM_UdpQuery(benchmark::State& state) {
  decode(state, ethernet(0x0800, ipv4(ipproto::kUdp, udp(40000, 53, octets(40)))));
}
void BM_TcpFullIpv6(benchmark::State& state) {
  decode(state, ethernet(0x86dd, ipv6(ipproto::kTcp, tcp({}, octets(1428, 0x5a), kA6, kB6))));
}
void BM_TcpAckStackedVlan(benchmark::State& state) {
  decode(state, ethernet(0x88a8, vlan_tag(7, 0x8100, vlan_tag(8, 0x0800, tcp_packet(0)))));
}
void BM_TcpAckInGre(benchmark::State& state) {
  decode(state, ethernet(0x0800, ipv4(ipproto::kGre, u16(0) + u16(0x0800) + tcp_packet(0))));
}
void BM_IcmpEcho(benchmark::State& state) {
  decode(state, ethernet(0x0800, ipv4(ipproto::kIcmp, icmp(8, 0, octets(56)))));
}
void BM_RawIp(benchmark::State& state) {
  decode(state, tcp_packet(0), {}, LinkType::RawIp);
}
BENCHMARK(BM_TcpAck);
BENCHMARK(BM_TcpFull);
BENCHMARK(BM_TcpFullIgnoringChecksums);
BENCHMARK(BM_UdpQuery);
BENCHMARK(BM_TcpFullIpv6);
BENCHMARK(BM_TcpAckStackedVlan);
BENCHMARK(BM_TcpAckInGre);
BENCHMARK(BM_IcmpEcho);
BENCHMARK(BM_RawIp);

}  // namespace
}  // namespace sensor
