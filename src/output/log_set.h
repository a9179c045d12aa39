// All files of a run, by log.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "archive.h"
#include "assets/assets.h"
#include "certificate_memory.h"
#include "log_file.h"
#include "notices/host_notices.h"
#include "notices/tls_notices.h"
#include "reduction.h"
#include "sensor/output/log_writer.h"

namespace sensor {

/// Decodes records, applies reductions, formats rows. Belongs to the log thread.
class LogSet final : public RowSink {
 public:
  enum class Fate : uint8_t { Kept, Reduced, Malformed };

  LogSet(const LogWriterOptions& options, TroubleReport& trouble);

  Fate write(LogId log, TimeNs due_ns, Bytes fields);
  /// A row that a reduction made.
  void write_row(const LogInfo& log, TimeNs due_ns, Bytes fields) override;
  /// Notices and the like: rows that follow from others.
  uint64_t made() const { return made_; }
  /// Hands all text to the kernel.
  void flush();
  /// Live: archives the logs whose time has come, and looks whether the files are still in their places. Every second or so.
  void tick();
  /// Live: from now on like this; logs whose format changes are archived.
  void reconfigure(const LogSettings& settings);
  void close(TimeNs end_ns);

  /// Records that stand in all their files, and those that miss in one.
  uint64_t written() const;
  uint64_t lost() const;
  std::vector<WrittenLog> written_logs() const;

 private:
  struct Output {
    explicit Output(const LogInfo& l) : log(l), decode(decoder_of(l)) {}

    const LogInfo& log;
    const FieldsDecoder decode;
    std::vector<std::unique_ptr<LogFile>> files;
    std::unique_ptr<Reduction> reduction;
    std::span<const WatchList::Watcher> watchers;
    std::vector<Cell> cells;
    std::vector<char> computed;
    TimeNs begun_ns = 0;                // of the file at hand
    TimeNs rotate_at_ns = kNoRotation;  // likewise
    uint64_t written = 0, lost = 0;     // records in files of a format that is no longer written
  };
  static constexpr TimeNs kNoRotation = std::numeric_limits<TimeNs>::max();

  void watch();
  void set_watched(const LogSettings& settings);
  Output& output(LogId log);
  /// A visit may add outputs: rows that a reduction makes at its end.
  template <class Visit>
  void for_each_output(Visit visit) const {
    for (size_t i = 0; i < outputs_.size(); i++) {
      if (outputs_[i] != nullptr) visit(*outputs_[i]);
    }
  }
  std::string header_time(TimeNs packet_time) const;
  Clockface clockface() const { return replay_ ? Clockface::Utc : Clockface::Local; }
  TimeNs time_of(TimeNs packet_time) const;
  void make_files(Output& o);
  void append(Output& o, TimeNs due_ns);
  void begin(Output& o, TimeNs now);
  void rotate(Output& o, TimeNs end);
  void set_aside(const LogInfo& log, const std::filesystem::path& file);
  static RotationOptions with_archive(RotationOptions rotation, const std::filesystem::path& directory);
  static uint64_t written_of(const Output& o);
  static uint64_t lost_of(const Output& o);

  std::filesystem::path directory_;
  LogFormats formats_;
  bool replay_;
  RotationOptions rotation_;
  TroubleReport* trouble_;
  std::unique_ptr<LogArchive> archive_;           // made when it is needed
  std::vector<std::unique_ptr<Output>> outputs_;  // by LogId; null: nothing was written
  uint64_t made_ = 0;
  WatchList watch_;
  NoticeOptions notice_options_;
  AssetOptions asset_options_;  // no hosts where these logs are not wanted
  NoticeLog notices_;
  std::optional<CertificateMemory> certificates_;
  std::optional<TlsNotices> tls_notices_;
  std::optional<SshGuessing> ssh_guessing_;
  std::optional<ScanNotices> scan_notices_;
  std::optional<KnownAssets> known_assets_;
  std::optional<SoftwareFinder> software_;
};

}  // namespace sensor
