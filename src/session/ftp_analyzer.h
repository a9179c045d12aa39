// FTP's control connection: joins commands with replies into rows of ftp.log, and announces data connections.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "dpi/ftp/ftp.h"
#include "dpi/ftp/nvt.h"
#include "sensor/record/ftp.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/expectation.h"
#include "sensor/session/file_analysis.h"
#include "sensor/session/protocols.h"
#include "src/session/ftp_commands.h"

namespace sensor {

class FtpAnalyzer final : public Analyzer {
 public:
  static constexpr size_t kMaxUser = 128, kMaxPassword = 128, kMaxArgument = 4096, kMaxReplyText = 4096;
  /// A working directory does not grow beyond this; changes that would make it longer are left out.
  static constexpr size_t kMaxDirectory = 16 * 1024;

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_eof(AnalyzerContext& c, Direction d) override;
  void on_finish(AnalyzerContext& c) override;

  /// Whether the client's last AUTH named it.
  bool asks_for_gssapi() const { return auth_requested_.find("GSSAPI") != std::string::npos; }

 private:
  struct Lines;

  void begin_session(AnalyzerContext& c);
  void request_line(AnalyzerContext& c, std::string_view line, size_t cut);
  void request(AnalyzerContext& c, const std::string& command, std::string_view argument, size_t cut);
  void reply_line(AnalyzerContext& c, std::string_view line, size_t cut, Bytes rest);
  void reply(AnalyzerContext& c, const ftp::Reply& reply, size_t cut);
  void follow_reply(AnalyzerContext& c, const ftp::Reply& reply);
  void follow_directory(const ftp::Reply& reply);
  void credentials(AnalyzerContext& c, const std::string& command, std::string_view argument, size_t cut);
  void announce(AnalyzerContext& c, bool passive, const IpAddress& orig, const ftp::Endpoint& to);
  void write(AnalyzerContext& c);
  void fill_argument(AnalyzerContext& c);
  void read_adat(AnalyzerContext& c, Direction d, std::string_view line);
  bool hides_password() const;

  std::array<ftp::NvtLines, 2> lines_;
  ftp::ReplyReader replies_;
  size_t reply_cut_ = 0;  // bytes of its text in row_ that were not kept
  bool confirmed_ = false;
  bool in_tls_ = false;
  bool client_ended_ = false;
  std::string auth_requested_;

  // The session, once a request or reply was seen.
  std::optional<FtpRecord> row_;
  FtpCommands commands_;
  FtpCommandPtr command_;  // that the last reply was for
  std::string directory_ = ".";
  std::shared_ptr<ExpectedFile> file_ = std::make_shared<ExpectedFile>();

  // An exchange of ADAT tokens that carries TLS.
  bool adat_active_ = false;
  bool adat_first_ = true;
};

/// What a data connection carries is one file in each direction.
class FtpDataAnalyzer final : public Analyzer {
 public:
  /// The file's type is looked at after as many bytes for ftp.log, while files.log waits for more.
  static constexpr size_t kEarlyBytes = 1024;

  void on_expected(AnalyzerContext& c, const Expectation& expectation) override;
  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  FileHandle open(AnalyzerContext& c, Direction d);
  void apply(const FileUpdate& update);
  void identify();

  std::shared_ptr<ExpectedFile> file_;
  std::string beginning_;
  std::array<FileHandle, 2> files_;
  std::array<uint64_t, 2> bytes_{};
};

inline constexpr std::array<uint16_t, 2> kFtpPorts{21, 2811};
Probe probe_ftp(const ProbeInput& in);

}  // namespace sensor
