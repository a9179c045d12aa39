// Headers of Windows' executable files (Microsoft's "PE Format").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::pe {

struct FileHeader {
  uint16_t machine = 0;
  uint16_t sections = 0;
  uint32_t timestamp = 0;  // seconds since 1970
  uint16_t optional_header_bytes = 0;
  uint16_t characteristics = 0;

  /// An object file has no optional header.
  bool is_executable() const { return optional_header_bytes > 0; }
  bool is_64bit() const { return (characteristics & 0x100) == 0; }
};

struct OptionalHeader {
  uint16_t os_major = 0, os_minor = 0;
  uint16_t subsystem = 0;
  uint16_t dll_characteristics = 0;
  std::vector<uint32_t> table_sizes;  // of the data directories, at most kMaxTables

  static constexpr size_t kMaxTables = 16;
  bool has_table(size_t index) const { return index < table_sizes.size() && table_sizes[index] > 0; }
};
enum Table : size_t { kExport = 0, kImport = 1, kCertificate = 4, kDebug = 6 };
enum DllCharacteristic : uint16_t { kDynamicBase = 0x40, kForceIntegrity = 0x80, kNxCompatible = 0x100, kNoSeh = 0x400 };

/// Reads a file from its beginning, up to the end of its headers. Keeps what it needs of them, and at most kMaxKept bytes of the one at
/// hand.
class Reader {
 public:
  static constexpr size_t kMaxKept = 1024;
  /// The program for DOS in front of the headers; longer ones are malformed, as in Zeek.
  static constexpr uint32_t kMaxDosProgram = 4 * 1024 * 1024;
  /// Further sections are not told.
  static constexpr size_t kMaxSections = 1024;

  void feed(Bytes bytes);
  /// Bytes are missing: nothing more is read.
  void stop() { step_ = Step::Done; }
  bool done() const { return step_ == Step::Done; }

  /// Set once they were read.
  const std::optional<FileHeader>& file_header() const { return file_header_; }
  const std::optional<OptionalHeader>& optional_header() const { return optional_header_; }
  /// All sections' names, once the last header of them was read.
  const std::optional<std::vector<std::string>>& sections() const { return sections_; }

 private:
  enum class Step : uint8_t { DosHeader, FileHeader, OptionalHeader, Section, Done };

  size_t wanted() const;
  void read(ByteReader r);
  void dos_header(ByteReader& r);
  void file_header(ByteReader& r);
  void optional_header(ByteReader& r);
  void section(ByteReader& r);
  void expect_sections();

  Step step_ = Step::DosHeader;
  std::vector<uint8_t> held_;  // of the header at hand
  uint64_t to_skip_ = 0;       // bytes in front of the next header
  std::optional<FileHeader> file_header_;
  std::optional<OptionalHeader> optional_header_;
  std::optional<std::vector<std::string>> sections_;
  std::vector<std::string> names_;
  uint16_t sections_left_ = 0;
};

/// Zeek's names: "AMD64", "unknown-1".
std::string machine_name(uint16_t machine);
std::string os_name(uint16_t major, uint16_t minor);
std::string subsystem_name(uint16_t subsystem);

}  // namespace sensor::pe
