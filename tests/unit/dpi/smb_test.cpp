#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "dpi/smb/frames.h"
#include "dpi/smb/smb1.h"
#include "dpi/smb/smb2.h"
#include "sensor/base/utf16.h"
#include "smb_messages.h"

namespace sensor {
namespace {

using namespace test;

TEST(Utf16, AllLengths) {
  EXPECT_EQ(utf16le_to_utf8(as_bytes(std::string("a\0\xe9\0\xac\x20\x3d\xd8\x00\xde", 10))), "a\u00e9\u20ac\U0001F600");
}
TEST(Utf16, EndsAtAZero) {
  EXPECT_EQ(utf16le_to_utf8(as_bytes(std::string("a\0\0\0b\0", 6))), "a");
}
TEST(Utf16, HalvesAreKept) {
  EXPECT_EQ(utf16le_to_utf8(as_bytes(std::string("\x3d\xd8\x61\0", 4))), "\xed\xa0\xbd\x61");
  EXPECT_EQ(utf16le_to_utf8(as_bytes("\x3d\xd8")), "\xed\xa0\xbd");
  EXPECT_EQ(utf16le_to_utf8(as_bytes(std::string("b\0c", 3))), "bc");
  EXPECT_EQ(utf16le_to_utf8({}), "");
}

std::vector<std::string> messages(smb::Frames& frames, bool from_client, const std::string& piece) {
  std::vector<std::string> out;
  if (!frames.add(from_client, as_bytes(piece))) return {"skipped"};
  while (const auto m = frames.next(from_client)) out.emplace_back(as_chars(*m));
  return out;
}
using Messages = std::vector<std::string>;
const std::string kOne = "\xfeSMBone", kTwo = "\xffSMBtwo";

TEST(SmbFrames, AnyCuts) {
  const std::string stream = smb_frame(kOne) + smb_frame("", '\x85') + smb_frame(kTwo);
  for (size_t cut = 8; cut <= stream.size(); cut++) {
    smb::Frames frames;
    Messages all = messages(frames, true, stream.substr(0, cut));
    for (const std::string& m : messages(frames, true, stream.substr(cut))) all.push_back(m);
    EXPECT_EQ(all, (Messages{kOne, kTwo})) << cut;
  }
}
TEST(SmbFrames, LargeInManyPieces) {
  const std::string large = kOne + std::string(300'000, 'x');
  const std::string stream = smb_frame(large) + smb_frame(kTwo) + smb_frame(large);
  for (const size_t size : {1000, 1448, 70'000}) {
    smb::Frames frames;
    Messages all;
    for (size_t at = 0; at < stream.size(); at += size)
      for (std::string& m : messages(frames, true, stream.substr(at, size))) all.push_back(std::move(m));
    EXPECT_EQ(all, (Messages{large, kTwo, large})) << size;
  }
}
TEST(SmbFrames, DirectionsAreApart) {
  smb::Frames frames;
  const std::string one = smb_frame(kOne), two = smb_frame(kTwo);
  EXPECT_EQ(messages(frames, true, one.substr(0, 9)), Messages{});
  EXPECT_EQ(messages(frames, false, two), Messages{kTwo});
  EXPECT_EQ(messages(frames, true, one.substr(9)), Messages{kOne});
}
TEST(SmbFrames, BeginsWithAMessage) {
  smb::Frames frames;
  EXPECT_EQ(messages(frames, true, smb_frame("called and calling", '\x81')), Messages{"skipped"});
  EXPECT_EQ(messages(frames, true, smb_frame("\xfdSMB")), Messages{"skipped"});
  EXPECT_EQ(messages(frames, true, smb_frame(kOne).substr(0, 7)), Messages{"skipped"});
  EXPECT_EQ(messages(frames, true, smb_frame(kOne)), Messages{kOne});
  EXPECT_EQ(messages(frames, true, smb_frame("\xfdSMB")), Messages{"\xfdSMB"});
}
TEST(SmbFrames, AfterAGap) {
  smb::Frames frames;
  EXPECT_EQ(messages(frames, true, smb_frame(kOne).substr(0, 10)), Messages{});
  frames.resync();
  EXPECT_EQ(messages(frames, true, "rest"), Messages{"skipped"});
  EXPECT_EQ(messages(frames, false, smb_frame(kTwo)), Messages{kTwo});
  EXPECT_EQ(messages(frames, true, smb_frame(kOne)), Messages{}) << "the piece after a frame that was cut off is lost with it";
  EXPECT_TRUE(frames.malformed());
  frames.give_up(true);
  EXPECT_EQ(messages(frames, true, smb_frame(kTwo)), Messages{kTwo});
}
TEST(SmbFrames, AGapBetweenFrames) {
  smb::Frames frames;
  EXPECT_EQ(messages(frames, true, smb_frame(kOne)), Messages{kOne});
  frames.resync();
  EXPECT_EQ(messages(frames, true, smb_frame(kTwo)), Messages{kTwo});
}
TEST(SmbFrames, TooLong) {
  smb::Frames frames;
  EXPECT_EQ(messages(frames, true, smb_frame(kOne) + std::string("\0\xa0\0\1", 4)), Messages{kOne});
  EXPECT_TRUE(frames.malformed());
}
TEST(SmbFrames, Probe) {
  EXPECT_EQ(smb::begins_with_message(as_bytes(smb_frame(kOne))), smb::Match::Yes);
  EXPECT_EQ(smb::begins_with_message(as_bytes(smb_frame(kTwo))), smb::Match::Yes);
  EXPECT_EQ(smb::begins_with_message(as_bytes(smb_frame(kOne).substr(0, 6))), smb::Match::Unsure);
  EXPECT_EQ(smb::begins_with_message({}), smb::Match::Unsure);
  EXPECT_EQ(smb::begins_with_message(as_bytes("GET / HTTP/1.0")), smb::Match::No);
  EXPECT_EQ(smb::begins_with_message(as_bytes(smb_frame("\xfeSNMP"))), smb::Match::No);
}

TEST(Smb, Protocols) {
  EXPECT_EQ(smb::protocol(as_bytes("\xffSMB")), smb::Protocol::Smb1);
  EXPECT_EQ(smb::protocol(as_bytes("\xfeSMB")), smb::Protocol::Smb2);
  EXPECT_EQ(smb::protocol(as_bytes("\xfdSMB")), smb::Protocol::Encrypted);
  EXPECT_EQ(smb::protocol(as_bytes("\xfcSMB")), smb::Protocol::Other);
  EXPECT_EQ(smb::protocol(as_bytes("\xffSM")), smb::Protocol::Other);
  EXPECT_TRUE(smb::has_transform_header(as_bytes(zeros(52))));
  EXPECT_FALSE(smb::has_transform_header(as_bytes(zeros(51))));
}

/// A message whose header and body can be read, or nothing.
/// What is read of a message views it, so messages are kept until the program ends.
const std::string& keep(const std::string& message) {
  static std::deque<std::string> all;
  return all.emplace_back(message);
}

std::optional<smb2::Body> read2(const std::string& text, bool from_client) {
  const std::string& message = keep(text);
  smb2::Header h;
  smb2::Body body;
  ByteReader r(as_bytes(message));
  if (!smb2::read_header(r, h) || !smb2::read_body(h, as_bytes(message), from_client, body)) return std::nullopt;
  return body;
}
/// The body, which must be of this kind. Every truncation of the message must be refused.
template <class T>
T whole2(const std::string& message, bool from_client, size_t minimum = 0) {
  const auto body = read2(message, from_client);
  EXPECT_TRUE(body.has_value());
  for (size_t n = minimum; n < message.size(); n++) EXPECT_FALSE(read2(message.substr(0, n), from_client)) << n;
  const T* out = body ? std::get_if<T>(&*body) : nullptr;
  EXPECT_NE(out, nullptr);
  return out == nullptr ? T{} : *out;
}
const smb2::FileId kFile{7, 8};

TEST(Smb2, Header) {
  const std::string message = smb2_message({.command = 3, .message_id = 0x102, .tree_id = 5, .status = 0xc0000016}, {}, 72);
  smb2::Header h;
  ByteReader r(as_bytes(message));
  ASSERT_TRUE(smb2::read_header(r, h));
  EXPECT_EQ(h.command, smb2::Command::TreeConnect);
  EXPECT_EQ(h.message_id, 0x102u);
  EXPECT_EQ(h.tree_id, 5u);
  EXPECT_EQ(h.status, 0xc0000016u);
  EXPECT_EQ(h.next, 72u);
  EXPECT_EQ(r.position(), smb2::Header::kSize);
}
TEST(Smb2, SecurityBlobs) {
  EXPECT_EQ(as_chars(whole2<smb2::SecurityBlob>(smb2_message({.command = 1}, smb2_session_setup("token")), true).token), "token");
  const std::string answer = zeros(4) + little_endian(64 + 8, 2) + little_endian(3, 2) + "abc";
  EXPECT_EQ(as_chars(whole2<smb2::SecurityBlob>(smb2_message({.command = 1, .status = 0xc0000016}, answer), false).token), "abc");
  const std::string negotiated = zeros(56) + little_endian(64 + 64, 2) + little_endian(4, 2) + zeros(4) + "spne";
  EXPECT_EQ(as_chars(whole2<smb2::SecurityBlob>(smb2_message({.command = 0}, negotiated), false).token), "spne");
}
TEST(Smb2, Trees) {
  EXPECT_EQ(as_chars(whole2<smb2::TreeConnectRequest>(smb2_message({.command = 3}, smb2_tree_connect("\\\\h\\s")), true).path),
            utf16("\\\\h\\s"));
  EXPECT_EQ(whole2<smb2::TreeConnectResponse>(smb2_message({.command = 3}, smb2_tree_connected(2)), false).share_type, 2);
  whole2<smb2::TreeDisconnectRequest>(smb2_message({.command = 4}, zeros(4)), true);
}
TEST(Smb2, Create) {
  const auto request = whole2<smb2::CreateRequest>(smb2_message({.command = 5}, smb2_create("a.txt", 0x1040)), true);
  EXPECT_EQ(as_chars(request.name), utf16("a.txt"));
  EXPECT_EQ(request.options, 0x1040u);
  const auto response = whole2<smb2::CreateResponse>(smb2_message({.command = 5}, smb2_created(7, 300, 0)), false);
  EXPECT_EQ(response.file, kFile);
  EXPECT_EQ(response.size, 300u);
  constexpr smb::FileTime k1970 = 116444736000000000, kSecondIn = 10'000'000;
  EXPECT_EQ(response.times, (smb::FileTimes{k1970, k1970 + kSecondIn, k1970 + 2 * kSecondIn, k1970 + 3 * kSecondIn}));
}
TEST(Smb2, ReadAndWrite) {
  const auto request = whole2<smb2::ReadRequest>(smb2_message({.command = 8}, smb2_read(7, 1000)).substr(0, 64 + 32), true);
  EXPECT_EQ(request.file, kFile);
  EXPECT_EQ(request.offset, 1000u);
  EXPECT_EQ(as_chars(whole2<smb2::ReadResponse>(smb2_message({.command = 8}, smb2_read_answer("content")), false).data), "content");
  const auto write = whole2<smb2::WriteRequest>(smb2_message({.command = 9}, smb2_write(7, 2000, "text")), true);
  EXPECT_EQ(write.file, kFile);
  EXPECT_EQ(write.offset, 2000u);
  EXPECT_EQ(as_chars(write.data), "text");
  EXPECT_EQ(whole2<smb2::CloseRequest>(smb2_message({.command = 6}, smb2_close(7)), true).file, kFile);
}
TEST(Smb2, Ioctl) {
  const auto request = whole2<smb2::IoctlRequest>(smb2_message({.command = 11}, smb2_ioctl(7, smb2::kPipeTransceive, "bind")), true);
  EXPECT_EQ(request.file, kFile);
  EXPECT_EQ(request.code, smb2::kPipeTransceive);
  EXPECT_EQ(as_chars(request.input), "bind");
  const auto answer = whole2<smb2::IoctlResponse>(smb2_message({.command = 11}, smb2_ioctl_answer(smb2::kPipeTransceive, "ack")), false);
  EXPECT_EQ(answer.code, smb2::kPipeTransceive);
  EXPECT_EQ(as_chars(answer.output), "ack");
}
TEST(Smb2, SetInfo) {
  EXPECT_EQ(whole2<smb2::SetAttributesRequest>(smb2_message({.command = 17}, smb2_set_info(7, 4, zeros(36))), true).file, kFile);
  EXPECT_EQ(as_chars(whole2<smb2::RenameRequest>(smb2_message({.command = 17}, smb2_rename(7, "b")), true).name), utf16("b"));
  EXPECT_TRUE(whole2<smb2::DeleteRequest>(smb2_message({.command = 17}, smb2_set_info(7, 13, "\1")), true).pending);
  EXPECT_FALSE(whole2<smb2::DeleteRequest>(smb2_message({.command = 17}, smb2_set_info(7, 13, zeros(1))), true).pending);
  EXPECT_FALSE(read2(smb2_message({.command = 17}, smb2_set_info(7, 4, zeros(35))), true)) << "the information is cut short";
  whole2<std::monostate>(smb2_message({.command = 17}, smb2_set_info(7, 20, zeros(8))), true);
}
TEST(Smb2, ErrorsComeInsteadOfAnswers) {
  EXPECT_TRUE(std::holds_alternative<std::monostate>(*read2(smb2_message({.command = 5, .status = 0xc0000034}, zeros(9)), false)));
  smb2::Header h;
  const auto error = [&](smb2::Command command, uint32_t status) {
    h.command = command;
    h.status = status;
    return smb2::is_error(h);
  };
  EXPECT_FALSE(error(smb2::Command::Read, 0));
  EXPECT_FALSE(error(smb2::Command::Read, smb::kStatusBufferOverflow));
  EXPECT_TRUE(error(smb2::Command::Create, smb::kStatusBufferOverflow));
  EXPECT_FALSE(error(smb2::Command::SessionSetup, smb::kStatusMoreProcessingRequired));
  EXPECT_TRUE(error(smb2::Command::Read, smb::kStatusMoreProcessingRequired));
  EXPECT_FALSE(error(smb2::Command::Ioctl, smb::kStatusInvalidParameter));
  EXPECT_TRUE(error(smb2::Command::Write, smb::kStatusInvalidParameter));
  EXPECT_FALSE(error(smb2::Command::ChangeNotify, smb::kStatusNotifyEnumDir));
  EXPECT_TRUE(error(smb2::Command::Read, smb::kStatusPending));
}

smb1::Message read1(const std::string& text, bool from_client) {
  const std::string& message = keep(text);
  smb1::Message m;
  EXPECT_TRUE(smb1::read_message(as_bytes(message), from_client, m));
  return m;
}
/// The only command of a message. Truncations up to `least` bytes are refused.
template <class T>
T whole1(const std::string& message, bool from_client, size_t least) {
  smb1::Message m;
  for (size_t n = 0; n < message.size(); n++) {
    const bool read = smb1::read_message(as_bytes(message).first(n), from_client, m);
    EXPECT_EQ(read, n >= smb1::Header::kSize) << n;
    EXPECT_FALSE(read && n < least && !m.commands.empty()) << n;
  }
  m = read1(message, from_client);
  EXPECT_EQ(m.end, smb1::ChainEnd::Complete);
  const T* out = m.commands.size() == 1 ? std::get_if<T>(m.commands.data()) : nullptr;
  EXPECT_NE(out, nullptr);
  return out == nullptr ? T{} : *out;
}
constexpr uint8_t kClose = 0x04, kTransaction = 0x25, kRead = 0x2e, kWrite = 0x2f, kNegotiate = 0x72, kSessionSetup = 0x73, kLogoff = 0x74,
                  kTreeConnect = 0x75, kCreate = 0xa2;

TEST(Smb1, Header) {
  const smb1::Message m = read1(smb1_message(kClose, smb1_close(3), 0x201, 0x403), true);
  EXPECT_EQ(m.header.command, kClose);
  EXPECT_TRUE(m.header.unicode);
  EXPECT_EQ(m.header.tree_id, 0x201);
  EXPECT_EQ(m.header.multiplex_id, 0x403);
}
TEST(Smb1, Trees) {
  const std::string request = smb1_message(kTreeConnect, smb1_tree_connect("\\\\h\\s"));
  const auto asked = whole1<smb1::TreeConnectRequest>(request, true, request.size());
  EXPECT_EQ(asked.path, "\\\\h\\s");
  EXPECT_EQ(asked.service, "?????");
  const std::string response = smb1_message(kTreeConnect, smb1_tree_connected("A:", "NTFS"));
  const auto got = whole1<smb1::TreeConnectResponse>(response, false, response.size());
  EXPECT_EQ(got.service, "A:");
  EXPECT_EQ(got.native_file_system, "NTFS");
  EXPECT_EQ(whole1<smb1::TreeConnectResponse>(smb1_message(kTreeConnect, smb1_block(smb1_andx(), std::string("IPC\0", 4))), false, 39)
                .native_file_system,
            "");
}
TEST(Smb1, Create) {
  const std::string request = smb1_message(kCreate, smb1_create("\\a.txt"));
  EXPECT_EQ(whole1<smb1::NtCreateRequest>(request, true, request.size()).name, "\\a.txt");
  const std::string response = smb1_message(kCreate, smb1_created(3, 300, 0));
  const auto got = whole1<smb1::NtCreateResponse>(response, false, response.size());
  EXPECT_EQ(got.file, 3);
  EXPECT_EQ(got.size, 300u);
  EXPECT_EQ(got.times.modified, 116444736020000000u);
}
TEST(Smb1, ReadAndWrite) {
  const std::string read = smb1_message(kRead, smb1_read(3, 0x500000001)), read_answer = smb1_message(kRead, smb1_read_answer("content"));
  const auto asked = whole1<smb1::ReadRequest>(read, true, read.size());
  EXPECT_EQ(asked.file, 3);
  EXPECT_EQ(asked.offset, 0x500000001u);
  EXPECT_EQ(as_chars(whole1<smb1::ReadResponse>(read_answer, false, read_answer.size()).data), "content");
  const std::string write = smb1_message(kWrite, smb1_write(3, 0x600000002, "text")), close = smb1_message(kClose, smb1_close(3));
  const auto written = whole1<smb1::WriteRequest>(write, true, write.size());
  EXPECT_EQ(written.file, 3);
  EXPECT_EQ(written.offset, 0x600000002u);
  EXPECT_EQ(as_chars(written.data), "text");
  EXPECT_EQ(whole1<smb1::CloseRequest>(close, true, close.size()).file, 3);
}
TEST(Smb1, SecurityBlobs) {
  const std::string setup = smb1_message(kSessionSetup, smb1_session_setup("token"));
  EXPECT_EQ(as_chars(whole1<smb1::SecurityBlob>(setup, true, setup.size()).token), "token");
  const std::string answer = smb1_message(kSessionSetup, smb1_session_set_up("abc"));
  EXPECT_EQ(as_chars(whole1<smb1::SecurityBlob>(answer, false, answer.size()).token), "abc");
  const std::string negotiated =
      smb1_message(kNegotiate, smb1_block(zeros(19) + little_endian(0x80000000, 4) + zeros(11), zeros(16) + "spnego"));
  EXPECT_EQ(as_chars(whole1<smb1::SecurityBlob>(negotiated, false, negotiated.size()).token), "spnego");
}
TEST(Smb1, Transactions) {
  const std::string request = smb1_message(kTransaction, smb1_transaction("\\PIPE\\", "bind")),
                    answer = smb1_message(kTransaction, smb1_transaction_answer("ack"));
  const auto asked = whole1<smb1::TransactionRequest>(request, true, request.size());
  EXPECT_EQ(asked.name, "\\PIPE\\");
  EXPECT_EQ(as_chars(asked.data), "bind");
  EXPECT_EQ(as_chars(whole1<smb1::TransactionResponse>(answer, false, answer.size()).data), "ack");
}
TEST(Smb1, ErrorsSayNothing) {
  for (const uint8_t command : {kTransaction, kRead, kNegotiate, kSessionSetup, kTreeConnect, kCreate})
    EXPECT_TRUE(read1(smb1_message(command, smb1_block({}, {})), false).commands.empty());
  EXPECT_TRUE(read1(smb1_message(kClose, smb1_block({}, {})), true).commands.empty());
}
TEST(Smb1, SetUpWithoutExtendedSecurity) {
  const std::string names = utf16("me") + zeros(2) + utf16("domain") + zeros(2);
  const std::string words = smb1_andx() + zeros(10) + little_endian(1, 2) + little_endian(2, 2) + zeros(8),
                    old = smb1_andx() + zeros(10) + little_endian(1, 2) + zeros(4), answer = smb1_andx() + zeros(2);
  const auto end = [](const std::string& block, bool from_client) { return read1(smb1_message(kSessionSetup, block), from_client).end; };
  EXPECT_EQ(end(smb1_block(words, "123" + zeros(1) + names + names), true), smb1::ChainEnd::Complete);
  EXPECT_EQ(end(smb1_block(words, "123" + zeros(1) + names), true), smb1::ChainEnd::Malformed);
  EXPECT_EQ(end(smb1_block(old, "1" + names + names), true), smb1::ChainEnd::Complete);
  EXPECT_EQ(end(smb1_block(old + zeros(2), "1" + names + names), true), smb1::ChainEnd::Malformed) << "no form of it has so many words";
  EXPECT_EQ(end(smb1_block(answer, zeros(1) + names + utf16("x") + zeros(2)), false), smb1::ChainEnd::Complete);
  EXPECT_EQ(end(smb1_block(answer, zeros(1) + names + utf16("x") + zeros(1)), false), smb1::ChainEnd::Malformed);
  EXPECT_EQ(end(smb1_block(answer + zeros(2), {}), false), smb1::ChainEnd::Malformed);
}

TEST(Smb1Chain, TwoCommands) {
  const std::string first = smb1_tree_connect("\\\\h\\s", smb1_andx(kCreate, 32 + 11 + 1 + 12 + 6));
  ASSERT_EQ(first.size(), 11u + 1 + 12 + 6);
  const smb1::Message m =
      read1(smb1_message(kTreeConnect, first + smb1_block(smb1_andx() + zeros(44), zeros(1) + utf16("a") + zeros(2))), true);
  EXPECT_EQ(m.end, smb1::ChainEnd::Complete);
  ASSERT_EQ(m.commands.size(), 2u);
  EXPECT_EQ(std::get<smb1::TreeConnectRequest>(m.commands[0]).path, "\\\\h\\s");
  EXPECT_EQ(std::get<smb1::NtCreateRequest>(m.commands[1]).name, "a");
}
TEST(Smb1Chain, MustAdvance) {
  for (const uint16_t offset : {0, 31, 32}) {
    const smb1::Message m = read1(smb1_message(kLogoff, smb1_block(smb1_andx(kLogoff, offset), {})), true);
    EXPECT_EQ(m.end, smb1::ChainEnd::NotAdvancing);
    EXPECT_EQ(m.commands.size(), 1u);
  }
}
TEST(Smb1Chain, HasAnEnd) {
  const auto chain = [](size_t length) {
    std::string blocks;
    for (size_t i = 1; i <= length; i++)
      blocks += smb1_block(smb1_andx(i < length ? kLogoff : 0xff, static_cast<uint16_t>(32 + i * 7)), {});
    return read1(smb1_message(kLogoff, blocks), true);
  };
  EXPECT_EQ(chain(11).too_deep, 0u);
  EXPECT_EQ(chain(12).too_deep, 1u);
  EXPECT_EQ(chain(12).commands.size(), 12u);
  EXPECT_EQ(chain(20).too_deep, 2u);
  EXPECT_EQ(chain(20).commands.size(), 12u);
}
TEST(Smb1Chain, CutShort) {
  EXPECT_EQ(read1(smb1_message(kLogoff, smb1_block(smb1_andx(kLogoff, 500), {})), true).end, smb1::ChainEnd::Malformed);
}

}  // namespace
}  // namespace sensor
