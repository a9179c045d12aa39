// Connections of arbitrary packets through nDPI, and arbitrary host names through the cheap path. The input is a row of packets, each a
// byte of choices, two bytes of length and the payload.
#include "dpi/ndpi/ndpi_classifier.h"
#include "sensor/base/byte_reader.h"

namespace {

using namespace sensor;

NdpiClassifier& classifier() {
  static NdpiClassifier c;
  return c;
}

FiveTuple tuple_of(uint8_t choice) {
  static constexpr uint16_t kPorts[] = {53, 80, 443, 5060, 3478, 51413, 2000, 8080};
  FiveTuple t;
  const bool v6 = (choice & 0x40) != 0;
  t.src = *IpAddress::parse(v6 ? "2001:db8::1" : "10.0.0.1");
  t.dst = *IpAddress::parse(v6 ? "2001:db8::2" : "10.0.0.2");
  t.src_port = 40000;
  t.dst_port = kPorts[choice & 7];
  t.ip_proto = (choice & 0x80) != 0 ? ipproto::kTcp : ipproto::kUdp;
  return t;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader r(Bytes(data, size));
  const FiveTuple tuple = tuple_of(r.u8());
  const NdpiLease lease = classifier().lease(r.u8() % 2 == 0, 1);
  DecodedPacket p;
  p.transport = tuple.ip_proto == ipproto::kTcp ? Transport::Tcp : Transport::Udp;
  uint32_t seq[2] = {1, 1};
  while (!r.empty()) {
    const uint8_t choice = r.u8();
    const bool from_orig = (choice & 1) == 0;
    p.tuple = from_orig ? tuple : FiveTuple{tuple.dst, tuple.src, tuple.dst_port, tuple.src_port, tuple.ip_proto};
    p.payload = r.bytes(std::min<size_t>(r.u16(), r.remaining()));
    p.tcp.flags = choice >> 1;
    p.tcp.seq = seq[from_orig];
    p.tcp.ack = seq[!from_orig];
    p.ts_ns += kMillisecond;
    seq[from_orig] += static_cast<uint32_t>(p.payload.size());
    if (classifier().feed(lease, p)) break;
  }
  const AppLabel label = classifier().finish(lease);
  (void)app_name(label);
  (void)app_category_name(label);
  (void)app_confidence_name(label);
  (void)classifier().guess(tuple);
  for (auto protocol :
       {ConfirmedProtocol::Dns, ConfirmedProtocol::Http, ConfirmedProtocol::Tls, ConfirmedProtocol::Dtls, ConfirmedProtocol::Quic})
    (void)classifier().confirmed(protocol, as_chars(Bytes(data, size)), tuple);
  return 0;
}
