// What is made of a file's bytes on request: hashes, and a copy on disk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dpi/digest/digest.h"
#include "sensor/record/file_sink.h"
#include "sensor/session/session_config.h"

namespace sensor {

/// Bytes that the files of one worker hold back until they are worth a piece.
struct HeldBytes {
  static constexpr size_t kMax = 16 << 20;
  size_t count = 0;
};

/// One file's. Gets its bytes in order.
class FileTap {
 public:
  /// Pieces have about this size.
  static constexpr size_t kPieceBytes = 64 * 1024;

  /// `name`: of the copy. `held` outlives the tap.
  FileTap(const FileConfig& config, std::string name, TimeNs now, HeldBytes& held);
  ~FileTap();
  FileTap(const FileTap&) = delete;
  FileTap& operator=(const FileTap&) = delete;

  void data(Bytes bytes);
  /// `length` bytes are missing: a hash of the rest would say nothing, the copy has zeros.
  void hole(uint64_t length);
  /// No more bytes.
  void end() { hand_over(); }

  /// Name of the hash ("SHA256") and its digits. After end(); none where bytes are missing, or there were none.
  std::vector<std::pair<std::string_view, std::string>> hashes();
  bool kept() const { return kept_; }
  const std::string& name() const { return name_; }
  /// The size at which the copy was cut off.
  std::optional<uint64_t> cut_at() const { return cut_at_; }

 private:
  void keep(Bytes bytes);
  void hand_over();
  void cut(uint64_t size);

  const FileConfig& config_;
  std::string name_;
  HeldBytes& held_;
  std::vector<digest::Hasher> hashers_;
  bool kept_ = false;
  bool begun_ = false;   // a piece was handed over
  uint64_t offset_ = 0;  // of pending_
  std::string pending_;
  bool any_ = false;
  std::optional<uint64_t> cut_at_;
};

}  // namespace sensor
