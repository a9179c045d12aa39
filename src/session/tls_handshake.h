// The handshake protocol of TLS, DTLS and QUIC: messages out of a stream of bytes, and what they mean for the logs.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "dpi/tls/handshake.h"
#include "sensor/session/analyzer.h"
#include "src/session/carry_over.h"
#include "src/session/ssl_row.h"

namespace sensor {

/// Told of each hello before its row is; for a log besides ssl.log that shows parts of it (QUIC).
class HelloObserver {
 public:
  virtual ~HelloObserver() = default;
  /// `whole` is false when the message turned out to be malformed; what was read of it before that is there.
  virtual void on_client_hello(AnalyzerContext& c, const tls::ClientHello& hello, bool whole) = 0;
  virtual void on_server_hello(AnalyzerContext& c) = 0;
  virtual void on_fingerprints(const HelloFingerprints& f) = 0;
};

/// One handshake, both directions. The row and the observer outlive it.
class TlsHandshake {
 public:
  /// Longer messages are passed over without being kept.
  static constexpr uint32_t kMaxMessageBytes = 256 * 1024;

  enum class Flavor : uint8_t { Tls, Dtls };

  TlsHandshake(SslRow& row, Flavor flavor, HelloObserver* observer = nullptr) : row_(row), observer_(observer), flavor_(flavor) {}

  /// The next bytes of one direction's handshake messages.
  void feed(AnalyzerContext& c, Direction d, Bytes bytes);
  /// The version the server chose, 0 before it did.
  uint16_t negotiated_version() const { return version_; }
  bool is_tls13() const { return version_ == tls::version::kTls13 || version_ / 0xff == 0x7f; }
  /// True once a client hello of a known version was seen.
  bool confirmed() const { return confirmed_; }
  /// True when a version nobody knows was named: nothing more can be read.
  bool gave_up() const { return gave_up_; }
  bool from_client(Direction d) const { return (d == Direction::Orig) != flipped_; }
  /// "SSL" or "DTLS", as Zeek names the analyzer in weirds.
  std::string_view analyzer_name() const { return flavor_ == Flavor::Tls ? "SSL" : "DTLS"; }
  /// The service of conn.log.
  std::string_view service() const { return flavor_ == Flavor::Tls ? "ssl" : "dtls"; }
  /// Confirms the protocol for a client hello of a known version; gives up for any other.
  void judge_client_version(AnalyzerContext& c, uint16_t version);
  void certificates(AnalyzerContext& c, Direction d, const std::vector<Bytes>& chain);

 private:
  struct Stream {
    CarryOver held;        // the beginning of a message
    uint64_t to_skip = 0;  // bytes left of a message that is too long
    uint8_t skipped_type = 0;
  };

  /// Reads whole messages; what is left over is too short for the next one. False: a message was malformed.
  bool consume(AnalyzerContext& c, Direction d, ByteReader& r);
  bool pass_over(AnalyzerContext& c, Direction d, ByteReader& r);
  bool message(AnalyzerContext& c, Direction d, uint8_t type, Bytes body);
  bool client_hello(AnalyzerContext& c, Bytes body);
  bool server_hello(AnalyzerContext& c, Bytes body);
  void tell_fingerprints();
  bool certificate_status(AnalyzerContext& c, Bytes body);
  void log_stapled_response(AnalyzerContext& c, Bytes response);
  bool server_key_exchange(AnalyzerContext& c, Bytes body);
  void expect_sender(AnalyzerContext& c, Direction sender, Direction d);
  void set_version(uint16_t v);
  /// Signatures name their algorithm since TLS 1.2.
  bool signatures_name_algorithm() const { return version_ > tls::version::kTls11 && version_ != tls::version::kDtls10; }

  SslRow& row_;
  HelloObserver* observer_;
  std::array<Stream, 2> streams_;
  HelloFingerprints fingerprints_;
  uint32_t cipher_suite_ = 0xffffff;  // none
  uint16_t version_ = tls::version::kUnknown;
  Flavor flavor_;
  bool flipped_ = false;
  bool unclear_direction_reported_ = false;
  bool confirmed_ = false;
  bool gave_up_ = false;
};

}  // namespace sensor
