#include "sensor/session/file_analysis.h"

#include <gtest/gtest.h>

#include <map>

#include "fake_context.h"
#include "pe_files.h"
#include "src/session/file_tap.h"

namespace sensor {
namespace {

struct Files : testing::Test {
  FakeContext c;
  FileAnalysis files;

  FileMeta meta(uint64_t n = 1) { return {.fuid = FileAnalysis::fuid(c.header.uid, "TEST", n, false), .source = "TEST"}; }
  RowText row(size_t i = 0) { return c.rows("files").at(i); }
};

/// Keeps what it takes.
struct MemorySink : FileSink {
  std::map<std::string, std::string> copies;
  uint64_t pieces = 0;
  bool admits = true, takes = true;

  bool admit(TimeNs) override { return admits; }
  bool take(FilePiece piece) override {
    if (!takes) return false;
    EXPECT_EQ(piece.first, !copies.contains(piece.name));
    std::string& copy = copies[piece.name];
    EXPECT_LE(copy.size(), piece.offset);
    copy.resize(piece.offset);
    copy += piece.bytes;
    pieces++;
    return true;
  }
};

struct TappedFiles : testing::Test {
  FakeContext c;
  MemorySink sink;

  FileMeta meta() { return {.fuid = FileAnalysis::fuid(c.header.uid, "A/../B", 1, false), .source = "A/../B"}; }
  RowText row() { return c.rows("files").at(0); }
  std::string copy() { return sink.copies.empty() ? "none" : sink.copies.begin()->second; }
};

TEST_F(TappedFiles, HashedOnRequest) {
  FileAnalysis files(FileConfig{.md5 = true, .sha1 = true, .sha256 = true});
  const FileHandle f = files.open(c, meta()).handle;
  files.data_at(c, f, 1, as_bytes("bc"));
  files.data_at(c, f, 0, as_bytes("a"));
  files.close(c, f);
  EXPECT_EQ(row().at("analyzers"), "MD5,SHA1,SHA256");
  EXPECT_EQ(row().at("md5"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(row().at("sha1"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(row().at("sha256"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(row().at("extracted"), "-");
}

TEST_F(TappedFiles, NoHashWhereBytesAreMissingOrThereAreNone) {
  FileAnalysis files(FileConfig{.sha256 = true});
  const FileHandle f = files.open(c, meta()).handle;
  files.data(c, f, as_bytes("abc"));
  files.gap(c, f, 3, 10);
  files.close(c, f);
  EXPECT_EQ(row().at("sha256"), "-");
  files.close(c, files.open(c, meta()).handle);
  EXPECT_EQ(c.rows("files").at(1).at("sha256"), "-");
}

TEST_F(TappedFiles, KeptWithZerosForWhatIsMissing) {
  FileAnalysis files(FileConfig{.sink = &sink});
  const FileHandle f = files.open(c, meta()).handle;
  files.data(c, f, as_bytes("abc"));
  files.gap(c, f, 3, 2);
  files.data_at(c, f, 5, as_bytes("fg"));
  files.close(c, f);
  EXPECT_EQ(copy(), std::string("abc\0\0fg", 7));
  EXPECT_EQ(row().at("analyzers"), "EXTRACT");
  EXPECT_EQ(row().at("extracted"), sink.copies.begin()->first);
  EXPECT_EQ(row().at("extracted_cutoff"), "F");
  EXPECT_EQ(row().at("extracted_size"), "-");
  EXPECT_EQ(row().at("extracted"), "extract-1000000.000000-A_.._B-" + row().at("fuid"));
}

TEST_F(TappedFiles, CutOffAtTheSizeLimit) {
  FileAnalysis files(FileConfig{.sink = &sink, .extract_max_bytes = 5});
  const FileHandle f = files.open(c, meta()).handle;
  for (const char* piece : {"abc", "de", "f", "ghi"}) files.data(c, f, as_bytes(piece));
  files.close(c, f);
  EXPECT_EQ(copy(), "abcde");
  EXPECT_EQ(row().at("seen_bytes"), "9");
  EXPECT_EQ(row().at("extracted_cutoff"), "T");
  EXPECT_EQ(row().at("extracted_size"), "5");
}

TEST_F(TappedFiles, AHoleBeyondTheLimitCutsOff) {
  FileAnalysis files(FileConfig{.sink = &sink, .extract_max_bytes = 5});
  const FileHandle f = files.open(c, meta()).handle;
  files.data(c, f, as_bytes("abc"));
  files.gap(c, f, 3, uint64_t{1} << 60);
  files.data(c, f, as_bytes("x"));
  files.close(c, f);
  EXPECT_EQ(copy(), "abc");
  EXPECT_EQ(row().at("extracted_cutoff"), "T");
}

TEST_F(TappedFiles, WhatTheSinkDoesNotTakeEndsTheCopy) {
  FileAnalysis files(FileConfig{.sink = &sink});
  const FileHandle f = files.open(c, meta()).handle;
  const std::string piece(FileTap::kPieceBytes, 'x');
  files.data(c, f, as_bytes(piece));
  sink.takes = false;
  files.data(c, f, as_bytes(piece));
  sink.takes = true;
  files.data(c, f, as_bytes(piece));
  files.close(c, f);
  EXPECT_EQ(sink.pieces, 1u);
  EXPECT_EQ(row().at("extracted_cutoff"), "T");
  EXPECT_EQ(row().at("extracted_size"), std::to_string(piece.size()));
}

TEST_F(TappedFiles, FilesThatAreNotAdmittedAreOnlyLogged) {
  FileAnalysis files(FileConfig{.sink = &sink});
  sink.admits = false;
  const FileHandle f = files.open(c, meta()).handle;
  files.data(c, f, as_bytes("abc"));
  files.close(c, f);
  EXPECT_TRUE(sink.copies.empty());
  EXPECT_EQ(row().at("analyzers"), "(empty)");
  EXPECT_EQ(row().at("extracted"), "-");
}

TEST_F(TappedFiles, WhatManyFilesHoldBackIsBounded) {
  FileAnalysis files(FileConfig{.sink = &sink});
  const std::string piece(60'000, 'x');
  const size_t n = HeldBytes::kMax / piece.size() + 10;
  for (uint64_t i = 0; i < n; i++)
    files.data(c, files.open(c, {.fuid = FileAnalysis::fuid(c.header.uid, "T", i, false), .source = "T"}).handle, as_bytes(piece));
  EXPECT_EQ(sink.pieces, 10u);
  files.finish(c.records(), c.now_ns);
  EXPECT_EQ(sink.pieces, n);
}

TEST_F(Files, TypedAndClosed) {
  const auto opened = files.open(c, meta());
  EXPECT_TRUE(opened.over_new_connection);
  EXPECT_TRUE(files.data(c, opened.handle, as_bytes("%PDF-")).mime_type.empty());
  c.now_ns += kSecond;
  files.data(c, opened.handle, as_bytes("1.5"));
  const auto u = files.close(c, opened.handle);
  EXPECT_EQ(u.mime_type, "application/pdf");
  EXPECT_TRUE(u.closed);
  EXPECT_FALSE(files.alive(opened.handle));
  EXPECT_EQ(row().at("duration"), "1.000000");
  EXPECT_EQ(row().at("seen_bytes"), "8");
  EXPECT_EQ(row().at("total_bytes"), "-");
  EXPECT_EQ(row().at("analyzers"), "(empty)");
  EXPECT_EQ(files.open_files(), 0u);
}

TEST_F(Files, CompleteAtItsTotalSize) {
  const FileHandle f = files.open(c, meta()).handle;
  files.set_total(c, f, 4);
  EXPECT_FALSE(files.data(c, f, as_bytes("MZ")).closed);
  EXPECT_TRUE(files.data(c, f, as_bytes("..")).closed);
  EXPECT_EQ(row().at("analyzers"), "PE");
}

TEST_F(Files, HeadersOfExecutables) {
  test::PeFile pe;
  pe.dos_program = 6000;  // the headers come after the type is known
  pe.table_sizes[1] = 5;
  const std::string bytes = pe.bytes();
  const FileHandle f = files.open(c, meta()).handle;
  files.data_at(c, f, 4000, as_bytes(bytes).subspan(4000));
  files.data_at(c, f, 0, as_bytes(bytes).first(4000));
  c.now_ns += kSecond;
  EXPECT_TRUE(c.rows("pe").empty());
  files.close(c, f);
  const RowText r = c.rows("pe").at(0);
  EXPECT_EQ(r.at("ts"), "1000000.000000");
  EXPECT_EQ(r.at("id"), row().at("fuid"));
  EXPECT_EQ(r.at("machine") + " " + r.at("compile_ts") + " " + r.at("os"), "AMD64 1600000000.000000 Windows 7 or Server 2008 R2");
  EXPECT_EQ(r.at("subsystem") + " " + r.at("is_exe") + r.at("is_64bit"), "WINDOWS_CUI TT");
  EXPECT_EQ(r.at("uses_aslr") + r.at("uses_dep") + r.at("uses_code_integrity") + r.at("uses_seh"), "TTFT");
  EXPECT_EQ(r.at("has_import_table") + r.at("has_export_table") + r.at("has_cert_table") + r.at("has_debug_data"), "TFFF");
  EXPECT_EQ(r.at("section_names"), ".text,.rdata");
}

TEST_F(Files, HeadersBehindAHoleAreNotRead) {
  const std::string bytes = test::PeFile{}.bytes();
  const FileHandle f = files.open(c, meta()).handle;
  files.data(c, f, as_bytes(bytes).first(170));
  files.gap(c, f, 170, 10);
  files.data(c, f, as_bytes(bytes).subspan(180));
  files.close(c, f);
  const RowText r = c.rows("pe").at(0);
  EXPECT_EQ(r.at("machine") + r.at("os") + r.at("section_names"), "AMD64--");
  const FileHandle g = files.open(c, meta(2)).handle;
  files.data(c, g, as_bytes(bytes).first(100));
  files.close(c, g);
  EXPECT_EQ(c.rows("pe").size(), 1u);
}

TEST_F(Files, TypeIsFoundOnceTheBeginningIsFull) {
  const FileHandle f = files.open(c, meta()).handle;
  const std::string text(4095, 'a');
  EXPECT_TRUE(files.data(c, f, as_bytes(text)).mime_type.empty());
  EXPECT_EQ(files.data(c, f, as_bytes("bc")).mime_type, "text/plain");
  EXPECT_EQ(files.mime_type(f), "text/plain");
  EXPECT_TRUE(files.data(c, f, as_bytes("d")).mime_type.empty());
}

TEST_F(Files, OutOfOrderPiecesAreJoined) {
  const FileHandle f = files.open(c, meta()).handle;
  files.set_total(c, f, 9);
  files.data_at(c, f, 6, as_bytes("789"));
  files.data_at(c, f, 2, as_bytes("3456"));
  EXPECT_TRUE(files.data_at(c, f, 0, as_bytes("123456789")).closed);
  EXPECT_EQ(row().at("seen_bytes"), "9");
  EXPECT_EQ(row().at("missing_bytes"), "0");
}

TEST_F(Files, HolesAreMissingBytes) {
  const FileHandle f = files.open(c, meta()).handle;
  files.data_at(c, f, 0, as_bytes("abc"));
  files.data_at(c, f, 10, as_bytes("xyz"));
  files.close(c, f);
  EXPECT_EQ(row().at("seen_bytes"), "6");
  EXPECT_EQ(row().at("missing_bytes"), "7");
}

TEST_F(Files, ReassemblyIsLimited) {
  const FileHandle f = files.open(c, meta()).handle;
  const std::string block(100'000, 'x');
  for (uint64_t i = 0; i < 20; i++) files.data_at(c, f, 10 + i * 200'000, as_bytes(block));
  files.close(c, f);
  EXPECT_EQ(row().at("seen_bytes"), "2000000");
  EXPECT_NE(row().at("overflow_bytes"), "0");
}

TEST_F(Files, GapSniffsWhatIsThere) {
  const FileHandle f = files.open(c, meta()).handle;
  files.data(c, f, as_bytes("GIF89a"));
  EXPECT_EQ(files.gap(c, f, 6, 100).mime_type, "image/gif");
  files.close(c, f);
  EXPECT_EQ(row().at("missing_bytes"), "100");
}

TEST_F(Files, IdleFilesAreGivenUpByAPacket) {
  const FileHandle f = files.open(c, meta()).handle;
  const auto burst = [&](std::vector<TimeNs> seconds) {
    for (TimeNs& t : seconds) t = c.header.ts.ns + t * kSecond;
    files.begin_burst(seconds);
    files.advance(c.records(), seconds.back());
    files.begin_burst({});
  };
  c.now_ns += 100 * kSecond;
  files.data(c, f, as_bytes("x"));
  burst({110, 119, 130, 219});  // looked at 130, to be looked at 250
  EXPECT_TRUE(files.alive(f));
  burst({249});
  EXPECT_TRUE(files.alive(f));
  burst({300, 1000});
  EXPECT_FALSE(files.alive(f));
  ASSERT_EQ(c.catcher.all().size(), 1u);
  EXPECT_EQ(c.catcher.all()[0].due_ns, c.header.ts.ns + 300 * kSecond);
  EXPECT_EQ(row().at("timedout"), "T");
}

TEST_F(Files, APacketGivesAFileUpBeforeItGoesOn) {
  const FileHandle f = files.open(c, meta()).handle;
  c.now_ns += 30 * kSecond;
  files.data(c, f, as_bytes("x"));
  c.now_ns += 125 * kSecond;
  const TimeNs clocks[] = {c.now_ns};
  files.begin_burst(clocks);
  EXPECT_FALSE(files.data(c, f, as_bytes("y")).closed);
  EXPECT_FALSE(files.alive(f));
  EXPECT_EQ(row().at("seen_bytes"), "1");
}

TEST_F(Files, OneRowPerConnection) {
  files.open(c, meta());
  c.header.uid = {2, 2, 'C'};
  FileMeta same = meta();
  same.fuid = FileAnalysis::fuid({1, 1, 'C'}, "TEST", 1, false);
  const auto second = files.open(c, same);
  EXPECT_TRUE(second.over_new_connection);
  EXPECT_FALSE(files.open(c, same).over_new_connection);
  files.finish(c.records(), c.now_ns);
  ASSERT_EQ(c.rows("files").size(), 2u);
  EXPECT_EQ(row(0).at("fuid"), row(1).at("fuid"));
  EXPECT_NE(row(0).at("uid"), row(1).at("uid"));
}

TEST_F(Files, CertificatesHaveNoRow) {
  FileMeta m = meta();
  m.mime_type = "application/x-x509-user-cert";
  const FileHandle f = files.open(c, m).handle;
  EXPECT_EQ(files.data(c, f, as_bytes("0\x82")).mime_type, "application/x-x509-user-cert");
  files.close(c, f);
  EXPECT_TRUE(c.rows("files").empty());
}

TEST_F(Files, StaleHandlesDoNothing) {
  const FileHandle f = files.open(c, meta()).handle;
  files.close(c, f);
  EXPECT_FALSE(files.data(c, f, as_bytes("x")).closed);
  const FileHandle g = files.open(c, meta()).handle;
  EXPECT_NE(f, g);
  EXPECT_FALSE(files.alive(f));
  EXPECT_EQ(c.rows("files").size(), 1u);
}

TEST_F(Files, IdsDependOnEveryPart) {
  const Uid a = FileAnalysis::fuid({1, 1, 'C'}, "HTTP", 1, false);
  EXPECT_EQ(a, FileAnalysis::fuid({1, 1, 'C'}, "HTTP", 1, false));
  EXPECT_NE(a, FileAnalysis::fuid({1, 1, 'C'}, "HTTP", 2, false));
  EXPECT_NE(a, FileAnalysis::fuid({1, 1, 'C'}, "HTTP", 1, true));
  EXPECT_NE(a, FileAnalysis::fuid({1, 1, 'C'}, "SMTP", 1, false));
  EXPECT_NE(a, FileAnalysis::fuid({1, 2, 'C'}, "HTTP", 1, false));
}

}  // namespace
}  // namespace sensor
