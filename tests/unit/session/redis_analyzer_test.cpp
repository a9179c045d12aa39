#include "src/session/redis_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace sensor {
namespace {

struct Redis : testing::Test {
  FakeContext c;
  RedisAnalyzer redis;
  void client(const std::string& t) { redis.on_data(c, Direction::Orig, as_bytes(t)); }
  void server(const std::string& t) { redis.on_data(c, Direction::Resp, as_bytes(t)); }
  /// "name key value success reply" of each row.
  std::vector<std::string> rows() {
    std::vector<std::string> out;
    for (const RowText& r : c.rows("redis"))
      out.push_back(r.at("cmd.name") + " " + r.at("cmd.key") + " " + r.at("cmd.value") + " " + r.at("success") + " " + r.at("reply.value"));
    return out;
  }
};
using Rows = std::vector<std::string>;

TEST_F(Redis, CommandsAndReplies) {
  client("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n");
  EXPECT_TRUE(c.confirmed.empty());
  server("+OK\r\n");
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"redis"}));
  client("GET k\r\nNONSENSE a b\r\n");
  server("$1\r\nv\r\n-ERR unknown command\r\n");
  EXPECT_EQ(rows(), (Rows{"SET k v T OK", "GET k - T v", "NONSENSE - - F ERR unknown command"}));
}

TEST_F(Redis, PendingCommandsAreWrittenAtTheEnd) {
  client("PING\r\nPING\r\n");
  server("+PONG\r\n");
  redis.on_finish(c);
  EXPECT_EQ(rows(), (Rows{"PING - - T PONG", "PING - - - -"}));
}

TEST_F(Redis, RepliesSwitchedOff) {
  client("PING\r\nCLIENT REPLY OFF\r\nPING\r\nCLIENT REPLY ON\r\nPING\r\nCLIENT REPLY SKIP\r\nPING\r\nPING\r\n");
  server("+1\r\n+OK\r\n+2\r\n+3\r\n");
  EXPECT_EQ(rows(), (Rows{"PING - - T 1", "CLIENT - - - -", "PING - - - -", "CLIENT - - T OK", "PING - - T 2", "CLIENT - - - -",
                          "PING - - - -", "PING - - T 3"}));
}

TEST_F(Redis, Subscribed) {
  client("SUBSCRIBE news\r\n");
  server("*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n");
  client("RESET\r\n");
  server("+RESET\r\n");
  EXPECT_EQ(rows(), (Rows{"SUBSCRIBE - - - -", "RESET - - T RESET"}));
}

TEST_F(Redis, Version3KeepsMessagesApart) {
  client("HELLO 3\r\nSUBSCRIBE news\r\n");
  server("%1\r\n+proto\r\n:3\r\n>3\r\n+subscribe\r\n+news\r\n:1\r\n");
  client("PING\r\n");
  server("+PONG\r\n");
  EXPECT_EQ(rows(), (Rows{"HELLO - - T {proto: 3}", "SUBSCRIBE - - - -", "PING - - T PONG"}));
}

TEST_F(Redis, ViolationsWriteNothingMore) {
  client("PING\r\nPING\r\n");
  server("+PONG\r\nnot a reply\r\n");
  EXPECT_TRUE(c.violations.empty());
  redis.on_finish(c);
  EXPECT_EQ(c.violations.size(), 1u);
  EXPECT_EQ(rows(), Rows{"PING - - T PONG"});
}

TEST_F(Redis, ServerFirstAndMalformedCommands) {
  server("+OK POP3 ready\r\n");
  EXPECT_EQ(c.violations.size(), 1u);
  client("USER bob\r\n");
  EXPECT_EQ(c.done_calls, 1);
  RedisAnalyzer other;
  other.on_data(c, Direction::Orig, as_bytes("*1\r\nx"));
  EXPECT_EQ(c.violations.size(), 2u);
}

TEST_F(Redis, ExcessivePipelining) {
  std::string pings;
  for (size_t i = 0; i < RedisAnalyzer::kMaxPending + 2; i++) pings += "PING\r\n";
  client(pings);
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "Redis_excessive_pipelining");
  const std::string big = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$16384\r\n" + std::string(16384, 'v') + "\r\n";
  for (int i = 0; i < 70; i++) client(big);
  EXPECT_EQ(c.weirds.size(), 2u);
}

TEST_F(Redis, RepliesToNothing) {
  client("PING\r\n");
  std::string pongs;
  for (size_t i = 0; i < RedisAnalyzer::kMaxPending + 10; i++) pongs += "+PONG\r\n";
  server(pongs);
  EXPECT_EQ(c.done_calls, 1);
}

TEST_F(Redis, EndsWithinAMessage) {
  client("PING\r\nPING\r\n");
  server("+PONG\r\n");
  redis.on_eof(c, Direction::Orig);
  EXPECT_EQ(c.violations.size(), 0u);
  server("*2\r\n+a\r\n");
  redis.on_eof(c, Direction::Resp);
  EXPECT_EQ(c.violations.size(), 1u);
  redis.on_finish(c);
  EXPECT_EQ(rows(), Rows{"PING - - T PONG"});
  RedisAnalyzer other;
  other.on_data(c, Direction::Orig, as_bytes("*1\r\n$4\r\nPI"));
  other.on_eof(c, Direction::Orig);
  EXPECT_EQ(c.violations.size(), 2u);
}

TEST_F(Redis, Gaps) {
  client("PING\r\nPING\r\n");
  redis.on_gap(c, Direction::Resp, 4);
  server("NG\r\n+PONG\r\n");
  EXPECT_EQ(rows(), Rows{"PING - - T PONG"});
  RedisAnalyzer other;
  other.on_gap(c, Direction::Orig, 4);
  EXPECT_EQ(c.done_calls, 1);
}

}  // namespace
}  // namespace sensor
