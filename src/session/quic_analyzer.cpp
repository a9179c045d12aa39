#include "src/session/quic_analyzer.h"

namespace sensor {
namespace {

constexpr std::string_view kService = "quic";

/// The connection as the TLS inside sees it: what it says of the protocol concerns TLS only.
class InnerContext final : public AnalyzerContext {
 public:
  explicit InnerContext(AnalyzerContext& outer) : outer_(outer) {}

  bool dropped() const { return dropped_; }

  const ConnHeader& conn() const override { return outer_.conn(); }
  Transport transport() const override { return outer_.transport(); }
  TimeNs now() const override { return outer_.now(); }
  RecordWriter& records() override { return outer_.records(); }
  FileAnalysis& files() override { return outer_.files(); }
  void confirm(std::string_view service) override {
    outer_.confirm(service);
    outer_.confirm(kService);  // a violation takes back what was confirmed last: let that be QUIC
  }
  void violation(std::string_view) override { dropped_ = true; }
  void done() override { dropped_ = true; }
  void weird(std::string_view name, std::string_view addl, std::string_view source) override { outer_.weird(name, addl, source); }
  void hostname(std::string_view name) override { outer_.hostname(name); }
  void start(ProtocolId, Direction, Bytes) override {}
  void start_detection(Direction, Bytes) override {}

 private:
  AnalyzerContext& outer_;
  bool dropped_ = false;
};

}  // namespace

void QuicAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes datagram) {
  ByteReader r(datagram);
  while (!r.empty()) {
    quic::Packet p;
    if (quic::parse_packet(r, client_id_bytes_, p) && read_packet(c, d, p)) continue;
    // Nothing is read after an error, so no row can change any more.
    row_.finish(c);
    ssl_row_.finish(c);
    c.violation("not a QUIC packet");
    c.done();
    return;
  }
}

void QuicAnalyzer::on_finish(AnalyzerContext& c) {
  row_.finish(c);
  ssl_row_.finish(c);
}

bool QuicAnalyzer::read_packet(AnalyzerContext& c, Direction d, const quic::Packet& p) {
  switch (p.type) {
    case quic::PacketType::Discarded:
    case quic::PacketType::Short:
      return true;
    case quic::PacketType::UnknownVersion:
      row_.unknown_version(c, d, p);
      return false;
    case quic::PacketType::ZeroRtt:
      row_.packet(c, d, p, 'z');
      return true;
    case quic::PacketType::Handshake:
      row_.packet(c, d, p, 'h');
      return true;
    case quic::PacketType::Retry:
      row_.retry(c, d, p);
      begin_anew();
      return true;
    case quic::PacketType::Initial:
      row_.packet(c, d, p, 'i');
      return read_initial(c, d, p);
  }
  return false;
}

bool QuicAnalyzer::read_initial(AnalyzerContext& c, Direction d, const quic::Packet& p) {
  const bool from_client = d == Direction::Orig;
  if (sides_[index(d)].hello_complete || (!from_client && !has_client_destination_id_)) return true;
  client_id_bytes_ = (from_client ? p.source_id : p.destination_id).size();
  if (!has_client_destination_id_) {
    has_client_destination_id_ = true;
    client_destination_id_.assign(p.destination_id.begin(), p.destination_id.end());
  }
  std::vector<uint8_t> payload;
  if (!quic::open_initial(p, keys_of(d, p.version), payload)) return false;
  c.confirm(kService);
  return read_frames(c, d, payload);
}

const quic::InitialKeys& QuicAnalyzer::keys_of(Direction d, uint32_t version) {
  Side& s = sides_[index(d)];
  if (!s.keys || s.keys_version != version) {
    s.keys = quic::derive_initial_keys(version, client_destination_id_, d == Direction::Orig);
    s.keys_version = version;
  }
  return *s.keys;
}

bool QuicAnalyzer::read_frames(AnalyzerContext& c, Direction d, Bytes payload) {
  ByteReader r(payload);
  while (!r.empty()) {
    quic::Frame frame;
    if (!quic::parse_frame(r, frame)) return false;
    if (frame.type == quic::FrameType::ConnectionClose) row_.connection_close(c, d);
    if (frame.type == quic::FrameType::Crypto && !read_crypto(c, d, frame)) return false;
  }
  return true;
}

bool QuicAnalyzer::read_crypto(AnalyzerContext& c, Direction d, const quic::Frame& frame) {
  Side& s = sides_[index(d)];
  // A frame may repeat what is there already.
  if (s.hello_complete) return frame.offset + frame.data.size() <= s.crypto.message().size();
  switch (s.crypto.add(frame.offset, frame.data)) {
    case quic::CryptoStream::Verdict::NeedMore:
      return true;
    case quic::CryptoStream::Verdict::Malformed:
      return false;
    case quic::CryptoStream::Verdict::Complete:
      break;
  }
  s.hello_complete = true;
  if (tls_dropped_) return false;
  feed_tls(c, d, s.crypto.message());
  return !s.crypto.overrun();
}

/// The handshake reads records: the message goes into one.
void QuicAnalyzer::feed_tls(AnalyzerContext& c, Direction d, Bytes message) {
  std::vector<uint8_t> record{tls::content::kHandshake, 3, 3, static_cast<uint8_t>(message.size() >> 8),
                              static_cast<uint8_t>(message.size() & 0xff)};
  record.insert(record.end(), message.begin(), message.end());
  if (!tls_) tls_.emplace(ssl_row_, static_cast<HelloObserver*>(this));
  InnerContext inner(c);
  tls_->on_data(inner, d, record);
  tls_dropped_ = inner.dropped() || tls_->finished();
}

/// RFC 9000 section 17.2.5: the client answers a retry with another first packet, to another destination id.
void QuicAnalyzer::begin_anew() {
  tls_.reset();
  tls_dropped_ = false;
  sides_ = {};
  has_client_destination_id_ = false;
}

void QuicAnalyzer::on_client_hello(AnalyzerContext& c, const tls::ClientHello& hello, bool whole) {
  row_.client_hello(c, hello, whole);
}

void QuicAnalyzer::on_server_hello(AnalyzerContext& c) {
  row_.server_hello(c);
}

Probe probe_quic(const ProbeInput&) {
  return Probe::NotForUs;
}

}  // namespace sensor
