// All files of a run, by log.
#pragma once

#include <array>
#include <map>

#include "log_file.h"
#include "reduction.h"
#include "sensor/output/log_writer.h"

namespace sensor {

/// Decodes records, applies reductions, formats rows. Belongs to the log thread.
class LogSet {
 public:
  enum class Fate : uint8_t { Kept, Reduced, Malformed };

  LogSet(std::filesystem::path directory, LogFormats formats, bool replay, TroubleReport& trouble)
      : directory_(std::move(directory)), formats_(formats), replay_(replay), trouble_(&trouble) {}

  Fate write(const LogInfo& log, TimeNs due_ns, Bytes fields);
  /// Hands all text to the kernel.
  void flush();
  void close(TimeNs end_ns);

  /// Records that stand in all their files, and those that miss in one.
  uint64_t written() const;
  uint64_t lost() const;
  std::vector<WrittenLog> written_logs() const;

 private:
  struct Output {
    std::vector<std::unique_ptr<LogFile>> files;
    std::unique_ptr<Reduction> reduction;
    std::vector<Cell> cells;
    std::vector<char> computed;
  };

  Output& output(const LogInfo& log);
  std::string header_time(TimeNs packet_time) const;

  std::filesystem::path directory_;
  LogFormats formats_;
  bool replay_;
  TroubleReport* trouble_;
  std::map<const LogInfo*, Output> outputs_;
  const LogInfo* last_log_ = nullptr;  // the next record is often of the same log
  Output* last_output_ = nullptr;
};

}  // namespace sensor
