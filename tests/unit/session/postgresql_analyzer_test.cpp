#include "src/session/postgresql_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "postgresql_messages.h"

namespace sensor {
namespace {

using namespace test;

struct PostgresqlSession : testing::Test {
  FakeContext c;
  PostgresqlAnalyzer postgresql;
  void client(const std::string& t) { postgresql.on_data(c, Direction::Orig, as_bytes(t)); }
  void server(const std::string& t) { postgresql.on_data(c, Direction::Resp, as_bytes(t)); }
  std::vector<std::string> rows() {
    std::vector<std::string> out;
    for (const RowText& r : c.rows("postgresql"))
      out.push_back(r.at("user") + " " + r.at("frontend") + " " + r.at("frontend_arg") + " " + r.at("backend") + " " + r.at("backend_arg") +
                    " " + r.at("success") + " " + r.at("rows"));
    return out;
  }
};
using Rows = std::vector<std::string>;

TEST_F(PostgresqlSession, LoginAndQueries) {
  client(pg_ssl_request());
  server("N");
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"postgresql"}));
  client(pg_startup({"user", "alice", "database", "db", "application_name", "psql"}));
  server(pg_authentication(10, "SCRAM") + pg_authentication(12, "x") + pg_authentication(0) + pg_ready());
  client(pg_query("select 1"));
  server(pg_row() + pg_row() + pg_ready());
  client(pg_query("nonsense"));
  server(pg_error('E', {"SERROR", "C42601"}) + pg_ready('E'));
  client(pg_query("drop"));
  server(pg_error('N', {"Mgone", "Hnone"}) + pg_ready('T'));
  client(pg_message('X', ""));
  EXPECT_EQ(rows(), (Rows{"- ssl_request - ssl_reply N F -", "alice startup - auth_ok SASL,SASLFinal T -",
                          "alice simple_query select 1 - - T 2", "alice simple_query nonsense error SeverityLocalized=ERROR,Code=42601 F -",
                          "alice simple_query drop - Message=gone,Hint=none T 0", "alice terminate - - - - -"}));
  const RowText r = c.rows("postgresql").at(1);
  EXPECT_EQ(r.at("database"), "db");
  EXPECT_EQ(r.at("application_name"), "psql");
}

TEST_F(PostgresqlSession, RefusedLogin) {
  client(pg_startup({"user", "eve"}));
  server(pg_authentication(10) + pg_authentication(11) + pg_error('E', {"C28P01"}));
  EXPECT_EQ(rows(), (Rows{"eve startup - auth_request,auth_request,error SASL,SASLContinue,Code=28P01 F -"}));
}

TEST_F(PostgresqlSession, TlsFollows) {
  client(pg_ssl_request());
  server("S");
  EXPECT_EQ(c.started, (std::vector<ProtocolId>{ProtocolId::Tls}));
  EXPECT_EQ(c.done_calls, 1);
  EXPECT_EQ(rows(), (Rows{"- ssl_request - ssl_reply S T -"}));
}

TEST_F(PostgresqlSession, EndsWithinAMessage) {
  postgresql.on_eof(c, Direction::Orig);
  client(pg_ssl_request());
  client("early");
  postgresql.on_eof(c, Direction::Orig);
  EXPECT_EQ(c.violations.size(), 0u) << "it waits for the server's answer";
  PostgresqlAnalyzer other;
  other.on_data(c, Direction::Resp, as_bytes("R"));
  other.on_eof(c, Direction::Resp);
  other.on_data(c, Direction::Orig, as_bytes(pg_startup({"user", "alice"})));
  other.on_eof(c, Direction::Orig);
  EXPECT_EQ(c.violations.size(), 0u);
  other.on_eof(c, Direction::Resp);
  EXPECT_EQ(c.violations.size(), 1u);
}

TEST_F(PostgresqlSession, WhatIsPendingIsWrittenAtTheEnd) {
  client(pg_startup({"user", "bob"}));
  server(std::string("R\0\0\0\3", 5));
  EXPECT_EQ(c.violations.size(), 1u);
  postgresql.on_finish(c);
  EXPECT_EQ(rows(), (Rows{"bob startup - - - - -"}));
  PostgresqlAnalyzer other;
  other.on_data(c, Direction::Orig, as_bytes(pg_ssl_request()));
  other.on_gap(c, Direction::Resp, 1);
  EXPECT_EQ(c.done_calls, 1);
  EXPECT_EQ(rows().back(), "- ssl_request - - - - -");
}

}  // namespace
}  // namespace sensor
