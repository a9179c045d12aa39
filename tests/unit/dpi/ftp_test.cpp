#include "dpi/ftp/ftp.h"

#include <gtest/gtest.h>

#include <vector>

#include "dpi/ftp/nvt.h"
#include "dpi/ftp/path.h"

namespace sensor::ftp {
namespace {

using namespace std::string_literals;

struct Catcher final : NvtHandler {
  std::vector<std::string> lines, weirds;
  std::vector<size_t> cuts;
  void on_line(Bytes line, size_t cut) override {
    lines.emplace_back(as_chars(line));
    cuts.push_back(cut);
  }
  void on_line_weird(std::string_view name, std::string_view) override { weirds.emplace_back(name); }
};

TEST(FtpNvt, LinesEndInLfOrCrLf) {
  Catcher c;
  NvtLines lines;
  lines.feed(as_bytes("USER a\r\nPASS b\n\r\nQU"), c);
  EXPECT_EQ(c.lines, (std::vector<std::string>{"USER a", "PASS b", ""}));
  EXPECT_TRUE(lines.is_unfinished());
  lines.feed(as_bytes("IT\r\n"), c);
  EXPECT_EQ(c.lines.back(), "QUIT");
  EXPECT_TRUE(c.weirds.empty());
}

TEST(FtpNvt, AnyDivisionGivesTheSameLines) {
  const std::string text = "a\xff\xff"s + "b\r\n\xff\xfd\x06x\xff\xfa\x01y\xff\xf0z\nq\0w\r\0\n"s;
  Catcher whole;
  NvtLines lines;
  lines.feed(as_bytes(text), whole);
  EXPECT_EQ(whole.lines.at(0), "a\xff"s + "b");
  EXPECT_EQ(whole.lines.at(1), "xz");
  for (size_t cut = 0; cut <= text.size(); cut++) {
    Catcher c;
    NvtLines pieces;
    pieces.feed(as_bytes(text).first(cut), c);
    pieces.feed(as_bytes(text).subspan(cut), c);
    EXPECT_EQ(c.lines, whole.lines) << cut;
    EXPECT_EQ(c.weirds, whole.weirds) << cut;
  }
}

TEST(FtpNvt, OddBytes) {
  Catcher c;
  NvtLines lines;
  lines.feed(as_bytes("a\0b\rc\n"s), c);
  lines.feed(as_bytes("d\re\n"s), c);
  EXPECT_EQ(c.weirds, (std::vector<std::string>{"NUL_in_line", "line_terminated_with_single_CR"}));
  EXPECT_EQ(c.lines, (std::vector<std::string>{"ab\rc", "d\re"}));
  lines.feed(as_bytes("\xff\xf1"
                      "ok\n"s),
             c);  // an option of two bytes
  EXPECT_EQ(c.lines.back(), "ok");
  lines.feed(as_bytes("\xff\xfa\x01\xff\xf1"
                      "ok2\n"s),
             c);  // a suboption that never ends
  EXPECT_EQ(c.lines.back(), "ok2");
}

TEST(FtpNvt, OfLongLinesTheBeginningIsKept) {
  Catcher c;
  NvtLines lines;
  lines.feed(as_bytes(std::string(NvtLines::kMaxHeld - 1, 'x') + "\r\n"), c);
  lines.feed(as_bytes(std::string(NvtLines::kMaxHeld, 'x') + "\r\n"), c);
  lines.feed(as_bytes(std::string(NvtLines::kMaxHeld + 10, 'x') + "\r\n"), c);
  ASSERT_EQ(c.lines.size(), 3u);
  EXPECT_EQ(c.lines[0].size(), NvtLines::kMaxHeld - 1);
  EXPECT_EQ(c.lines[1].size(), NvtLines::kMaxHeld);
  EXPECT_EQ(c.lines[2].size(), NvtLines::kMaxHeld);
  EXPECT_EQ(c.cuts, (std::vector<size_t>{0, 0, 10}));
  EXPECT_TRUE(c.weirds.empty());
}

TEST(FtpNvt, LinesAndSuboptionsEnd) {
  Catcher c;
  NvtLines lines;
  const std::string chunk(1024 * 1024, 'x');
  for (int i = 0; i < 16; i++) lines.feed(as_bytes(chunk), c);
  ASSERT_EQ(c.lines.size(), 1u);
  EXPECT_EQ(c.cuts[0], NvtLines::kMaxLine - 1 - NvtLines::kMaxHeld);
  EXPECT_EQ(c.weirds, (std::vector<std::string>{"nvt_line_size_exceeded"}));
  lines.feed(as_bytes("\n\xff\xfa"), c);
  for (int i = 0; i < 16; i++) lines.feed(as_bytes(chunk), c);
  EXPECT_EQ(c.weirds, (std::vector<std::string>{"nvt_line_size_exceeded", "nvt_option_size_exceeded"}));
  lines.feed(as_bytes("\n"), c);
  EXPECT_EQ(c.lines.size(), 3u);
}

TEST(Ftp, Requests) {
  const Request r = parse_request("  retr  a file");
  EXPECT_EQ(r.status, Request::Status::Ok);
  EXPECT_EQ(r.command, "retr");
  EXPECT_EQ(r.argument, "a file");
  EXPECT_EQ(parse_request("").status, Request::Status::Empty);
  EXPECT_EQ(parse_request("ab").status, Request::Status::Invalid);
  EXPECT_EQ(parse_request("\x16\x03\x01\x02").status, Request::Status::Invalid);
  EXPECT_EQ(parse_request(std::string(100, 'x')).status, Request::Status::Ok);
  EXPECT_EQ(parse_request(std::string(101, 'x')).status, Request::Status::TooLong);
}

TEST(Ftp, Replies) {
  ReplyReader reader;
  EXPECT_EQ(reader.line("").status, Reply::Status::Empty);
  Reply r = reader.line("220 ready");
  EXPECT_EQ(r.code, 220u);
  EXPECT_EQ(r.text, "ready");
  EXPECT_FALSE(r.continued);
  EXPECT_EQ(reader.line("226").text, "");
  EXPECT_EQ(reader.line("hello").status, Reply::Status::NonNumericCode);
  EXPECT_EQ(reader.line("099 x").status, Reply::Status::InvalidCode);
  EXPECT_EQ(reader.line("230_x").status, Reply::Status::InvalidLine);
}

TEST(Ftp, RepliesOfSeveralLines) {
  ReplyReader reader;
  Reply r = reader.line("211-Features:");
  EXPECT_TRUE(r.continued);
  EXPECT_EQ(r.code, 211u);
  r = reader.line(" EPSV");
  EXPECT_TRUE(r.continued);
  EXPECT_EQ(r.code, 0u);
  EXPECT_EQ(r.text, " EPSV");
  EXPECT_TRUE(reader.line("212 x").continued);
  EXPECT_TRUE(reader.line("211-x").continued);
  r = reader.line("211 End");
  EXPECT_FALSE(r.continued);
  EXPECT_EQ(r.code, 211u);
  EXPECT_EQ(r.text, "End");
}

TEST(Ftp, PortsAndTheirTruncations) {
  const auto e = parse_port("192,0,2,1,4,31");
  ASSERT_TRUE(e);
  EXPECT_EQ(e->address.to_string(), "192.0.2.1");
  EXPECT_EQ(e->port, 4 * 256 + 31);
  const std::string text = "192,0,2,1,4,31";
  for (size_t n = 0; n + 2 < text.size(); n++) EXPECT_FALSE(parse_port(text.substr(0, n))) << n;
  EXPECT_FALSE(parse_port("192,0,2,256,4,31"));
  EXPECT_FALSE(parse_port("192,0,2,-1,4,31"));
  EXPECT_FALSE(parse_port("99999999999999,0,2,1,4,31"));
  EXPECT_EQ(parse_pasv("Entering Passive Mode (192,0,2,1,4,31).")->port, 1055);
  EXPECT_EQ(parse_pasv("=192,0,2,1,4,31")->port, 1055);
  EXPECT_EQ(parse_pasv("192,0,2,1,4,31")->port, 1055);
  EXPECT_EQ(parse_pasv("PORT 192,0,2,1,4,31")->port, 1055);
  EXPECT_FALSE(parse_pasv("PORT"));
  EXPECT_FALSE(parse_pasv("no"));
}

TEST(Ftp, ExtendedPorts) {
  auto e = parse_extended_port("|2|2001:db8::1|1055|");
  ASSERT_TRUE(e);
  EXPECT_EQ(e->address.to_string(), "2001:db8::1");
  EXPECT_EQ(e->port, 1055);
  e = parse_epsv("Entering Extended Passive Mode (|||6446|)");
  ASSERT_TRUE(e);
  EXPECT_EQ(e->address, IpAddress{});
  EXPECT_EQ(e->port, 6446);
  EXPECT_EQ(parse_extended_port("!1!192.0.2.1!21!")->address.to_string(), "192.0.2.1");
  EXPECT_FALSE(parse_epsv("Entering Extended Passive Mode"));
  EXPECT_FALSE(parse_epsv("(|||65536|)"));
  EXPECT_FALSE(parse_epsv("(|||6446"));
  EXPECT_FALSE(parse_extended_port("|1|nonsense|21|"));
  EXPECT_FALSE(parse_extended_port(""));
  const std::string text = "|2|2001:db8::1|1055|";
  for (size_t n = 0; n < text.size(); n++) parse_extended_port(text.substr(0, n));
}

TEST(Ftp, Paths) {
  EXPECT_EQ(join_path(".", "a"), "./a");
  EXPECT_EQ(join_path("/pub", "a/../b"), "/pub/b");
  EXPECT_EQ(join_path("/pub/", "/etc/passwd"), "/etc/passwd");
  EXPECT_EQ(join_path("/pub", "C:\\x"), "C:\\x");
  EXPECT_EQ(join_path(".", "/.."), "/..");
  EXPECT_EQ(join_path("/a/b", ".."), "/a");
  EXPECT_EQ(join_path(".", ".."), "..");
  EXPECT_EQ(join_path("..", ".."), "../..");
  EXPECT_EQ(join_path("", "x//y/"), "x/y");
  EXPECT_EQ(join_path(".", ""), ".");
  EXPECT_EQ(find_path("\"/pub/my dir\" is current"), "/pub/my");
  EXPECT_EQ(find_path("/with\\ blank rest"), "/with\\ blank");
  EXPECT_EQ(find_path("C:\\pub is it"), "C:\\pub");
  EXPECT_EQ(find_path("none"), "");
  EXPECT_EQ(last_number("BINARY connection for 9.txt (1234 bytes)."), 1234u);
  EXPECT_EQ(last_number("none"), 0u);
  EXPECT_EQ(last_number("99999999999999999999999"), 0u);
}

TEST(Ftp, Recognised) {
  EXPECT_EQ(looks_like_client(as_bytes("USER me")), Match::Yes);
  EXPECT_EQ(looks_like_client(as_bytes("AUTH TLS\r\n user x")), Match::Yes);
  EXPECT_EQ(looks_like_client(as_bytes("US")), Match::Unsure);
  EXPECT_EQ(looks_like_client(as_bytes("FEAT\r\n")), Match::Unsure);
  EXPECT_EQ(looks_like_client(as_bytes("FEAT\r\nSYST\r\nUSER x\r\n")), Match::Yes);
  EXPECT_EQ(looks_like_server(as_bytes("220 hi\r\n331 password?\r\n")), Match::Yes);
  EXPECT_EQ(looks_like_server(as_bytes("\r\n120 hi\r\n230 in\r\n")), Match::Yes);
  EXPECT_EQ(looks_like_server(as_bytes("220-hello\r\n220-and welcome\r\n220 to you\r\n331 password?\r\n")), Match::Yes);
  EXPECT_EQ(looks_like_server(as_bytes("220 mail\r\n250 hi\r\n")), Match::Unsure);
  EXPECT_EQ(looks_like_server(as_bytes("SSH-2.0")), Match::No);
  EXPECT_EQ(looks_like_server({}), Match::Unsure);
  const std::string text = "220 hi\r\n331 ";
  for (size_t n = 0; n < text.size(); n++) EXPECT_EQ(looks_like_server(as_bytes(text).first(n)), Match::Unsure) << n;
}

TEST(Ftp, AdatTokens) {
  EXPECT_EQ(adat_of_request("ADAT FgMB"), "FgMB");
  EXPECT_FALSE(adat_of_request("USER FgMB"));
  EXPECT_EQ(adat_of_reply("335 ADAT=FgMB"), "FgMB");
  EXPECT_EQ(adat_of_reply("235-ADAT=x"), "x");
  EXPECT_FALSE(adat_of_reply("220 ADAT=x"));
  EXPECT_FALSE(adat_of_reply("335"));
}

}  // namespace
}  // namespace sensor::ftp
