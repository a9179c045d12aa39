// SSH on one connection: a row of ssh.log, once the login has succeeded or at the end of the connection.
#pragma once

#include <array>
#include <optional>

#include "dpi/ssh/auth_guess.h"
#include "dpi/ssh/reader.h"
#include "sensor/record/ssh.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

/// Reads until a login succeeds. Where there is nothing to tell from the sizes of segments (SSH 1, compression), until encryption begins.
class SshAnalyzer final : public Analyzer, private ssh::Sink {
 public:
  /// Longer names are cut off in the row.
  static constexpr size_t kMaxText = 4096;

  SshAnalyzer() : reader_(*this) {}

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  /// Neither messages nor sizes can be told apart behind it.
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;
  /// Once both sides have ended: the row does not wait until the connection is forgotten.
  void on_eof(AnalyzerContext& c, Direction d) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  void on_identification(bool from_client, std::string_view text) override;
  void on_kexinit(bool from_client, const ssh::Kexinit& offer) override;
  void on_negotiated(const ssh::Kexinit& client, const ssh::Kexinit& server) override;
  void on_host_key(std::string fingerprint) override;
  void on_keys() override;
  void on_encrypted(bool from_client, size_t bytes) override;
  void on_weird(std::string_view name, std::string_view addl) override;
  void on_limit(std::string_view name, uint64_t found, uint64_t limit) override;
  void on_violation(std::string_view reason) override { c_->violation(reason); }

  SshRecord& row();
  void set_version(SshRecord& row);
  bool sizes_tell() const;
  void finish(AnalyzerContext& c);

  ssh::Reader reader_;
  ssh::AuthGuess guess_;
  AnalyzerContext* c_ = nullptr;  // valid during a call from the session
  std::optional<SshRecord> row_;
  std::array<bool, 2> ended_{};  // by Direction
  bool compressed_ = false;
  bool over_ = false;  // nothing that comes can change the row
};

inline constexpr std::array<uint16_t, 1> kSshPorts{22};
Probe probe_ssh(const ProbeInput& in);

}  // namespace sensor
