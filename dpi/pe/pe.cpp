#include "dpi/pe/pe.h"

#include <algorithm>

namespace sensor::pe {
namespace {

constexpr size_t kDosHeaderBytes = 64, kNewHeaderAt = 60;
/// "PE", two zeros, and the file header.
constexpr size_t kFileHeaderBytes = 24, kSectionBytes = 40, kNameBytes = 8;
constexpr uint32_t kSignature = 0x4550;
constexpr uint16_t kPe32 = 0x10b, kPe32Plus = 0x20b;

}  // namespace

void Reader::feed(Bytes bytes) {
  while (!bytes.empty() && !done()) {
    const auto skipped = static_cast<size_t>(std::min<uint64_t>(to_skip_, bytes.size()));
    to_skip_ -= skipped;
    bytes = bytes.subspan(skipped);
    const size_t missing = wanted() - held_.size(), taken = std::min(missing, bytes.size());
    held_.insert(held_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken));
    bytes = bytes.subspan(taken);
    if (taken < missing) return;
    const std::vector<uint8_t> header = std::move(held_);
    held_ = {};
    read(ByteReader(header));
  }
}

/// Bytes of the header at hand that are looked at.
size_t Reader::wanted() const {
  switch (step_) {
    case Step::DosHeader:
      return kDosHeaderBytes;
    case Step::FileHeader:
      return kFileHeaderBytes;
    case Step::OptionalHeader:
      return std::min<size_t>(file_header_->optional_header_bytes, kMaxKept);
    case Step::Section:
      return kSectionBytes;
    case Step::Done:
      break;
  }
  return 0;
}

void Reader::read(ByteReader r) {
  switch (step_) {
    case Step::DosHeader:
      return dos_header(r);
    case Step::FileHeader:
      return file_header(r);
    case Step::OptionalHeader:
      return optional_header(r);
    case Step::Section:
      return section(r);
    case Step::Done:
      return;
  }
}

void Reader::dos_header(ByteReader& r) {
  r.skip(kNewHeaderAt);
  const uint32_t next = r.u32le();
  if (next < kDosHeaderBytes || next - kDosHeaderBytes >= kMaxDosProgram) return stop();
  to_skip_ = next - kDosHeaderBytes;
  step_ = Step::FileHeader;
}

void Reader::file_header(ByteReader& r) {
  if (r.u32le() != kSignature) return stop();
  FileHeader h;
  h.machine = r.u16le();
  h.sections = r.u16le();
  h.timestamp = r.u32le();
  r.skip(8);  // symbols
  h.optional_header_bytes = r.u16le();
  h.characteristics = r.u16le();
  file_header_ = h;
  if (!h.is_executable()) return stop();
  step_ = Step::OptionalHeader;
}

/// "Optional Header": PE32+ has no base of data, and a base of the image and four sizes of eight bytes.
void Reader::optional_header(ByteReader& r) {
  const uint16_t magic = r.u16le();
  r.skip(22);  // linker, sizes of code and data, entry point, base of code
  if (magic == kPe32) r.skip(4);
  r.skip(magic == kPe32Plus ? 8 : 4);
  r.skip(8);  // alignments
  OptionalHeader h;
  h.os_major = r.u16le();
  h.os_minor = r.u16le();
  r.skip(24);  // other versions, sizes, checksum
  h.subsystem = r.u16le();
  h.dll_characteristics = r.u16le();
  if (magic == kPe32 || magic == kPe32Plus) r.skip(magic == kPe32Plus ? 32 : 16);  // stack and heap
  r.skip(4);
  const uint32_t tables = r.u32le();
  // As in Zeek, a header that has no room for its tables is malformed.
  const size_t beyond = file_header_->optional_header_bytes - wanted();
  if (!r.ok() || tables > (r.remaining() + beyond) / 8) return stop();
  for (uint32_t i = 0; i < tables && i < OptionalHeader::kMaxTables; i++) {
    r.skip(4);
    h.table_sizes.push_back(r.u32le());
  }
  to_skip_ = beyond;
  optional_header_ = std::move(h);
  sections_left_ = file_header_->sections;
  step_ = sections_left_ > 0 ? Step::Section : Step::Done;
}

void Reader::section(ByteReader& r) {
  const std::string_view name = r.chars(kNameBytes);
  if (names_.size() < kMaxSections) names_.emplace_back(name.substr(0, name.find('\0')));
  if (--sections_left_ > 0) return;
  sections_ = std::move(names_);
  stop();
}

std::string machine_name(uint16_t machine) {
  constexpr std::pair<uint16_t, std::string_view> kNames[] = {
      {0x0, "UNKNOWN"},   {0x14c, "I386"},      {0x166, "R4000"}, {0x169, "WCEMIPSV2"}, {0x1a2, "SH3"},     {0x1a3, "SH3DSP"},
      {0x1a6, "SH4"},     {0x1a8, "SH5"},       {0x1c0, "ARM"},   {0x1c2, "THUMB"},     {0x1c4, "ARMNT"},   {0x1d3, "AM33"},
      {0x1f0, "POWERPC"}, {0x1f1, "POWERPCFP"}, {0x200, "IA64"},  {0x266, "MIPS16"},    {0x366, "MIPSFPU"}, {0x466, "MIPSFPU16"},
      {0xebc, "EBC"},     {0x8664, "AMD64"},    {0x9041, "M32R"}, {0xaa64, "ARM64"}};
  const auto it = std::ranges::find(kNames, machine, &std::pair<uint16_t, std::string_view>::first);
  return it != std::end(kNames) ? std::string(it->second) : "unknown-" + std::to_string(machine);
}

std::string os_name(uint16_t major, uint16_t minor) {
  struct Version {
    uint16_t major, minor;
    std::string_view name;
  };
  constexpr Version kNames[] = {{10, 0, "Windows 10"},
                                {6, 4, "Windows 10 Technical Preview"},
                                {6, 3, "Windows 8.1 or Server 2012 R2"},
                                {6, 2, "Windows 8 or Server 2012"},
                                {6, 1, "Windows 7 or Server 2008 R2"},
                                {6, 0, "Windows Vista or Server 2008"},
                                {5, 2, "Windows XP x64 or Server 2003"},
                                {5, 1, "Windows XP"},
                                {5, 0, "Windows 2000"},
                                {4, 90, "Windows Me"},
                                {4, 10, "Windows 98"},
                                {4, 0, "Windows 95 or NT 4.0"},
                                {3, 51, "Windows NT 3.51"},
                                {3, 50, "Windows NT 3.5"},
                                {3, 2, "Windows 3.2"},
                                {3, 11, "Windows for Workgroups 3.11"},
                                {3, 10, "Windows 3.1 or NT 3.1"},
                                {3, 0, "Windows 3.0"},
                                {2, 11, "Windows 2.11"},
                                {2, 10, "Windows 2.10"},
                                {2, 0, "Windows 2.0"},
                                {1, 4, "Windows 1.04"},
                                {1, 3, "Windows 1.03"},
                                {1, 1, "Windows 1.01"},
                                {1, 0, "Windows 1.0"}};
  const auto it = std::ranges::find_if(kNames, [&](const Version& v) { return v.major == major && v.minor == minor; });
  return it != std::end(kNames) ? std::string(it->name) : "unknown-" + std::to_string(major) + "." + std::to_string(minor);
}

std::string subsystem_name(uint16_t subsystem) {
  constexpr std::pair<uint16_t, std::string_view> kNames[] = {{0, "UNKNOWN"},
                                                              {1, "NATIVE"},
                                                              {2, "WINDOWS_GUI"},
                                                              {3, "WINDOWS_CUI"},
                                                              {7, "POSIX_CUI"},
                                                              {9, "WINDOWS_CE_GUI"},
                                                              {10, "EFI_APPLICATION"},
                                                              {11, "EFI_BOOT_SERVICE_DRIVER"},
                                                              {12, "EFI_RUNTIME_DRIVER"},
                                                              {13, "EFI_ROM"},
                                                              {14, "XBOX"}};
  const auto it = std::ranges::find(kNames, subsystem, &std::pair<uint16_t, std::string_view>::first);
  return it != std::end(kNames) ? std::string(it->second) : "unknown-" + std::to_string(subsystem);
}

}  // namespace sensor::pe
