#include "src/session/mysql_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "mysql_packets.h"

namespace sensor {
namespace {

using namespace test;
using Rows = std::vector<std::string>;

struct MysqlSession : testing::Test {
  FakeContext c;
  MysqlAnalyzer mysql;
  void client(const std::string& t) { mysql.on_data(c, Direction::Orig, as_bytes(t)); }
  void server(const std::string& t) { mysql.on_data(c, Direction::Resp, as_bytes(t)); }
  Rows rows() {
    Rows out;
    for (const RowText& r : c.rows("mysql"))
      out.push_back(r.at("cmd") + " " + r.at("arg") + " " + r.at("success") + " " + r.at("rows") + " " + r.at("response"));
    return out;
  }
};

TEST_F(MysqlSession, LoginAndCommands) {
  server(mysql_greeting());
  EXPECT_TRUE(c.confirmed.empty());
  client(mysql_login("alice"));
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"mysql"}));
  server(mysql_ok(2));
  client(mysql_command(3, "update"));
  server(mysql_ok(1, 5));
  client(mysql_command(3, "nonsense"));
  server(mysql_error(1, "You have an error"));
  client(mysql_command(4, mysql_bytes("table\0")));
  server(mysql_eof(1));
  client(mysql_command(17, mysql_bytes("bob\0\0db\0\x21\0")));
  server(mysql_ok(1));
  client(mysql_command(24, "x"));
  client(mysql_command(1));
  EXPECT_EQ(rows(), (Rows{"login alice T 0 -", "query update T 5 -", "query nonsense F - You have an error", "field_list table T 0 -",
                          "change_user bob T 0 -", "stmt_send_long_data x - - -", "quit (empty) - - -"}));
}

TEST_F(MysqlSession, TheFirstRowHasTheServersVersion) {
  server(mysql_greeting());
  client(mysql_login("alice"));
  server(mysql_ok(2));
  client(mysql_command(3, "update"));
  server(mysql_ok(1, 5));
  ASSERT_EQ(c.rows("mysql").size(), 2u);
  EXPECT_EQ(c.rows("mysql")[0].at("server"), "8.0.1");
  EXPECT_EQ(c.rows("mysql")[1].at("server"), "-");
}

TEST_F(MysqlSession, TlsFollows) {
  server(mysql_greeting(0x800));
  client(mysql_ssl_request());
  EXPECT_EQ(c.started, (std::vector<ProtocolId>{ProtocolId::Tls}));
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"mysql"}));
  EXPECT_EQ(c.done_calls, 1);
  EXPECT_TRUE(rows().empty());
}

TEST_F(MysqlSession, WhatIsPendingIsWrittenAtTheEnd) {
  server(mysql_greeting());
  client(mysql_login("alice"));
  mysql.on_gap(c, Direction::Resp, 1);
  EXPECT_EQ(c.done_calls, 1);
  EXPECT_EQ(rows(), Rows{"login alice - - -"});
}

TEST_F(MysqlSession, Violations) {
  client(mysql_command(3, "select 1"));
  EXPECT_EQ(c.violations.size(), 1u);
}

}  // namespace
}  // namespace sensor
