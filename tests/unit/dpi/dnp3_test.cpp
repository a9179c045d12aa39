#include "dpi/dnp3/dnp3.h"

#include <gtest/gtest.h>

#include "dnp3_frames.h"

namespace sensor::dnp3 {
namespace {

using namespace test;
using Words = std::vector<std::string>;

struct Told final : Sink {
  void on_frame() override { frames++; }
  void on_wrong_direction() override { words.emplace_back("wrong direction"); }
  void on_request(uint8_t function) override { words.push_back(function_name(function)); }
  void on_response(uint8_t function, uint16_t iin) override { words.push_back(function_name(function) + ":" + std::to_string(iin)); }
  void on_problem(Problem p) override { words.push_back("problem" + std::to_string(static_cast<int>(p))); }
  Words words;
  int frames = 0;
};

Words told(bool from_client, const std::string& stream) {
  Told t;
  Reader r(t);
  r.feed(from_client, as_bytes(stream));
  return t.words;
}
std::string problem(Problem p) {
  return "problem" + std::to_string(static_cast<int>(p));
}

TEST(Dnp3, AKnownFrame) {
  // The frame that resets the link, as the standard's introductions print it.
  const std::string reset("\x05\x64\x05\xc0\x01\x00\x00\x04\xe9\x21", 10);
  EXPECT_EQ(looks_like(as_bytes(reset)), Match::Yes);
  EXPECT_TRUE(told(true, reset).empty());
  EXPECT_EQ(told(true, dnp3_request(1, "\x3c\x02\x06\x3c\x03\x06\x3c\x04\x06\x3c\x01\x06")), Words{"READ"});
}

TEST(Dnp3, AnyDivision) {
  const std::string stream = dnp3_response(0x81, '\x90') + dnp3_frame(0x40, "") + dnp3_frame(0x44, "\x40\xc0\x82") +
                             dnp3_frame(0x44, std::string(40, '\1')) + dnp3_frame(0x44, std::string("\x82\xff\xff", 3)) +
                             dnp3_response(0x83);
  const Words expected{"RESPONSE:36864", "UNSOLICITED_RESPONSE:257", "AUTHENTICATE_RESP:0"};
  for (size_t cut = 0; cut <= stream.size(); cut++) {
    Told t;
    Reader r(t);
    r.feed(false, as_bytes(stream).first(cut));
    r.feed(false, as_bytes(stream).subspan(cut));
    EXPECT_EQ(t.words, expected) << cut;
    EXPECT_EQ(t.frames, 6);
  }
}

TEST(Dnp3, LongestFrame) {
  const std::string frame = dnp3_frame(0xc4, std::string("\xc0\xc0\x02", 3) + std::string(247, 'x'));
  EXPECT_EQ(frame.size(), Reader::kMaxFrame);
  EXPECT_EQ(told(true, frame + dnp3_request(1)), (Words{"WRITE", "READ"}));
}

TEST(Dnp3, Problems) {
  std::string header = dnp3_request(1), block = header;
  header[9] ^= 1;
  block.back() ^= 1;
  const std::string good = dnp3_request(1);
  EXPECT_EQ(told(true, header + good), Words{problem(Problem::HeaderChecksum)});
  EXPECT_EQ(told(true, block + good), Words{problem(Problem::BlockChecksum)});
  EXPECT_EQ(told(true, "GET / HTTP/1.1\r\n"), Words{problem(Problem::NoStart)});
  for (char length = 0; length < 5; length++)
    EXPECT_EQ(told(true, dnp3_with_checksum({'\x05', '\x64', length, '\xc4', '\4', '\0', '\3', '\0'})), Words{problem(Problem::Length)});
  EXPECT_EQ(told(true, dnp3_frame(0xc4, "\x80\xc0\x01")), Words{problem(Problem::MissingSegment)});
  EXPECT_EQ(told(false, dnp3_request(1)), (Words{"wrong direction", problem(Problem::Fragment)}));
  EXPECT_EQ(told(true, dnp3_response(0x81)), (Words{"wrong direction", "RESPONSE"}));
}

TEST(Dnp3, EveryTruncationOfAFragment) {
  const std::string content("\xc0\xc0\x81\x90\x00", 5);
  for (size_t n = 1; n < content.size(); n++)
    EXPECT_EQ(told(false, dnp3_frame(0x44, std::string_view(content).substr(0, n))), Words{problem(Problem::Fragment)}) << n;
}

TEST(Dnp3, Names) {
  EXPECT_EQ(function_name(0x21), "AUTHENTICATE_REQ_NR");
  EXPECT_EQ(function_name(0x22), "unknown-34");
  EXPECT_EQ(function_name(0x84), "unknown-132");
}

TEST(Dnp3Probe, BeginsWithAFrame) {
  const std::string request = dnp3_request(1);
  EXPECT_EQ(looks_like(as_bytes(request)), Match::Yes);
  for (size_t n = 0; n < 10; n++) EXPECT_EQ(looks_like(as_bytes(request).first(n)), Match::Unsure) << n;
  EXPECT_EQ(looks_like(as_bytes(std::string_view("\x05\x64 no checksum"))), Match::No);
  EXPECT_EQ(looks_like(as_bytes(std::string_view("\x05\x01"))), Match::No);
}

}  // namespace
}  // namespace sensor::dnp3
