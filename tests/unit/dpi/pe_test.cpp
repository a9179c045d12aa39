#include "dpi/pe/pe.h"

#include <gtest/gtest.h>

#include "pe_files.h"

namespace sensor::pe {
namespace {

using test::pe_little;
using test::PeFile;

Reader read(const std::string& bytes) {
  Reader r;
  r.feed(as_bytes(bytes));
  return r;
}

TEST(Pe, Headers64) {
  PeFile f;
  f.table_sizes[kImport] = 10;
  f.table_sizes[kDebug] = 20;
  const Reader r = read(f.bytes());
  ASSERT_TRUE(r.file_header() && r.optional_header() && r.sections());
  EXPECT_EQ(machine_name(r.file_header()->machine), "AMD64");
  EXPECT_EQ(r.file_header()->timestamp, 1'600'000'000u);
  EXPECT_TRUE(r.file_header()->is_executable());
  EXPECT_TRUE(r.file_header()->is_64bit());
  EXPECT_EQ(os_name(r.optional_header()->os_major, r.optional_header()->os_minor), "Windows 7 or Server 2008 R2");
  EXPECT_EQ(subsystem_name(r.optional_header()->subsystem), "WINDOWS_CUI");
  EXPECT_EQ(r.optional_header()->dll_characteristics, 0x8160);
  EXPECT_TRUE(r.optional_header()->has_table(kImport));
  EXPECT_FALSE(r.optional_header()->has_table(kExport));
  EXPECT_FALSE(r.optional_header()->has_table(kCertificate));
  EXPECT_TRUE(r.optional_header()->has_table(kDebug));
  EXPECT_EQ(*r.sections(), (std::vector<std::string>{".text", ".rdata"}));
  EXPECT_TRUE(r.done());
}

TEST(Pe, Headers32) {
  PeFile f;
  f.machine = 0x14c;
  f.characteristics = 0x102;
  f.plus = false;
  f.table_sizes = {1};
  f.sections = {"longname", ".x"};
  const Reader r = read(f.bytes());
  EXPECT_FALSE(r.file_header()->is_64bit());
  EXPECT_EQ(r.optional_header()->subsystem, 3);
  EXPECT_TRUE(r.optional_header()->has_table(kExport));
  EXPECT_FALSE(r.optional_header()->has_table(kImport));
  EXPECT_EQ(*r.sections(), (std::vector<std::string>{"longname", ".x"}));
}

TEST(Pe, ObjectFilesHaveNothingElse) {
  PeFile f;
  f.object_file = true;
  const Reader r = read(f.bytes());
  EXPECT_FALSE(r.file_header()->is_executable());
  EXPECT_FALSE(r.optional_header());
  EXPECT_FALSE(r.sections());
  EXPECT_TRUE(r.done());
}

TEST(Pe, AnyDivision) {
  const std::string bytes = PeFile{}.bytes();
  for (size_t cut = 0; cut <= bytes.size(); cut++) {
    Reader r;
    r.feed(as_bytes(bytes).first(cut));
    r.feed(as_bytes(bytes).subspan(cut));
    ASSERT_TRUE(r.sections()) << cut;
    EXPECT_EQ(r.sections()->size(), 2u);
  }
}

TEST(Pe, EveryTruncation) {
  const PeFile f;
  const std::string bytes = f.bytes();
  const size_t file_header = 128 + 24, optional = file_header + f.optional_header().size(), sections = optional + 80;
  for (size_t n = 0; n < bytes.size(); n++) {
    const Reader r = read(bytes.substr(0, n));
    EXPECT_EQ(r.file_header().has_value(), n >= file_header) << n;
    EXPECT_EQ(r.optional_header().has_value(), n >= optional) << n;
    EXPECT_EQ(r.sections().has_value(), n >= sections) << n;
  }
}

TEST(Pe, Malformed) {
  for (const uint32_t next : {0u, 63u, 64u + 4 * 1024 * 1024, 0xffffffffu}) {
    std::string bytes = PeFile{}.bytes();
    bytes.replace(60, 4, pe_little(next, 4));
    EXPECT_TRUE(read(bytes).done());
    EXPECT_FALSE(read(bytes).file_header());
  }
  std::string no_signature = PeFile{}.bytes();
  no_signature.replace(128, 2, "NE");
  EXPECT_FALSE(read(no_signature).file_header());
  // More tables than there is room for.
  std::string many = PeFile{}.bytes();
  many.replace(128 + 24 + 108, 4, pe_little(17, 4));
  EXPECT_TRUE(read(many).file_header());
  EXPECT_FALSE(read(many).optional_header());
  // An optional header that is too short.
  std::string brief = PeFile{}.bytes();
  brief.replace(128 + 20, 2, pe_little(40, 2));
  EXPECT_FALSE(read(brief).optional_header());
}

TEST(Pe, LongHeadersArePassedOver) {
  PeFile f;
  f.dos_program = 3 * 1024 * 1024;
  f.table_sizes.assign(500, 1);
  f.sections.assign(Reader::kMaxSections + 5, ".s");
  const std::string bytes = f.bytes();
  Reader r;
  for (size_t at = 0; at < bytes.size(); at += 1400) r.feed(as_bytes(bytes).subspan(at, std::min<size_t>(1400, bytes.size() - at)));
  ASSERT_TRUE(r.sections());
  EXPECT_EQ(r.sections()->size(), Reader::kMaxSections);
  EXPECT_EQ(r.optional_header()->table_sizes.size(), OptionalHeader::kMaxTables);
  Reader stopped;
  stopped.stop();
  stopped.feed(as_bytes(bytes));
  EXPECT_FALSE(stopped.file_header());
}

TEST(Pe, Names) {
  EXPECT_EQ(machine_name(1), "unknown-1");
  EXPECT_EQ(os_name(7, 5), "unknown-7.5");
  EXPECT_EQ(subsystem_name(5), "unknown-5");
}

}  // namespace
}  // namespace sensor::pe
