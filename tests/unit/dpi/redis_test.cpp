#include <gtest/gtest.h>

#include "dpi/redis/resp.h"
#include "dpi/redis/words.h"

namespace sensor::redis {
namespace {

using Status = CommandReader::Status;

/// Feeds all of it, cut at every place; both ways must say the same.
template <class Reader, class Text>
std::vector<std::string> read(const std::string& stream, Text text) {
  std::vector<std::string> first;
  for (size_t cut = 0; cut <= stream.size(); cut++) {
    Reader reader;
    std::vector<std::string> found;
    for (const Bytes piece : {as_bytes(stream).first(cut), as_bytes(stream).subspan(cut)}) {
      ByteReader r(piece);
      for (Status s = reader.feed(r); s != Status::NeedMore; s = reader.feed(r)) {
        found.push_back(s == Status::Ready ? text(reader) : "malformed");
        if (s == Status::Malformed && std::is_same_v<Reader, CommandReader>) break;
      }
      if (!found.empty() && found.back() == "malformed" && std::is_same_v<Reader, CommandReader>) break;
    }
    if (cut == 0) first = found;
    EXPECT_EQ(found, first) << stream << " cut at " << cut;
  }
  return first;
}
std::vector<std::string> commands(const std::string& stream) {
  return read<CommandReader>(stream, [](const CommandReader& r) {
    std::string out = std::to_string(r.command().count);
    for (const std::string& a : r.command().arguments) out += "|" + a;
    return out;
  });
}
std::vector<std::string> replies(const std::string& stream) {
  return read<ReplyReader>(stream, [](const ReplyReader& r) {
    constexpr std::string_view kKinds[] = {"", "error ", "push "};
    return std::string(kKinds[static_cast<size_t>(r.reply().kind)]) + (r.reply().resp3 ? "3:" : "2:") + r.reply().value;
  });
}
using Words = std::vector<std::string>;

TEST(Redis, Commands) {
  EXPECT_EQ(commands("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\r\nbc\r\n"), Words{"3|SET|k|a\r\nbc"});
  EXPECT_EQ(commands("PING\r\nset k \"a b\"\r\n"), (Words{"1|PING", "3|set|k|\"a b\""}));
  EXPECT_EQ(commands("*6\r\n$1\r\n1\r\n$1\r\n2\r\n$0\r\n\r\n$1\r\n4\r\n$1\r\n5\r\n$1\r\n6\r\n"), Words{"6|1|2||4"});
}

TEST(Redis, MalformedCommands) {
  for (const std::string bad :
       {"\r\n", "*0\r\n", "*-1\r\n", "*x\r\n", "*1\r\nPING\r\n", "*1\r\n$-1\r\n", "*1\r\n$9999999\r\n", "*99999\r\n"}) {
    EXPECT_EQ(commands(bad), Words{"malformed"}) << bad;
  }
  EXPECT_EQ(commands(std::string(2000, 'x') + "\r\n"), Words{"malformed"});
}

TEST(Redis, Replies) {
  EXPECT_EQ(replies("+OK\r\n-ERR no\r\n:12\r\n$3\r\nabc\r\n$-1\r\n$0\r\n\r\n"),
            (Words{"2:OK", "error 2:ERR no", "2:12", "2:abc", "2:", "2:"}));
  EXPECT_EQ(replies("*3\r\n:1\r\n*2\r\n+a\r\n+b\r\n*0\r\n*-1\r\n"), (Words{"2:[1, [a, b], []]", "2:[]"}));
}

TEST(Redis, RepliesOfVersion3) {
  EXPECT_EQ(replies("_\r\n#t\r\n,1.5\r\n(99\r\n!3\r\nbad\r\n=7\r\ntxt:abc\r\n"),
            (Words{"3:null", "3:T", "3:1.5", "3:99", "error 3:bad", "3:txt:abc"}));
  EXPECT_EQ(replies("%2\r\n+a\r\n:1\r\n+b\r\n~2\r\n:2\r\n:3\r\n"), Words{"3:{a: 1, b: (2, 3)}"});
  EXPECT_EQ(replies(">2\r\n+message\r\n+hi\r\n"), Words{"push 3:[message, hi]"});
  EXPECT_EQ(replies("|1\r\n+ttl\r\n:5\r\n*2\r\n:1\r\n|1\r\n+x\r\n*1\r\n:7\r\n:2\r\n"), Words{"3:[1, 2]"});
}

TEST(Redis, ReadsOnBehindMalformedReplies) {
  EXPECT_EQ(replies("+OK\r\nnot this\r\n+OK\r\n"), (Words{"2:OK", "malformed", "2:OK"}));
  EXPECT_EQ(replies("*x\r\n+lost\r\n+OK\r\n").back(), "2:OK");
}

TEST(Redis, Limits) {
  std::string deep;
  for (size_t i = 0; i < ReplyReader::kMaxDepth + 1; i++) deep += "*1\r\n";
  EXPECT_EQ(replies(deep).front(), "malformed");
  EXPECT_EQ(replies("*20001\r\n").front(), "malformed");
  EXPECT_EQ(replies("$1048577\r\n").front(), "malformed");
  ReplyReader r;
  const std::string text = "$100000\r\n" + std::string(100'000, 'x') + "\r\n";
  ByteReader in(as_bytes(text));
  ASSERT_EQ(r.feed(in), Status::Ready);
  EXPECT_EQ(r.reply().value.size(), kMaxKept);
  ReplyReader endless;
  const std::string line = "+" + std::string(kMaxBytes + 1, 'x');
  ByteReader more(as_bytes(line));
  EXPECT_EQ(endless.feed(more), Status::Malformed);
}

TEST(Redis, Words) {
  EXPECT_EQ(split_words(" set  k 'a \\' b' \"c"), (Words{"set", "k", "'a \\' b'", "\"c"}));
  EXPECT_TRUE(split_words("  ").empty());
  EXPECT_EQ(places("SET").value, 2);
  EXPECT_EQ(places("blmpop").key, 3);
  EXPECT_EQ(places("FAKE").key, 0);
  EXPECT_TRUE(has_no_reply("UNSUBSCRIBE"));
  EXPECT_FALSE(subscribes("unsubscribe"));
}

TEST(Redis, Recognised) {
  const auto match = [](std::string_view c, std::string_view s) { return looks_like(as_bytes(c), as_bytes(s)); };
  EXPECT_EQ(match("*1\r\n$4\r\nPING\r\n", "+PONG\r\n"), Match::Yes);
  EXPECT_EQ(match("GET a\r\n", "$-1\r\n"), Match::Yes);
  EXPECT_EQ(match("GET a\r\n", ""), Match::Unsure);
  EXPECT_EQ(match("GET a\r\n", "*2"), Match::Unsure);
  EXPECT_EQ(match("GET a\r\n", "*x"), Match::No);
  EXPECT_EQ(match("GET / HTTP/1.0\r\n", "HTTP/1.0 200 OK\r\n"), Match::No);
  EXPECT_EQ(match("binary\n", "+OK\r\n"), Match::No);
}

}  // namespace
}  // namespace sensor::redis
