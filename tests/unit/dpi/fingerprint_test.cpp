#include "dpi/tls/fingerprint.h"

#include <gtest/gtest.h>

#include "tls_messages.h"

namespace sensor::tls {
namespace {

using namespace test;

ByteWriter list(const std::vector<unsigned>& values, int bytes = 2) {
  ByteWriter w;
  for (const unsigned v : values) bytes == 2 ? w.u16(v) : w.u8(v);
  return w;
}

struct Shape {
  unsigned version = 0x0303;
  std::vector<unsigned> suites = {}, types = {}, groups = {}, point_formats = {}, signatures = {}, versions = {};
  std::string alpn = {};
};

/// A hello's body whose extensions are of the given types, in that order.
ByteWriter body_of(const Shape& s) {
  ByteWriter extensions;
  for (const unsigned type : s.types) {
    switch (type) {
      case 0:
        extensions.bytes(server_name_extension("www.example.com"));
        break;
      case 10:
        extensions.bytes(extension(10, ByteWriter().counted(2, list(s.groups))));
        break;
      case 11:
        extensions.bytes(extension(11, ByteWriter().counted(1, list(s.point_formats, 1))));
        break;
      case 13:
        extensions.bytes(extension(13, ByteWriter().counted(2, list(s.signatures))));
        break;
      case 16:
        extensions.bytes(alpn_extension({s.alpn}));
        break;
      case 43:
        extensions.bytes(extension(43, ByteWriter().counted(1, list(s.versions))));
        break;
      default:
        extensions.bytes(extension(type, {}));
    }
  }
  ByteWriter w;
  w.u16(s.version).zeros(32).u8(0).counted(2, list(s.suites)).counted(1, ByteWriter().u8(0));
  if (!s.types.empty()) w.counted(2, extensions);
  return w;
}

template <class Function>
std::string of(const Shape& s, Function function) {
  const ByteWriter body = body_of(s);
  ClientHello hello;
  EXPECT_TRUE(parse_client_hello(body, hello));
  return function(hello);
}
std::string ja3_of(const Shape& s) {
  return of(s, [](const ClientHello& h) { return ja3(h); });
}
std::string ja4_of(const Shape& s, Carrier carrier = Carrier::Tcp) {
  return of(s, [&](const ClientHello& h) { return ja4(h, carrier); });
}

// From github.com/salesforce/ja3, README.md.
TEST(Fingerprint, PublishedJa3) {
  EXPECT_EQ(ja3_of({.version = 769,
                    .suites = {47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4},
                    .types = {0, 10, 11},
                    .groups = {23, 24, 25},
                    .point_formats = {0}}),
            "ada70206e40642a3e4461f35503241d5");
  EXPECT_EQ(ja3_of({.version = 769, .suites = {4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99}}), "de350869b8c85de67a350c8d186f11e6");
}

TEST(Fingerprint, Ja3WithoutGrease) {
  EXPECT_EQ(ja3_of({.version = 769,
                    .suites = {0x1a1a, 47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4},
                    .types = {0xfafa, 0, 10, 11, 0x0a0a},
                    .groups = {0x2a2a, 23, 24, 25},
                    .point_formats = {0}}),
            "ada70206e40642a3e4461f35503241d5");
}

TEST(Fingerprint, PublishedJa3s) {
  const ByteWriter extensions = ByteWriter().bytes(extension(65281, {})).bytes(extension(11, {}));
  const ByteWriter body = server_hello_body(769, {}, 49172, extensions);
  ServerHello hello;
  ASSERT_TRUE(parse_server_hello(body, hello));
  EXPECT_EQ(ja3s(hello), "623de93db17d313345d7ea481e7443cf");
}

TEST(Fingerprint, TheSameNumbersInOtherListsAreAnotherHello) {
  for (int again = 0; again < 2; again++) {
    EXPECT_EQ(ja3_of({.version = 769, .suites = {4, 5}, .types = {11, 21}}), "9f892b8b986e2b9f594e19df287691d9");      // 769,4-5,11-21,,
    EXPECT_EQ(ja3_of({.version = 769, .suites = {4}, .types = {5, 11, 21}}), "579cebcafd7868045fc8d7e34f388ca2");      // 769,4,5-11-21,,
    EXPECT_EQ(ja4_of({.version = 769, .suites = {5, 4}, .types = {11, 21}}), "t10i020200_6e254592683c_61c1799824e8");  // 0004,0005 …
    EXPECT_EQ(ja4_of({.version = 769, .suites = {4}, .types = {5, 11}}), "t10i010200_0591b59c1bdd_1c37f85ffb4f");
  }
}

TEST(Fingerprint, Ja3sOfAServerThatChoosesGrease) {
  const ByteWriter body = server_hello_body(769, {}, 0x0a0a, extension(11, {}));
  ServerHello hello;
  ASSERT_TRUE(parse_server_hello(body, hello));
  EXPECT_EQ(ja3s(hello), "ed5eedae21b5403116651a7fb8b49957");  // 769,2570,11
}

// From github.com/FoxIO-LLC/ja4, technical_details/JA4.md.
const Shape kBrowser{.suites = {0x0a0a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
                                0x009d, 0x002f, 0x0035},
                     .types = {0x1a1a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b,
                               0xff01, 0x000b, 0x000a, 0x0015},
                     .groups = {29},
                     .point_formats = {0},
                     .signatures = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601},
                     .versions = {0x7a7a, 0x0304, 0x0303},
                     .alpn = "h2"};

TEST(Fingerprint, PublishedJa4) {
  EXPECT_EQ(ja4_of(kBrowser), "t13d1516h2_8daaf6152771_e5627efa2ab1");
  Shape unsigned_hello = kBrowser;
  std::erase(unsigned_hello.types, 0x000du);
  EXPECT_EQ(ja4_of(unsigned_hello, Carrier::Quic).substr(0, 23), "q13d1515h2_8daaf6152771");
}

TEST(Fingerprint, Ja4OfLittle) {
  EXPECT_EQ(ja4_of({.version = 0x0301}), "t10i000000_000000000000_000000000000");
  EXPECT_EQ(ja4_of({.version = 0xfefd}, Carrier::Dtls).substr(0, 3), "dd2");
  EXPECT_EQ(ja4_of({.version = 0x1234}).substr(0, 3), "t00");
  EXPECT_EQ(ja4_of({.types = {0x0005, 0x000a, 0x000b, 0x0012, 0x0015, 0x0017, 0x001b, 0x0023, 0x002b, 0x002d, 0x0033, 0x4469, 0xff01},
                    .groups = {29},
                    .point_formats = {0},
                    .versions = {0x0304}})
                .substr(0, 10),
            "t13i001300");
}

TEST(Fingerprint, Ja4Protocols) {
  // From the same page.
  for (const auto& [alpn, shown] : std::vector<std::pair<std::string, std::string>>{{"\xab", "ab"},
                                                                                    {" ", "20"},
                                                                                    {"\xab\xcd", "ad"},
                                                                                    {" a", "21"},
                                                                                    {"0\xab", "3b"},
                                                                                    {"a ", "60"},
                                                                                    {"01\xab\xcd", "3d"},
                                                                                    {"0\xab\xcd"
                                                                                     "1",
                                                                                     "01"},
                                                                                    {"http/1.1", "h1"},
                                                                                    {"x", "xx"}}) {
    EXPECT_EQ(ja4_of({.types = {16}, .alpn = alpn}).substr(8, 2), shown) << alpn;
  }
  EXPECT_EQ(ja4_of({.suites = std::vector<unsigned>(120, 5)}).substr(4, 2), "99");
}

}  // namespace
}  // namespace sensor::tls
