#include "dpi/rdp/rdp.h"

#include <gtest/gtest.h>

#include "dpi/rdp/names.h"
#include "dpi/rdp/rdpeudp.h"
#include "dpi/text/utf16.h"
#include "rdp_messages.h"

namespace sensor::rdp {
namespace {

using namespace test;

/// Keeps what it is told as words.
struct Told final : Sink {
  void on_connect_request(std::string_view cookie) override { words.push_back("request:" + std::string(cookie)); }
  void on_security_protocol(uint32_t protocol) override { words.push_back("protocol:" + std::to_string(protocol)); }
  void on_negotiation_failure(uint32_t code) override { words.push_back("failure:" + std::to_string(code)); }
  void on_client_core(const ClientCore& core) override {
    words.push_back("core:" + *text::utf16_to_utf8(core.client_name) + ":" + std::to_string(core.keyboard_layout) + ":" +
                    std::to_string(core.desktop_width) + ":" + std::to_string(core.high_color_depth) + ":" +
                    *text::utf16_to_utf8(core.product_id));
  }
  void on_client_channels(const std::vector<std::string_view>& names) override {
    words.push_back("channels:" + std::to_string(names.size()));
  }
  void on_create_response(uint8_t result) override { words.push_back("created:" + std::to_string(result)); }
  void on_server_security(uint32_t method, uint32_t level) override {
    words.push_back("security:" + std::to_string(method) + ":" + std::to_string(level));
  }
  void on_certificate(Bytes der) override { words.push_back("certificate:" + std::string(as_chars(der))); }
  void on_server_certificate(uint32_t type, bool permanent) override {
    words.push_back("certificates:" + std::to_string(type) + (permanent ? ":permanent" : ":temporary"));
  }

  std::vector<std::string> words;
};
using Words = std::vector<std::string>;

bool parse(const std::string& packet, Words* words = nullptr) {
  Told told;
  const bool good = parse_packet(as_bytes(packet), told);
  if (words != nullptr) *words = told.words;
  return good;
}
Words words_of(const std::string& packet) {
  Words w;
  EXPECT_TRUE(parse(packet, &w));
  return w;
}

const std::string kInitial = rdp_connect_initial(rdp_client_core(1031, 9600, "WORKSTATION", "12-34") + rdp_block(0xc004, "12345678") +
                                                 rdp_block(0xc002, "12345678") + rdp_client_network({"rdpdr", "cliprdr"}));
const std::string kResponse = rdp_connect_response(rdp_block(0x0c01, "12345678") + rdp_block(0x0c03, "12345678") +
                                                   rdp_server_security(2, 3, rdp_x509_certificates({"one", "two"})));

TEST(Rdp, ConnectRequest) {
  EXPECT_EQ(words_of(rdp_connect_request("alice")), Words{"request:alice"});
  EXPECT_EQ(words_of(rdp_connect_request("", true)), Words{"request:"});
  EXPECT_EQ(words_of(rdp_connect_request("bob", false)), Words{"request:bob"});
  EXPECT_FALSE(parse(tpkt(std::string("\xe0\0\0\0\0\0", 6) + "Cookie: msts=1234\r\n")));
  EXPECT_FALSE(parse(tpkt(std::string("\xe0\0\0\0\0\0", 6) + "Cookie: mstshash=endless")));
}

TEST(Rdp, ConnectConfirm) {
  EXPECT_EQ(words_of(rdp_connect_confirm(2, 1)), Words{"protocol:1"});
  EXPECT_EQ(words_of(rdp_connect_confirm(3, 5)), Words{"failure:5"});
  EXPECT_EQ(words_of(rdp_connect_confirm(0, 0)), Words{});
  EXPECT_FALSE(parse(rdp_connect_confirm(7, 5)));
}

TEST(Rdp, ClientBlocks) {
  EXPECT_EQ(words_of(kInitial), (Words{"core:WORKSTATION:1031:1024:24:12-34", "channels:2"}));
}

TEST(Rdp, ServerBlocks) {
  EXPECT_EQ(words_of(kResponse), (Words{"created:0", "certificate:one", "certificate:two", "certificates:2:temporary", "security:2:3"}));
  EXPECT_EQ(words_of(rdp_connect_response(rdp_server_security(1, 1, rdp_own_certificate()))),
            (Words{"created:0", "certificates:1:permanent", "security:1:1"}));
}

TEST(Rdp, EveryTruncationIsMalformed) {
  for (const std::string& whole : {kInitial, kResponse, rdp_connect_request("alice"), rdp_connect_confirm(2, 1)}) {
    // Nothing but the lengths around them tells how many blocks there are.
    size_t good = 0;
    for (size_t n = 0; n < whole.size(); n++) good += parse(whole.substr(0, n)) ? 1 : 0;
    EXPECT_LE(good, 4u);
    EXPECT_TRUE(parse(whole));
  }
}

TEST(Rdp, Malformed) {
  EXPECT_FALSE(parse(rdp_connect_initial(rdp_client_network({}).substr(0, 4) + little_endian(1001, 4))));
  EXPECT_FALSE(parse(rdp_connect_initial(std::string("\1\xc0\3\0", 4))));  // a block shorter than its header
  EXPECT_FALSE(parse(rdp_connect_response(rdp_server_security(2, 3, little_endian(3, 4)))));
  EXPECT_FALSE(parse(rdp_connect_response(rdp_server_security(2, 3, little_endian(2, 4) + little_endian(1001, 4)))));
  EXPECT_FALSE(parse(rdp_connect_response(rdp_block(0x0c02, std::string(8, '\0')))));
  std::string other_key = kInitial;
  other_key.replace(other_key.find("Duca"), 4, "Ducb");
  EXPECT_FALSE(parse(other_key));
  EXPECT_TRUE(parse(tpkt(std::string("\xf0\x80\x64\0\0", 5), 2)));  // other MCS messages
  EXPECT_TRUE(parse(tpkt("\x80")));                                 // other TPDUs
}

TEST(Rdp, Recognised) {
  const auto match = [](const std::string& c, const std::string& s) { return looks_like(as_bytes(c), as_bytes(s)); };
  EXPECT_EQ(match(rdp_connect_request("alice"), rdp_connect_confirm(2, 1)), Match::Yes);
  EXPECT_EQ(match(rdp_connect_request(""), rdp_connect_confirm(2, 0)), Match::Unsure);
  EXPECT_EQ(match(rdp_connect_request("") + kInitial, rdp_connect_confirm(2, 0)), Match::Yes);
  EXPECT_EQ(match(rdp_connect_request("alice"), ""), Match::Unsure);
  EXPECT_EQ(match("GET / HTTP/1.1", ""), Match::No);
  EXPECT_EQ(packet_length(as_bytes(rdp_connect_confirm(0, 0))), 11u);
}

TEST(Rdp, Names) {
  EXPECT_EQ(keyboard_name(1031), "German - Germany");
  EXPECT_EQ(keyboard_name(263198), "Thai (Best Guess for 263198)");
  EXPECT_EQ(keyboard_name(7), "keyboard-7");
  EXPECT_EQ(build_name(9600), "RDP 8.1");
  EXPECT_EQ(build_name(1), "client_build-1");
  EXPECT_EQ(security_protocol_name(8), "HYBRID_EX");
  EXPECT_EQ(color_depth_name(15), "15bit");
  EXPECT_EQ(result_name(9), "result-9");
}

TEST(Utf16, ToUtf8) {
  const auto utf8 = [](const std::string& s) { return text::utf16_to_utf8(as_bytes(s)); };
  EXPECT_EQ(utf8(std::string("a\0\xe4\0\xac\x20\0\0x\0", 10)), "a\xc3\xa4\xe2\x82\xac");
  EXPECT_EQ(utf8(std::string("\x3d\xd8\0\xde", 4)), "\xf0\x9f\x98\x80");
  EXPECT_EQ(utf8(std::string("\x3d\xd8z\0", 4)), "\xed\xa0\xbdz");
  EXPECT_EQ(utf8("\x3d\xd8"), std::nullopt);
  EXPECT_EQ(utf8("a"), "");
}

TEST(Rdpeudp, Handshake) {
  std::string syn = std::string(4, '\xff') + std::string("\0\x40\x18\x01", 4) + std::string(8, 'n') + std::string(32, 'c') +
                    std::string("\0\1\1\1", 4) + std::string(32, 'h');
  rdpeudp::Handshake h;
  for (size_t n = 0; n < syn.size(); n++) EXPECT_FALSE(rdpeudp::parse_handshake(as_bytes(syn).first(n), h)) << n;
  ASSERT_TRUE(rdpeudp::parse_handshake(as_bytes(syn), h));
  EXPECT_EQ(h.flags, 0x1801);
  EXPECT_FALSE(rdpeudp::is_syn(as_bytes(syn)));
  syn.resize(1232);
  EXPECT_TRUE(rdpeudp::is_syn(as_bytes(syn)));
}

}  // namespace
}  // namespace sensor::rdp
