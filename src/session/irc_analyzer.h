// IRC on one connection: rows of irc.log, and the connections between clients that carry files.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "dpi/irc/irc.h"
#include "dpi/mime/line_splitter.h"
#include "sensor/record/irc.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/expectation.h"
#include "sensor/session/file_analysis.h"
#include "sensor/session/protocols.h"

namespace sensor {

/// What an IRC session and the transfers that it announces share: as in Zeek, the session's next rows tell of the last transfer.
struct IrcSession {
  IrcRecord row;
};
struct IrcTransfer final : ExpectedFile {
  std::shared_ptr<IrcSession> session;
};

class IrcAnalyzer final : public Analyzer {
 public:
  /// A longer line is cut there; it is not read either way.
  static constexpr size_t kMaxHeldLine = 1000;

  IrcAnalyzer();
  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_eof(AnalyzerContext& c, Direction d) override;

 private:
  struct Lines;
  /// One side of a link between servers.
  struct Server {
    bool wants_zip = false, introduced = false;
  };

  void line(AnalyzerContext& c, Direction d, Bytes text);
  void malformed(AnalyzerContext& c, irc::LineKind kind);
  void command(AnalyzerContext& c, Direction d, const irc::Line& line);
  void message(AnalyzerContext& c, const irc::Line& line);
  void offer(AnalyzerContext& c, const irc::Offer& offer);
  void user(AnalyzerContext& c, const irc::Line& line);
  void nick(AnalyzerContext& c, const irc::Line& line);
  void join(AnalyzerContext& c, Direction d, const irc::Line& line);
  void follow_servers(Direction d, const irc::Line& line);
  IrcRecord& row(AnalyzerContext& c);
  void write(AnalyzerContext& c);

  std::array<mime::LineSplitter, 2> lines_;
  std::array<Server, 2> servers_;
  std::shared_ptr<IrcSession> session_;
  unsigned long_commands_ = 0;
  bool confirmed_ = false;
  bool tls_follows_ = false;
  size_t behind_ = 0;  // bytes of the piece at hand that TLS begins with
};

/// A file from the one that is connected to, and acknowledgements of four bytes from the other.
class IrcDataAnalyzer final : public Analyzer {
 public:
  void on_expected(AnalyzerContext& c, const Expectation& expectation) override;
  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  FileHandle open(AnalyzerContext& c);
  void apply(AnalyzerContext& c, const FileUpdate& update);
  void write(AnalyzerContext& c);

  std::shared_ptr<IrcTransfer> transfer_;  // until its row is written
  FileHandle file_;
  uint64_t bytes_ = 0;
};

inline constexpr std::array<uint16_t, 4> kIrcPorts{6666, 6667, 6668, 6669};
Probe probe_irc(const ProbeInput& in);

}  // namespace sensor
