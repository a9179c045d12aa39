// RDP on one connection: a row of rdp.log and the server's certificates; what TLS protects goes on as TLS.
#pragma once

#include <array>
#include <optional>

#include "dpi/rdp/rdp.h"
#include "sensor/record/rdp.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"
#include "src/session/carry_over.h"

namespace sensor {

/// Reads until encryption begins. The row is written then, after a violation, ten seconds after its first message, or at the end.
class RdpAnalyzer final : public Analyzer, private rdp::Sink {
 public:
  /// As in Zeek: what comes later is not waited for.
  static constexpr DurationNs kWatchNs = 10 * kSecond;
  /// Longer cookies are cut off in the row.
  static constexpr size_t kMaxCookie = 1024;

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  /// Where the next packet begins is not known any more.
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  void on_connect_request(std::string_view cookie) override;
  void on_security_protocol(uint32_t protocol) override;
  void on_negotiation_failure(uint32_t code) override;
  void on_client_core(const rdp::ClientCore& core) override;
  void on_client_channels(const std::vector<std::string_view>& names) override;
  void on_create_response(uint8_t result) override;
  void on_server_security(uint32_t method, uint32_t level) override;
  void on_certificate(Bytes der) override;
  void on_server_certificate(uint32_t type, bool permanent) override;

  /// False: malformed.
  bool read_packets(ByteReader& r);
  RdpRecord& row();
  void confirm();
  void begin_encryption(uint32_t protocol);
  void write(AnalyzerContext& c);
  void finish(AnalyzerContext& c);
  std::string utf8(Bytes utf16);

  std::array<CarryOver, 2> held_;  // the beginnings of packets, at most 64 KiB
  AnalyzerContext* c_ = nullptr;   // valid during a call from the session
  std::optional<RdpRecord> row_;
  bool written_ = false;
  bool stopped_ = false;
  bool encrypted_ = false;
  bool tls_follows_ = false;
  uint64_t certificates_ = 0;
};

inline constexpr std::array<uint16_t, 1> kRdpPorts{3389};
Probe probe_rdp(const ProbeInput& in);

}  // namespace sensor
