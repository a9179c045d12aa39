#include "dpi/irc/irc.h"

#include <gtest/gtest.h>

namespace sensor::irc {
namespace {

using Words = std::vector<std::string_view>;

TEST(Irc, Lines) {
  const Line command = parse_line("  @time=now;x :bob!b@host  privmsg #chan :hello there");
  EXPECT_EQ(command.kind, LineKind::Command);
  EXPECT_EQ(command.prefix, "bob!b@host");
  EXPECT_EQ(command.command, "PRIVMSG");
  EXPECT_EQ(command.parameters, "#chan :hello there");
  const Line reply = parse_line(":irc.example 001 bob :Welcome");
  EXPECT_EQ(reply.kind, LineKind::Reply);
  EXPECT_EQ(reply.code, 1u);
  EXPECT_EQ(reply.parameters, "bob :Welcome");
  EXPECT_EQ(parse_line("LIST").command, "LIST");
  EXPECT_EQ(parse_line("LIST").parameters, "");
  EXPECT_EQ(parse_line("000 x").kind, LineKind::Command);
}

TEST(Irc, MalformedLines) {
  EXPECT_EQ(parse_line(std::string(513, 'x')).kind, LineKind::TooLong);
  EXPECT_EQ(parse_line("   ab").kind, LineKind::TooShort);
  EXPECT_EQ(parse_line("@only-tags").kind, LineKind::Tags);
  EXPECT_EQ(parse_line("@tags ").kind, LineKind::NoCommand);
  EXPECT_EQ(parse_line(":prefix").kind, LineKind::OnlyPrefix);
  EXPECT_EQ(parse_line(":prefix  ab").kind, LineKind::NoCommand);
  for (const std::string_view bad : {"12 x", "1234 x", "123", "12a x"}) EXPECT_EQ(parse_line(bad).kind, LineKind::BadReply) << bad;
}

TEST(Irc, EveryTruncation) {
  const std::string_view line = "@tags :irc.example 433 * bob :taken";
  for (size_t n = 0; n <= line.size(); n++) parse_line(line.substr(0, n));
  const std::string_view offer =
      "bob :\x01"
      "DCC SEND notes.txt 3221225994 5555 11\x01";
  for (size_t n = 0; n < offer.size(); n++) EXPECT_LE(parse_message(offer.substr(0, n)).bad_port, 5555u) << n;
}

TEST(Irc, Words) {
  EXPECT_EQ(split("  a  b c ", ' '), (Words{"a", "b", "c"}));
  EXPECT_EQ(split(",,", ','), Words{});
  const User u = parse_user("tim host irc.example :Tim of the West");
  EXPECT_EQ(u.user, "tim");
  EXPECT_EQ(u.host, "host");
  EXPECT_EQ(u.server, "irc.example");
  EXPECT_EQ(u.real_name, "Timof the West ");
  EXPECT_EQ(parse_user("tim").real_name, "");
}

TEST(Irc, Channels) {
  const auto joined = parse_join(":#a,#b secret");
  ASSERT_EQ(joined.size(), 2u);
  EXPECT_EQ(joined[0].channel, "#a");
  EXPECT_EQ(joined[0].key, "secret");
  EXPECT_EQ(joined[1].channel, "#b");
  EXPECT_EQ(joined[1].key, "");
  EXPECT_TRUE(parse_join(":").empty());
  EXPECT_EQ(parse_njoin("#a :@bob,+tim").size(), 2u);
  EXPECT_EQ(parse_njoin("#a :@bob,+tim")[1].channel, "#a");
  EXPECT_TRUE(parse_njoin("#a").empty());
}

TEST(Irc, Offers) {
  using Kind = Message::Kind;
  const Message m = parse_message(
      "bob :\x01"
      "DCC SEND notes.txt 3221225994 5555 1026\x01");
  ASSERT_EQ(m.kind, Kind::Offer);
  EXPECT_EQ(m.offer.type, "SEND");
  EXPECT_EQ(m.offer.argument, "notes.txt");
  EXPECT_EQ(m.offer.address, 0xc000020au);
  EXPECT_EQ(m.offer.port, 5555);
  EXPECT_EQ(m.offer.size, 1026u);
  EXPECT_EQ(parse_message("bob :\x01"
                          "DCC CHAT chat 1 2\x01")
                .kind,
            Kind::Offer);
  EXPECT_EQ(parse_message("bob :DCC SEND f 1 2 3 T").kind, Kind::Offer);
  EXPECT_EQ(parse_message("bob :DCC SEND f 1 2 3 U").kind, Kind::BadOffer);
  EXPECT_EQ(parse_message("bob :DCC SEND f").kind, Kind::BadOffer);
  EXPECT_EQ(parse_message("bob :DCC SEND f host 2").kind, Kind::BadAddress);
  EXPECT_EQ(parse_message("bob :DCC SEND f 1 x").kind, Kind::BadPort);
  EXPECT_EQ(parse_message("bob :DCC SEND f 1 65536").bad_port, 65536u);
  EXPECT_EQ(parse_message("bob :DCC SEND f 1 99999999999").kind, Kind::BadPort);
  EXPECT_EQ(parse_message("bob :DCC SEND f 1 99999999999").bad_port, 0u);
  EXPECT_EQ(parse_message("bob :DCC SEND f 4294967296 2").kind, Kind::BadAddress);
  EXPECT_EQ(parse_message("bob :DCC SEND f 2001:db8::1 2x").offer.address, 2001u);  // as Zeek has it
  EXPECT_EQ(parse_message("bob :hello").kind, Kind::Text);
  EXPECT_EQ(parse_message("bob").kind, Kind::NoText);
}

TEST(IrcProbe, AClientAndAServer) {
  const auto match = [](std::string_view c, std::string_view s) { return looks_like(as_bytes(c), as_bytes(s)); };
  EXPECT_EQ(match("NICK bob\r\nUSER b b b :b\r\n", ":irc.example NOTICE * :hi\r\n:irc.example 001 bob :hi\r\n"), Match::Yes);
  EXPECT_EQ(match("STARTTLS\r\n", ":irc.example 670 * :go\r\n"), Match::Yes);
  EXPECT_EQ(match("PASS x\r\nSERVER a 1 :a\r\n", "SERVER b 1 :b\r\n"), Match::Yes);
  EXPECT_EQ(match("USER bob\r\n", "331 password\r\n"), Match::Unsure);
  EXPECT_EQ(match("", "SSH-2.0-x\r\n"), Match::Unsure);
  EXPECT_EQ(match("\x16\x03\x01", ""), Match::No);
}

}  // namespace
}  // namespace sensor::irc
