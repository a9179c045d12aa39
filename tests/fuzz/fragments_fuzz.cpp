// Fragments in any order, against a model that keeps one entry per byte. Input: version and options, then fragments: two bytes of flags and
// offset as in IPv4, an identification, a length, and that many bytes.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <vector>

#include "packet_bytes.h"
#include "sensor/flow/fragments.h"

namespace sensor {
namespace {

using test::Octets;
using test::operator+;

constexpr int kUnknown = -1;

void require(bool ok) {
  if (!ok) std::abort();
}

struct Model {
  std::vector<int> bytes;

  void add(size_t offset, Bytes data) {
    if (bytes.size() < offset + data.size()) bytes.resize(offset + data.size(), kUnknown);
    for (size_t i = 0; i < data.size(); i++)
      if (bytes[offset + i] == kUnknown) bytes[offset + i] = data[i];
  }
  void check(Bytes datagram) const {
    require(datagram.size() <= bytes.size());
    for (size_t i = 0; i < datagram.size(); i++) require(bytes[i] == datagram[i]);
  }
};

Octets fragment(bool v6, uint16_t flags_offset, uint8_t id, Bytes data) {
  constexpr uint8_t kSomeProtocol = 253;  // no header of its own: the payload is the datagram
  const Octets payload(data.begin(), data.end());
  if (!v6) return test::ipv4(kSomeProtocol, payload, test::kA, test::kB, {.id = id, .flags_offset = flags_offset});
  const unsigned offset = (flags_offset & 0x1fff) * 8u, more = (flags_offset & 0x2000) != 0 ? 1 : 0;
  return test::ipv6(ipproto::kFragment, Octets{kSomeProtocol, 0} + test::u16(offset | more) + test::u32(id) + payload);
}

}  // namespace
}  // namespace sensor

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  constexpr uint16_t kMoreAndOffset = 0x3fff;
  ByteReader in({data, size});
  const bool v6 = (in.u8() & 1) != 0;
  DecodeCounters counters;
  Decoder decoder({}, &counters);
  // Roomy enough that nothing is evicted or dropped: the model has no limits.
  FragmentReassembler fragments({.max_datagrams = 9, .max_pieces = 16'384, .max_pieces_per_datagram = 16'384}, decoder);
  std::map<uint8_t, Model> model;
  DecodedPacket p;
  for (int i = 0; i < 2000 && !in.empty(); i++) {
    // Small offsets meet more often.
    const auto flags_offset = static_cast<uint16_t>(in.u16() & kMoreAndOffset & 0x21ff);
    const uint8_t id = in.u8() & 7;
    const Bytes bytes = in.bytes(std::min<size_t>(in.u8(), in.remaining()));
    const Octets packet = fragment(v6, flags_offset, id, bytes);
    const DecodeStatus s = decoder.decode(test::packet(packet, LinkType::RawIp), p);
    if (s != DecodeStatus::Fragment) continue;  // IPv4 with neither flag nor offset
    model[id].add((flags_offset & 0x1fff) * 8u, bytes);
    if (fragments.add(p) == DecodeStatus::Packet) {
      model[id].check(p.payload);
      model.erase(id);
    }
    fragments.release();
    uint64_t gone = fragments.held();
    for (auto c = static_cast<size_t>(FragmentCounter::Reassembled); c < static_cast<size_t>(FragmentCounter::Datagrams); c++)
      gone += fragments.counters().get(static_cast<FragmentCounter>(c));
    require(gone == fragments.counters().get(FragmentCounter::Fragments));
  }
  return 0;
}
