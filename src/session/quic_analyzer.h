// QUIC over UDP: quic.log, and the ssl.log row of its handshake.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "dpi/quic/crypto_stream.h"
#include "dpi/quic/initial.h"
#include "sensor/session/protocols.h"
#include "src/session/quic_row.h"
#include "src/session/tls_stream.h"

namespace sensor {

/// Reads the hellos out of Initial packets; of all others only that they came. After a retry the handshake begins anew.
class QuicAnalyzer final : public Analyzer, private HelloObserver {
 public:
  void on_data(AnalyzerContext& c, Direction d, Bytes datagram) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  /// One direction of a handshake.
  struct Side {
    std::optional<quic::InitialKeys> keys;
    uint32_t keys_version = 0;
    quic::CryptoStream crypto;
    bool hello_complete = false;
  };

  void on_client_hello(AnalyzerContext& c, const tls::ClientHello& hello, bool whole) override;
  void on_server_hello(AnalyzerContext& c) override;
  void on_fingerprints(const HelloFingerprints& f) override { row_.fingerprints(f); }

  /// False: malformed.
  bool read_packet(AnalyzerContext& c, Direction d, const quic::Packet& p);
  bool read_initial(AnalyzerContext& c, Direction d, const quic::Packet& p);
  bool read_frames(AnalyzerContext& c, Direction d, Bytes payload);
  bool read_crypto(AnalyzerContext& c, Direction d, const quic::Frame& frame);
  const quic::InitialKeys& keys_of(Direction d, uint32_t version);
  void feed_tls(AnalyzerContext& c, Direction d, Bytes message);
  void begin_anew();

  QuicRow row_;
  SslRow ssl_row_;
  std::optional<TlsStream> tls_;
  bool tls_dropped_ = false;
  std::array<Side, 2> sides_;
  std::vector<uint8_t> client_destination_id_;  // of the first Initial packet; what keys are made of
  bool has_client_destination_id_ = false;
  size_t client_id_bytes_ = 0;  // length of the id that short headers carry
};

/// HTTP/3, DNS over QUIC and its early port.
inline constexpr std::array<uint16_t, 3> kQuicPorts{443, 853, 784};

/// Never: like Zeek, QUIC is read on its ports only.
Probe probe_quic(const ProbeInput& in);

}  // namespace sensor
