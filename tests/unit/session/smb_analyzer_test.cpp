#include "src/session/smb_analyzer.h"

#include <gtest/gtest.h>

#include "smb_conversation.h"

namespace sensor {
namespace {

using namespace test;

struct Smb : SmbConversation {
  void open(uint64_t id, const std::string& name, uint64_t size = 0, uint32_t options = 0) {
    ask(5, smb2_create(name, options), smb2_created(id, size));
  }
  RowText file(size_t i = 0) {
    const auto rows = c.rows("smb_files");
    return i < rows.size() ? rows[i] : RowText{};
  }
  std::vector<std::string> actions() {
    std::vector<std::string> out;
    for (const RowText& r : c.rows("smb_files")) out.push_back(r.at("action") + " " + r.at("name"));
    return out;
  }
};
using Words = std::vector<std::string>;

TEST_F(Smb, Mapping) {
  map();
  const auto rows = c.rows("smb_mapping");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("path"), "\\\\\\\\h\\\\share");
  EXPECT_EQ(rows[0].at("share_type"), "DISK");
  EXPECT_EQ(rows[0].at("service"), "-");
}
TEST_F(Smb, AnswerOfSmb1ToARequestThatGaveItsTreeUp) {
  map();
  client(smb2_message({4, 7, kTree}, std::string("\4\0\0\0", 4)));
  server(smb1_message(0x75, smb1_tree_connected("A:", "NTFS"), 1, 7));
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "smb_tree_connect_andx_response_without_tree");
  EXPECT_EQ(c.weirds[0].addl, "current_cmd=TREE_DISCONNECT");
  EXPECT_EQ(c.rows("smb_mapping").size(), 2u);
  EXPECT_EQ(c.rows("smb_mapping")[1].at("service"), "-");
}
TEST_F(Smb, ConfirmedByTheThirdPiece) {
  map();
  EXPECT_EQ(c.confirmed, Words{});
  open(1, "a");
  EXPECT_EQ(c.confirmed, Words{"smb"});
}
TEST_F(Smb, Open) {
  map();
  const TimeNs asked = c.now_ns += kSecond;
  client(smb2_message({5, ++message_id, kTree}, smb2_create("folder\\a.txt")));
  c.now_ns += kSecond;
  server(smb2_message({5, message_id, kTree}, smb2_created(1, 300)));
  EXPECT_EQ(asked, 1'000'001 * kSecond);
  EXPECT_EQ(file().at("ts"), "1000001.000000");
  EXPECT_EQ(file().at("action"), "SMB::FILE_OPEN");
  EXPECT_EQ(file().at("path"), "\\\\\\\\h\\\\share");
  EXPECT_EQ(file().at("name"), "folder\\\\a.txt");
  EXPECT_EQ(file().at("size"), "300");
  EXPECT_EQ(file().at("times.created"), "1000.000000");
  EXPECT_EQ(file().at("times.accessed"), "1001.000000");
  EXPECT_EQ(file().at("times.modified"), "1002.000000");
  EXPECT_EQ(file().at("times.changed"), "1003.000000");
  EXPECT_EQ(file().at("fuid"), "-");
}
TEST_F(Smb, TimesOfAnyCentury) {
  map();
  const std::string answer =
      zeros(8) + zeros(8) + little_endian(INT64_MAX, 8) + smb_time(1002) + smb_time(1003) + zeros(24) + smb2_file(1) + zeros(8);
  ask(5, smb2_create("a"), answer);
  EXPECT_EQ(file().at("times.created"), "-11644473600.000000");
  EXPECT_EQ(file().at("times.accessed"), "910692730085.477539");
  EXPECT_EQ(file().at("times.modified"), "1002.000000");
}
TEST_F(Smb, ShareRootHasAName) {
  map();
  open(1, "");
  EXPECT_EQ(file().at("name"), "<share_root>");
}
TEST_F(Smb, TheSameRowIsNotWrittenAgainSoon) {
  map();
  for (int i = 0; i < 3; i++) {
    open(1, "a");
    ask(6, smb2_close(1), zeros(60));
    c.now_ns += 2 * kMinute;
  }
  EXPECT_EQ(actions().size(), 1u);
  c.now_ns += 2 * kMinute;
  open(1, "a");
  EXPECT_EQ(actions().size(), 2u);
}
TEST_F(Smb, FailuresSayNothing) {
  map();
  client(smb2_message({5, ++message_id, kTree}, smb2_create("a")));
  server(smb2_message({5, message_id, kTree, 0xc0000034}, zeros(9)));
  EXPECT_EQ(actions(), Words{});
}
TEST_F(Smb, Download) {
  map();
  open(1, "a.txt", 10);
  ask(8, smb2_read(1, 0), smb2_read_answer("hello"));
  EXPECT_EQ(c.rows("files").size(), 0u);
  ask(8, smb2_read(1, 5), smb2_read_answer("world"));
  ASSERT_EQ(c.rows("files").size(), 1u);
  const RowText f = c.rows("files")[0];
  EXPECT_EQ(f.at("source"), "SMB");
  EXPECT_EQ(f.at("filename"), "a.txt");
  EXPECT_EQ(f.at("mime_type"), "text/plain");
  EXPECT_EQ(f.at("is_orig"), "F");
  EXPECT_EQ(f.at("seen_bytes"), "10");
  EXPECT_EQ(f.at("total_bytes"), "10");
  ask(17, smb2_rename(1, "b.txt"), zeros(2));
  EXPECT_EQ(file(1).at("fuid"), f.at("fuid"));
}
TEST_F(Smb, PartsInAnyOrder) {
  map();
  open(1, "a.txt", 15);
  client(smb2_message({8, 100, kTree}, smb2_read(1, 0)));
  client(smb2_message({8, 101, kTree}, smb2_read(1, 5)));
  client(smb2_message({8, 102, kTree}, smb2_read(1, 10)));
  server(smb2_message({8, 100, kTree}, smb2_read_answer("aaaaa")));
  server(smb2_message({8, 102, kTree}, smb2_read_answer("ccccc")));
  server(smb2_message({8, 101, kTree}, smb2_read_answer("bbbbb")));
  ASSERT_EQ(c.rows("files").size(), 1u);
  EXPECT_EQ(c.rows("files")[0].at("missing_bytes"), "0");
}
TEST_F(Smb, SeveralFilesAtATime) {
  map();
  open(1, "a.txt", 10);
  open(2, "b.txt", 10);
  for (const uint64_t offset : {0, 5})
    for (const uint64_t id : {1, 2}) ask(8, smb2_read(id, offset), smb2_read_answer("text "));
  const auto rows = c.rows("files");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("filename"), "a.txt");
  EXPECT_EQ(rows[1].at("filename"), "b.txt");
  EXPECT_NE(rows[0].at("fuid"), rows[1].at("fuid"));
}
TEST_F(Smb, UploadEndsWithTheHandle) {
  map();
  open(1, "a.txt");
  ask(9, smb2_write(1, 0, "hello world"), zeros(16));
  EXPECT_EQ(c.rows("files").size(), 0u);
  ask(6, smb2_close(1), zeros(60));
  ASSERT_EQ(c.rows("files").size(), 1u);
  EXPECT_EQ(c.rows("files")[0].at("is_orig"), "T");
  EXPECT_EQ(c.rows("files")[0].at("total_bytes"), "-");
}
TEST_F(Smb, RenameAndDelete) {
  map();
  open(1, "a");
  ask(17, smb2_rename(1, "b"), zeros(2));
  ask(17, smb2_set_info(1, 13, zeros(1)), zeros(2));
  ask(17, smb2_set_info(1, 13, "\1"), zeros(2));
  open(2, "c", 0, smb2::kDeleteOnClose);
  EXPECT_EQ(actions(), (Words{"SMB::FILE_OPEN a", "SMB::FILE_RENAME b", "SMB::FILE_DELETE b", "SMB::FILE_OPEN c", "SMB::FILE_DELETE c"}));
  EXPECT_EQ(file(1).at("prev_name"), "a");
}
TEST_F(Smb, Compound) {
  map();
  client(smb2_compound({5, 10, kTree}, smb2_create("a"), {6, 11, kTree}, zeros(8) + std::string(16, '\xff')));
  server(smb2_compound({5, 10, kTree}, smb2_created(1, 0), {6, 11, kTree}, zeros(60)));
  EXPECT_EQ(actions(), Words{"SMB::FILE_OPEN a"});
  EXPECT_TRUE(c.violations.empty());
}
TEST_F(Smb, AnswersThatAreYetToCome) {
  map();
  client(smb2_message({5, ++message_id, kTree}, smb2_create("a")));
  server(smb2_message({5, message_id, 0, 0x103}, zeros(9)));
  server(smb2_message({5, message_id, kTree}, smb2_created(1, 0)));
  EXPECT_EQ(actions(), Words{"SMB::FILE_OPEN a"});
}
TEST_F(Smb, PipesAreNoFiles) {
  map("\\\\h\\IPC$", 2);
  open(1, "srvsvc");
  ask(9, smb2_write(1, 0, "bind"), zeros(16));
  ask(8, smb2_read(1, 0), smb2_read_answer("bind ack"));
  ask(6, smb2_close(1), zeros(60));
  EXPECT_EQ(actions(), Words{});
  EXPECT_EQ(c.rows("files").size(), 0u);
  EXPECT_EQ(c.rows("smb_mapping").at(0).at("share_type"), "PIPE");
}
TEST_F(Smb, PipesAreGuessedByName) {
  open(1, "srvsvc");
  ask(9, smb2_write(1, 0, "bind"), zeros(16));
  EXPECT_EQ(actions(), Words{});
  EXPECT_EQ(files.open_files(), 0u);
}
TEST_F(Smb, PrintersLogBothEnds) {
  map("\\\\h\\printer", 3);
  open(1, "job");
  ask(6, smb2_close(1), zeros(60));
  EXPECT_EQ(actions(), (Words{"SMB::PRINT_OPEN job", "SMB::PRINT_CLOSE job"}));
}
TEST_F(Smb, ThePrintedFileEndsWithOneMoreRowIfItHasNoTimes) {
  map("\\\\h\\printer", 3);
  const auto print = [&](uint64_t id, const std::string& name, uint64_t seconds) {
    ask(5, smb2_create(name), smb2_created(id, 0, seconds));
    ask(9, smb2_write(id, 0, "text"), zeros(16));
    ask(6, smb2_close(id), zeros(60));
  };
  print(1, "a", 1000);
  EXPECT_EQ(actions(), (Words{"SMB::PRINT_OPEN a", "SMB::PRINT_CLOSE a"}));
  print(2, "b", static_cast<uint64_t>(-100));  // before 1970: no times
  EXPECT_EQ(actions(), (Words{"SMB::PRINT_OPEN a", "SMB::PRINT_CLOSE a", "SMB::PRINT_OPEN b", "SMB::PRINT_CLOSE b", "SMB::PRINT_CLOSE b"}));
}
TEST_F(Smb, TreesThatAreGivenUp) {
  map();
  ask(4, zeros(4), zeros(4));
  open(1, "a");
  EXPECT_EQ(file().at("path"), "-");
}
TEST_F(Smb, TooManyUnanswered) {
  map();
  for (uint64_t i = 0; i <= SmbState::kMaxPending; i++) client(smb2_message({13, 1000 + i, kTree}, zeros(4)));
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "SMB_discarded_messages_state");
  EXPECT_EQ(c.weirds[0].addl, "state=tree fid_map=0 tid_map=1 pending_cmds=1000 pipe_map=0");
  EXPECT_EQ(c.weirds[0].source, "SMB2");
}
TEST_F(Smb, TablesHaveLimits) {
  map();
  for (uint32_t i = 1; i <= 3 * SmbState::kMaxFiles; i++) {
    client(smb2_message({8, 100000 + i, i}, smb2_read(100000 + i, 0)));
    server(smb2_message({8, 100000 + i, i, 0xc0000011}, zeros(9)));
    open(i, "file " + std::to_string(i));
  }
  EXPECT_EQ(c.rows("smb_files").size(), 3 * SmbState::kMaxFiles);
  EXPECT_TRUE(c.violations.empty());
}
TEST_F(Smb, EncryptedMessagesAreSkipped) {
  map();
  client("\xfdSMB" + zeros(48) + "secret");
  EXPECT_TRUE(c.violations.empty());
  client("\xfdSMB" + zeros(40));
  EXPECT_EQ(c.violations.size(), 1u);
}
TEST_F(Smb, Violations) {
  client(smb2_message({5, 1, kTree}, smb2_create("a").substr(0, 30)));
  EXPECT_EQ(c.violations.size(), 1u);
  client(smb2_message({5, 1, kTree}, smb2_create("a"), 5));
  EXPECT_EQ(c.violations.size(), 2u);
  client(smb1_message(0x04, smb1_close(1).substr(0, 5)));
  EXPECT_EQ(c.violations.size(), 3u);
}
TEST_F(Smb, GoesOnAfterAGap) {
  map();
  analyzer.on_data(c, Direction::Resp, as_bytes(smb_frame(smb2_message({8, 9, kTree}, smb2_read_answer("text"))).substr(0, 80)));
  analyzer.on_gap(c, Direction::Resp, 10);
  open(1, "a");
  EXPECT_EQ(c.violations.size(), 1u) << "the rest of the message";
  open(2, "b");
  EXPECT_EQ(actions(), Words{"SMB::FILE_OPEN b"});
}
TEST_F(Smb, LongNamesAreCutOff) {
  map(std::string(20000, 's'));
  open(1, std::string(30000, 'n'));
  EXPECT_EQ(file().at("name").size(), SmbAnalyzer::kMaxName / 2);
  EXPECT_EQ(file().at("path").size(), SmbAnalyzer::kMaxName / 2);
}

struct SmbVersion1 : Smb {
  static constexpr uint8_t kClose = 0x04, kRead = 0x2e, kWrite = 0x2f, kLogoff = 0x74, kTreeConnect = 0x75, kCreate = 0xa2;

  void map(const std::string& service = "A:") {
    client(smb1_message(kTreeConnect, smb1_tree_connect("\\\\h\\share"), 0));
    server(smb1_message(kTreeConnect, smb1_tree_connected(service, "NTFS"), 1));
  }
  void open(uint16_t id, const std::string& name, uint64_t size = 0) {
    client(smb1_message(kCreate, smb1_create(name)));
    server(smb1_message(kCreate, smb1_created(id, size)));
  }
};

TEST_F(SmbVersion1, Mapping) {
  map();
  const auto rows = c.rows("smb_mapping");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("path"), "\\\\\\\\h\\\\share");
  EXPECT_EQ(rows[0].at("service"), "A:");
  EXPECT_EQ(rows[0].at("native_file_system"), "NTFS");
  EXPECT_EQ(rows[0].at("share_type"), "DISK");
}
TEST_F(SmbVersion1, Download) {
  map();
  open(3, "\\a.txt", 10);
  EXPECT_EQ(file().at("name"), "\\\\a.txt");
  EXPECT_EQ(file().at("path"), "-");
  client(smb1_message(kRead, smb1_read(3, 0)));
  server(smb1_message(kRead, smb1_read_answer("hello")));
  client(smb1_message(kRead, smb1_read(3, 5)));
  server(smb1_message(kRead, smb1_read_answer("world")));
  ASSERT_EQ(c.rows("files").size(), 1u);
  EXPECT_EQ(c.rows("files")[0].at("seen_bytes"), "10");
  EXPECT_EQ(c.rows("files")[0].at("is_orig"), "F");
}
TEST_F(SmbVersion1, Upload) {
  map();
  open(3, "\\a.txt");
  client(smb1_message(kWrite, smb1_write(3, 0, "hello world")));
  client(smb1_message(kClose, smb1_close(3)));
  ASSERT_EQ(c.rows("files").size(), 1u);
  EXPECT_EQ(c.rows("files")[0].at("is_orig"), "T");
}
TEST_F(SmbVersion1, PipesAreNoFiles) {
  map("IPC");
  open(3, "\\srvsvc");
  client(smb1_message(kWrite, smb1_write(3, 0, "bind")));
  EXPECT_EQ(c.rows("smb_mapping").at(0).at("share_type"), "PIPE");
  EXPECT_EQ(files.open_files(), 0u);
}
TEST_F(SmbVersion1, ChainsThatDoNotAdvance) {
  client(smb1_message(kLogoff, smb1_block(smb1_andx(kLogoff, 0), {})));
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "smb_andx_offset_not_advancing");
  EXPECT_EQ(c.weirds[0].source, "SMB");
  EXPECT_EQ(c.history, "X");
  EXPECT_TRUE(c.violations.empty());
}
TEST_F(SmbVersion1, ChainsThatAreTooLong) {
  std::string blocks;
  for (uint16_t i = 1; i <= 20; i++) blocks += smb1_block(smb1_andx(kLogoff, 32 + i * 7), {});
  client(smb1_message(kLogoff, blocks));
  ASSERT_EQ(c.weirds.size(), 2u);
  EXPECT_EQ(c.weirds[0].name, "smb_andx_depth_exceeded");
  EXPECT_EQ(c.weirds[1].name, "smb_andx_depth_exceeded");
  EXPECT_EQ(c.history, "X");
}
TEST_F(SmbVersion1, OfAChainTheLastComesFirst) {
  map();
  const std::string create = smb1_create("\\a", smb1_andx(kRead, 32 + smb1_create("\\a").size()));
  client(smb1_message(kCreate, create + smb1_read(0xffff, 0)));
  server(smb1_message(kCreate, smb1_created(3, 5)));
  EXPECT_EQ(file().at("path"), "-") << "the read is not about the file that is opened";
}
TEST_F(SmbVersion1, NothingOfAChainThatIsCutShort) {
  const std::string tree = smb1_tree_connect("\\\\h\\share", smb1_andx(kCreate, 32 + smb1_tree_connect("\\\\h\\share").size()));
  client(smb1_message(kTreeConnect, tree + smb1_create("\\a").substr(0, 20)));
  EXPECT_EQ(c.violations.size(), 1u);
  server(smb1_message(kTreeConnect, smb1_tree_connected("A:", ""), 1));
  EXPECT_EQ(c.rows("smb_mapping").at(0).at("path"), "-");
}
TEST_F(SmbVersion1, AnswersNobodyAskedFor) {
  server(smb1_message(kTreeConnect, smb1_tree_connected("A:", ""), 1));
  server(smb1_message(kRead, smb1_read_answer("text")));
  server(smb1_message(kCreate, smb1_created(3, 5)));
  EXPECT_EQ(c.rows("smb_mapping").size(), 1u);
  EXPECT_EQ(actions(), Words{});
}

TEST(SmbProbe, EitherSide) {
  const std::string m = smb_frame("\xfeSMB");
  EXPECT_EQ(probe_smb({as_bytes(m), {}}), Probe::Certain);
  EXPECT_EQ(probe_smb({{}, as_bytes(m)}), Probe::Certain);
  EXPECT_EQ(probe_smb({{}, {}}), Probe::Unsure);
  EXPECT_EQ(probe_smb({as_bytes("GET / HTTP"), as_bytes("HTTP/1.1 200")}), Probe::NotForUs);
}

}  // namespace
}  // namespace sensor
