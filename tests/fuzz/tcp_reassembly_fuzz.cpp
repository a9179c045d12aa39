// One TCP connection in arbitrary segments: the reader gets every byte in order and at most once, and whether anybody reads does not
// change what conn.log says.
#include <cstdlib>

#include "sensor/base/byte_reader.h"
#include "sensor/flow/flow_tracker.h"

namespace {

using namespace sensor;

void require(bool ok) {
  if (!ok) std::abort();
}

/// The byte at a position of a stream is a function of the position, so a reader can tell where it is.
uint8_t byte_at(uint32_t seq) {
  return static_cast<uint8_t>(seq * 2654435761U >> 24);
}

struct Reader {
  FlowTracker<Reader>* tracker = nullptr;
  bool reads = true;
  uint32_t first_seq = 0;
  uint64_t position = 0;
  bool ended = false;
  ConnSummary conn;

  void on_new(Flow& f, const DecodedPacket&) { f.want_orig = reads; }
  void on_packet(Flow&, Direction, const DecodedPacket&) {}
  void on_datagram(Flow&, Direction, const DecodedPacket&) {}
  void on_data(Flow&, Direction d, Bytes b) {
    require(reads && d == Direction::Orig && !b.empty());
    for (const uint8_t byte : b) require(byte == byte_at(first_seq + static_cast<uint32_t>(position++)));
  }
  void on_gap(Flow&, Direction, uint64_t n) { position += n; }
  void on_eof(Flow&, Direction) {
    require(!ended);
    ended = true;
  }
  void on_established(Flow&) {}
  void on_flip(Flow&) {}
  void on_weird(Flow&, const Weird&) {}
  void on_remove(Flow& f, TimeNs, RemoveReason) { conn = tracker->summary(f); }
};

class Play {
 public:
  Play(const FlowConfig& config, bool reads, uint32_t seq) : seq_(seq), tracker_(config, reader_) {
    reader_.tracker = &tracker_;
    reader_.reads = reads;
    reader_.first_seq = seq;
  }
  void segment(bool orig, uint8_t flags, uint32_t offset, uint32_t ack, size_t length) {
    DecodedPacket p;
    p.ts_ns = now_ += kMillisecond;
    const IpAddress a = IpAddress::v4(1), b = IpAddress::v4(2);
    p.tuple = {orig ? a : b, orig ? b : a, static_cast<uint16_t>(orig ? 40000 : 9999), static_cast<uint16_t>(orig ? 9999 : 40000), 6};
    p.transport = Transport::Tcp;
    p.tcp = {.seq = (orig ? seq_ : 2001) + offset, .ack = (orig ? 2001 : seq_) + ack, .window = 1000, .flags = flags, .header_len = 20};
    for (size_t i = 0; i < length; i++) bytes_[i] = byte_at(p.tcp.seq + static_cast<uint32_t>(i));
    p.payload = Bytes(bytes_).first(length);
    p.payload_len = static_cast<uint32_t>(length);
    p.ip_len = p.payload_len + 40;
    tracker_.process({&p, 1});
  }
  const ConnSummary& end() {
    tracker_.finish(now_);
    return reader_.conn;
  }

 private:
  TimeNs now_ = kSecond;
  uint32_t seq_;
  std::array<uint8_t, 4096> bytes_{};
  Reader reader_;
  FlowTracker<Reader> tracker_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader r(Bytes(data, size));
  FlowConfig config;
  config.capacity = 64;
  const uint8_t options = r.u8();
  if ((options & 1) != 0) config.tcp_max_above_hole_without_any_acks = 2048;
  if ((options & 2) != 0) config.tcp_max_unacked = 8192;
  const uint32_t seq = r.u32();
  Play reading(config, true, seq), ignoring(config, false, seq);
  const auto both = [&](auto... arguments) {
    reading.segment(arguments...);
    ignoring.segment(arguments...);
  };
  both(true, tcpflag::kSyn, uint32_t(-1), 0U, size_t{0});
  both(false, uint8_t{tcpflag::kSyn | tcpflag::kAck}, uint32_t(-1), 0U, size_t{0});
  while (!r.empty()) {
    const uint8_t what = r.u8();
    const uint8_t end = (what & 0x30) == 0x30 ? tcpflag::kFin : uint8_t{0};
    const uint32_t offset = r.u16(), other = r.u16();
    if ((what & 3) != 0) {
      both(true, static_cast<uint8_t>(tcpflag::kAck | end), offset, 0U, other % 4096);
    } else {
      both(false, static_cast<uint8_t>(tcpflag::kAck | end), 0U, offset, size_t{0});
    }
  }
  const ConnSummary& a = reading.end();
  const ConnSummary& b = ignoring.end();
  require(a.history == b.history && a.missed_bytes == b.missed_bytes && a.conn_state == b.conn_state && a.orig_bytes == b.orig_bytes);
  return 0;
}
