#include "dpi/sip/sip.h"

#include <gtest/gtest.h>

#include <string>

namespace sensor::sip {
namespace {

using Status = MessageReader::Status;

constexpr std::string_view kRequest =
    "INVITE sip:alice@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom : Bob  <sip:bob@example.com>;tag=1\r\n"
    "Content-Length: 4\r\n\r\nbody";
constexpr std::string_view kResponse = "SIP/2.0 404 Not Found\r\nl: 0\r\n\r\n";

/// "method uri|name=value|…" or "status reason|…", then what the end was like.
std::string read(std::string_view datagram) {
  MessageReader m(datagram);
  StartLine line;
  switch (m.start(line)) {
    case Status::End:
      return "no line";
    case Status::Malformed:
      return "malformed";
    case Status::Found:
      break;
  }
  std::string out(line.junk);
  out += line.is_request ? std::string(line.method) + " " + std::string(line.uri)
                         : std::to_string(line.status) + " " + std::string(line.reason);
  Header h;
  Status s = m.next(h);
  for (; s == Status::Found; s = m.next(h)) out += "|" + std::string(h.name) + "=" + std::string(h.value);
  if (s == Status::Malformed) return out + "|malformed";
  return out + (m.whole() ? "|whole" : "|cut short");
}

TEST(Sip, Request) {
  EXPECT_EQ(read(kRequest),
            "INVITE sip:alice@example.com|Via=SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1|From=Bob  "
            "<sip:bob@example.com>;tag=1|Content-Length=4|whole");
  EXPECT_EQ(read("OPTIONS  \tsip:a SIP/2.0\n\n"), "OPTIONS sip:a|whole");
  EXPECT_EQ(read("<>ACK sip:a SIP/2.0\r\n\r\n"), "<>ACK sip:a|whole");
}

TEST(Sip, Response) {
  EXPECT_EQ(read(kResponse), "404 Not Found|l=0|whole");
  EXPECT_EQ(read("SIP/2.0 200\r\n\r\n"), "200 |whole");
  EXPECT_EQ(read("SIP/2.0 180 Ringing\rTo: x\r\r"), "180 Ringing|To=x|whole");
}

TEST(Sip, FoldedFields) {
  EXPECT_EQ(read("ACK sip:a SIP/2.0\r\nSubject: one\r\n two\r\nTo: x\r\n\r\n"), "ACK sip:a|Subject=one|To=x|whole");
}

TEST(Sip, BodiesMayBeLongerThanAnnounced) {
  EXPECT_EQ(read("ACK sip:a SIP/2.0\r\nContent-Length: 2\r\n\r\nbody"), "ACK sip:a|Content-Length=2|whole");
  EXPECT_EQ(read("ACK sip:a SIP/2.0\r\nContent-Length: 5\r\n\r\nbody"), "ACK sip:a|Content-Length=5|cut short");
}

TEST(Sip, Malformed) {
  for (const std::string_view bad : {"\r\n", "INVITE\r\n", "INVITE sip:a\r\n", "INVITE sip:a HTTP/1.1\r\n", "INVITE sip:a SIP/x.0\r\n",
                                     "INVITE sip:a SIP/2\r\n", "SIP/2.0 20\r\n", "SIP/2.0 x\r\n", "SIP/x.0 200 OK\r\n", "\xff\xfe\r\n"})
    EXPECT_EQ(read(bad), "malformed") << bad;
  EXPECT_EQ(read("ACK sip:a SIP/2.0\r\nno colon\r\n\r\n"), "ACK sip:a|malformed");
  EXPECT_EQ(read("ACK sip:a SIP/2.0\r\n: no name\r\n\r\n"), "ACK sip:a|malformed");
}

TEST(Sip, NoTruncationIsWhole) {
  for (const std::string_view whole : {kRequest, kResponse}) {
    for (size_t n = 0; n < whole.size(); n++) {
      // Between the characters of an end of line the line has ended, and may be the last.
      if (n > 0 && whole[n - 1] == '\r' && whole[n] == '\n') continue;
      EXPECT_FALSE(read(whole.substr(0, n)).ends_with("|whole")) << n;
    }
  }
}

TEST(Sip, Recognised) {
  EXPECT_TRUE(looks_like_message(kRequest));
  EXPECT_TRUE(looks_like_message(kResponse));
  EXPECT_FALSE(looks_like_message("hello"));
  EXPECT_FALSE(looks_like_message("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(looks_like_message("\r\n"));
  EXPECT_FALSE(looks_like_message("<>ACK sip:a SIP/2.0\r\n\r\n"));
}

TEST(Sip, Values) {
  EXPECT_EQ(number("270"), 270u);
  EXPECT_EQ(number("270 "), 0u);
  EXPECT_EQ(number(""), 0u);
  EXPECT_EQ(number("99999999999999999999"), 0u);
  EXPECT_EQ(before_parameter("<sip:a>;tag=1", "tag="), "<sip:a>");
  EXPECT_EQ(before_parameter("<sip:a>;x=1; tag=1", "tag="), "<sip:a>;x=1");
  EXPECT_EQ(before_parameter("<sip:a>", "tag="), "<sip:a>");
  EXPECT_EQ(before_parameter("<sip:a>;", "tag="), "<sip:a>;");
  EXPECT_TRUE(is_known_method("BYE"));
  EXPECT_FALSE(is_known_method("bye"));
  EXPECT_TRUE(same_name("cSeQ", "CSeq"));
}

}  // namespace
}  // namespace sensor::sip
