#include "dpi/socks/socks.h"

#include <gtest/gtest.h>

#include <string>

namespace sensor::socks {
namespace {

using namespace std::literals;

const std::string kV5Request = "\x05\x01\x00\x03\x0b"s + "example.com" + "\x00\x50"s;
const std::string kV5Reply = "\x05\x00\x00\x01\xc0\x00\x02\x01\x0a\x80"s;
const std::string kV4Request = "\x04\x01\x00\x50\x00\x00\x00\x01"s + "me\0"s + "example.com\0"s;

TEST(Socks, V5) {
  ByteReader r(as_bytes(kV5Request));
  Endpoint e;
  ASSERT_EQ(parse_v5(r, e), Status::Ok);
  EXPECT_TRUE(r.empty());
  EXPECT_EQ(e.code, 1);
  EXPECT_EQ(e.address.name, "example.com");
  EXPECT_FALSE(e.address.host);
  EXPECT_EQ(e.port, 80);
  ByteReader reply(as_bytes(kV5Reply));
  Endpoint b;
  ASSERT_EQ(parse_v5(reply, b), Status::Ok);
  EXPECT_EQ(b.address.host->to_string(), "192.0.2.1");
  EXPECT_EQ(b.port, 2688);
}

TEST(Socks, V4AndV4a) {
  ByteReader r(as_bytes(kV4Request));
  Endpoint e;
  ASSERT_EQ(parse_v4_request(r, e), Status::Ok);
  EXPECT_EQ(e.address.host->to_string(), "0.0.0.1");
  EXPECT_EQ(e.address.name, "example.com");
  ByteReader reply(as_bytes("\x00\x5a\x00\x50\xc0\x00\x02\x01"sv));
  Endpoint b;
  ASSERT_EQ(parse_v4_reply(reply, b), Status::Ok);
  EXPECT_EQ(v4_status(b.code), "succeeded");
}

TEST(Socks, EveryTruncationAsksForMore) {
  for (const std::string& whole : {kV5Request, kV5Reply}) {
    for (size_t n = 0; n < whole.size(); n++) {
      ByteReader r(as_bytes(whole).first(n));
      Endpoint e;
      EXPECT_EQ(parse_v5(r, e), Status::NeedMore) << n;
      EXPECT_EQ(r.remaining(), n);
    }
  }
  for (size_t n = 0; n < kV4Request.size(); n++) {
    ByteReader r(as_bytes(kV4Request).first(n));
    Endpoint e;
    EXPECT_EQ(parse_v4_request(r, e), Status::NeedMore) << n;
  }
  const std::string login = "\x01\x02me\x06secret";
  for (size_t n = 0; n <= login.size(); n++) {
    ByteReader r(as_bytes(login).first(n));
    Credentials c;
    EXPECT_EQ(parse_credentials(r, c), n < login.size() ? Status::NeedMore : Status::Ok) << n;
  }
}

TEST(Socks, Malformed) {
  Endpoint e;
  ByteReader type(as_bytes("\x05\x01\x00\x02\x00"sv));
  EXPECT_EQ(parse_v5(type, e), Status::Malformed);
  ByteReader reserved(as_bytes("\x05\x01\x07\x01\x00"sv));
  EXPECT_EQ(parse_v5(reserved, e), Status::NeedMore);
  EXPECT_EQ(e.reserved, 7) << "replies may have anything there, as in Zeek; requests may not";
  const std::string endless = "\x04\x01\x00\x50\x00\x00\x00\x01"s + std::string(2000, 'x');
  ByteReader user(as_bytes(endless));
  EXPECT_EQ(parse_v4_request(user, e), Status::Malformed);
}

TEST(Socks, Recognised) {
  const auto b = [](const std::string& s) { return as_bytes(s); };
  const std::string methods = "\x05\x01\x00"s, choice = "\x05\x00"s, refused = "\x05\xff"s, v4 = "\x04\x01\x00\x50\xc0\x00\x02\x01me\0"s;
  EXPECT_EQ(looks_like(b(methods), b(choice)), Match::Yes);
  EXPECT_EQ(looks_like(b(methods), b(refused)), Match::Yes);
  EXPECT_EQ(looks_like(b(methods), {}), Match::Unsure);
  EXPECT_EQ(looks_like(b(methods), b("HTTP")), Match::No);
  const std::string granted = "\x00\x5a"s;
  EXPECT_EQ(looks_like(b(v4), b(granted)), Match::Yes);
  EXPECT_EQ(looks_like(b("\x04\x01\x1f\x90\x0a\x01\x01\x01me\0"s), b(granted)), Match::Yes) << "no text: a line feed is a byte";
  EXPECT_EQ(looks_like(b("GET "), {}), Match::No);
  EXPECT_EQ(looks_like({}, {}), Match::Unsure);
  EXPECT_EQ(v5_status(8), "Address type not supported");
  EXPECT_EQ(v5_status(9), "");
}

}  // namespace
}  // namespace sensor::socks
