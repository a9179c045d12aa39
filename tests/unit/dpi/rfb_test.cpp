#include "dpi/rfb/rfb.h"

#include <gtest/gtest.h>

#include "rfb_messages.h"

namespace sensor::rfb {
namespace {

using namespace test;
using Words = std::vector<std::string>;

struct Told final : Sink {
  void on_version(bool from_client, std::string_view major, std::string_view minor) override {
    words.push_back((from_client ? ">" : "<") + std::string(major) + "." + std::string(minor));
  }
  void on_security(uint32_t type) override { words.emplace_back(security_name(type)); }
  void on_security_result(bool success) override { words.emplace_back(success ? "in" : "out"); }
  void on_tls() override { words.emplace_back("tls"); }
  void on_shared(bool shared) override { words.emplace_back(shared ? "shared" : "alone"); }
  void on_desktop(std::string_view name, uint16_t width, uint16_t height) override {
    words.push_back(std::string(name) + ":" + std::to_string(width) + "x" + std::to_string(height));
  }
  void on_violation(std::string_view) override { words.emplace_back("violation"); }
  Words words;
};

struct Said {
  bool client;
  std::string bytes;
};
/// The dialogue in the pieces given, then byte by byte; both must tell the same.
Words told(const std::vector<Said>& dialogue) {
  Told whole, bytes;
  Reader a(whole), b(bytes);
  for (const Said& s : dialogue) {
    a.feed(s.client, as_bytes(s.bytes));
    for (size_t i = 0; i < s.bytes.size(); i++) b.feed(s.client, as_bytes(s.bytes).subspan(i, 1));
  }
  EXPECT_EQ(whole.words, bytes.words);
  EXPECT_EQ(a.stopped(), b.stopped());
  return whole.words;
}
const std::string kSixteen(16, 'c');

TEST(Rfb, Version33WithPassword) {
  EXPECT_EQ(told({{false, rfb_version("008")},
                  {true, rfb_version("003")},
                  {false, rfb_u32(2) + kSixteen},
                  {true, kSixteen},
                  {false, rfb_u32(0)},
                  {true, "\1"},
                  {false, rfb_server_init("desk") + "screen"}}),
            (Words{"<003.008", ">003.003", "VNC", "in", "shared", "desk:1024x768"}));
  EXPECT_EQ(told({{false, rfb_version("003")},
                  {true, rfb_version("003")},
                  {false, rfb_u32(1)},
                  {true, std::string(1, '\0')},
                  {false, rfb_server_init("")}}),
            (Words{"<003.003", ">003.003", "None", "alone", ":1024x768"}));
  EXPECT_EQ(told({{false, rfb_version("003")}, {true, rfb_version("003")}, {false, rfb_u32(0) + rfb_text("too many")}}),
            (Words{"<003.003", ">003.003", "Invalid"}));
}

TEST(Rfb, Version38) {
  const Said hello{false, rfb_version("008")}, answer{true, rfb_version("008")};
  EXPECT_EQ(
      told({hello, answer, {false, "\2\1\2"}, {true, "\2"}, {false, kSixteen}, {true, kSixteen}, {false, rfb_u32(1) + rfb_text("wrong")}}),
      (Words{"<003.008", ">003.008", "VNC", "out"}));
  EXPECT_EQ(told({hello, answer, {false, "\1\1"}, {true, "\1"}, {false, rfb_u32(0)}, {true, "\1"}, {false, rfb_server_init("x")}}).back(),
            "x:1024x768");
  EXPECT_EQ(told({hello, {true, rfb_version("007")}, {false, "\1\1"}, {true, "\1\1"}, {false, rfb_server_init("x")}}).back(), "x:1024x768");
  EXPECT_EQ(told({hello, answer, {false, std::string(1, '\0') + rfb_text("go away")}}), (Words{"<003.008", ">003.008"}));
  // Apple's, with a key of four bytes.
  EXPECT_EQ(told({hello,
                  {true, rfb_version("889")},
                  {false, "\1\x1e"},
                  {true, "\x1e"},
                  {false, std::string("\0\2\0\4primpubl", 12)},
                  {true, "publcred"},
                  {false, rfb_u32(0)}}),
            (Words{"<003.008", ">003.889", "Apple Remote Desktop", "in"}));
}

TEST(Rfb, TlsWithin) {
  const Said hello{false, rfb_version("008")}, answer{true, rfb_version("008")};
  EXPECT_EQ(told({hello, answer, {false, "\1\x12"}, {true, "\x12"}}).back(), "tls");
  const std::vector<Said> vencrypt{hello,
                                   answer,
                                   {false, "\2\x13\2"},
                                   {true, "\x13"},
                                   {false, std::string("\0\2", 2)},
                                   {true, std::string("\0\2", 2)},
                                   {false, std::string("\0\1", 2) + rfb_u32(258)},
                                   {true, rfb_u32(258)},
                                   {false, "\1"}};
  EXPECT_EQ(told(vencrypt), (Words{"<003.008", ">003.008", "VeNCrypt", "tls"}));
  for (const auto& [at, bytes] : {std::pair<size_t, std::string>{5, std::string("\0\1", 2)},
                                  {6, "\1"},
                                  {6, std::string("\0\0", 2)},
                                  {7, rfb_u32(256)},
                                  {8, std::string(1, '\0')}}) {
    auto other = vencrypt;
    other[at].bytes = bytes;
    other.resize(at + 1);
    Told t;
    Reader r(t);
    for (const Said& s : other) r.feed(s.client, as_bytes(s.bytes));
    EXPECT_TRUE(r.stopped()) << at;
    EXPECT_EQ(t.words.back(), "VeNCrypt") << at;
  }
}

TEST(Rfb, TlsBeginsBehindTheAgreement) {
  Told t;
  Reader r(t);
  const std::string hello = rfb_version("008"), list = "\1\x12", choice = "\x12TLS";
  r.feed(false, as_bytes(hello));
  r.feed(true, as_bytes(hello));
  r.feed(false, as_bytes(list));
  r.feed(true, as_bytes(choice));
  EXPECT_EQ(as_chars(r.rest()), "TLS");
}

TEST(Rfb, UnknownSecurityEndsTheReading) {
  EXPECT_EQ(told({{false, rfb_version("008")}, {true, rfb_version("008")}, {false, "\1\5"}, {true, "\5"}, {false, "any"}}).back(),
            "RealVNC");
}

TEST(Rfb, Malformed) {
  EXPECT_EQ(told({{false, "RFB 003x008\n"}}), Words{"violation"});
  EXPECT_EQ(told({{false, "HTTP/1.1 200"}}), Words{"violation"});
  const Said hello{false, rfb_version("003")}, answer{true, rfb_version("003")};
  EXPECT_EQ(told({hello, answer, {false, rfb_u32(3)}}).back(), "violation");
  EXPECT_EQ(told({hello, answer, {false, rfb_u32(0) + rfb_u32(65536)}}).back(), "violation");
  EXPECT_EQ(told({hello, answer, {false, rfb_u32(1) + std::string(20, 'x') + rfb_u32(65536)}}).back(), "violation");
  EXPECT_EQ(told({hello, answer, {false, rfb_u32(2) + kSixteen}, {true, kSixteen}, {false, rfb_u32(7)}}).back(), "violation");
}

TEST(Rfb, WhatIsHeldIsLimited) {
  Told t;
  Reader r(t);
  const std::string many(Reader::kMaxHeld + 1, 'x');
  r.feed(true, as_bytes(many));
  EXPECT_TRUE(r.stopped());
  EXPECT_TRUE(t.words.empty());
}

TEST(RfbProbe, BothSidesHaveAVersion) {
  const std::string version = rfb_version("008");
  EXPECT_EQ(looks_like(as_bytes(version), as_bytes(version)), Match::Yes);
  EXPECT_EQ(looks_like({}, as_bytes(version)), Match::Unsure);
  EXPECT_EQ(looks_like(as_bytes("RF"), as_bytes(version)), Match::Unsure);
  EXPECT_EQ(looks_like(as_bytes("GET "), as_bytes(version)), Match::No);
  EXPECT_EQ(looks_like({}, as_bytes("SSH-")), Match::No);
}

}  // namespace
}  // namespace sensor::rfb
