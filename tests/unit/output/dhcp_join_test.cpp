#include "src/output/dhcp_join.h"

#include <gtest/gtest.h>

#include "sensor/output/format.h"

namespace sensor {
namespace {

/// Keeps the rows of dhcp.log as text: "uids types …".
struct Rows final : RowSink {
  struct Row {
    TimeNs due;
    std::map<std::string, std::string, std::less<>> cells;
  };
  std::vector<Row> rows;

  void write_row(const LogInfo& log, TimeNs due_ns, Bytes fields) override {
    std::vector<Cell> cells(log.columns.size());
    ASSERT_TRUE(decode_fields(log, fields, cells));
    Row row{due_ns, {}};
    for (size_t i = 0; i < cells.size(); i++) {
      TextBuffer text;
      format_tsv_cell(log.columns[i], cells[i], text);
      row.cells.emplace(log.columns[i].name, text.view());
    }
    rows.push_back(std::move(row));
  }
};

struct Join : testing::Test {
  Rows sink;
  DhcpJoin join{log_info<DhcpEventRecord>(), sink};

  void put(const DhcpEventRecord& r) {
    std::vector<uint8_t> bytes(2000);
    RecordEncoder out(bytes);
    encode_fields(out, r);
    std::vector<Cell> cells(log_info<DhcpEventRecord>().columns.size());
    ASSERT_TRUE(decode_fields(log_info<DhcpEventRecord>(), Bytes(bytes).first(out.size()), cells));
    EXPECT_FALSE(join.keep(r.ts.ns, cells));
  }
  static DhcpEventRecord event(int second, std::string type, bool from_client, uint64_t transaction = 1, uint64_t uid = 1) {
    DhcpEventRecord r;
    r.ts = Time{second * kSecond};
    r.entry_end = Time{r.ts.ns + 10 * kSecond};
    r.uid = {uid, 0, 'C'};
    r.transaction = transaction;
    r.type = std::move(type);
    r.from_client = from_client;
    return r;
  }
  void client(int second, std::string type, uint64_t transaction = 1, uint64_t uid = 1) {
    put(event(second, std::move(type), true, transaction, uid));
  }
  void check(int second) {
    DhcpEventRecord r;
    r.ts = Time{second * kSecond};
    r.table_check = true;
    put(r);
  }
  /// "second of writing: types" of each row.
  std::vector<std::string> written() {
    std::vector<std::string> out;
    for (const Rows::Row& r : sink.rows) out.push_back(std::to_string(r.due / kSecond) + ": " + r.cells.at("msg_types"));
    return out;
  }
};
using Written = std::vector<std::string>;

TEST_F(Join, AnExchange) {
  DhcpEventRecord discover = event(100, "DISCOVER", true, 7, 1);
  discover.chaddr = "02:00:00:00:00:10";
  discover.host_name = "host";
  discover.requested_addr = IpAddress::v4(0xc0000263);
  put(discover);
  EXPECT_TRUE(join.begins_row());
  DhcpEventRecord offer = event(101, "OFFER", false, 7, 2);
  offer.mac = "02:00:00:00:00:10";
  offer.server_addr = IpAddress::v4(0xc0000201);
  offer.assigned_addr = IpAddress::v4(0xc0000263);
  offer.domain = "example";
  offer.lease_time = Interval{kMinute};
  offer.message = "hello";
  put(offer);
  EXPECT_FALSE(join.begins_row());
  put(event(102, "REQUEST", true, 7, 1));
  join.finish(200 * kSecond);
  ASSERT_EQ(sink.rows.size(), 1u);
  EXPECT_EQ(sink.rows[0].due, 200 * kSecond);
  const auto& r = sink.rows[0].cells;
  const std::vector<std::pair<std::string, std::string>> expected{{"ts", "100.000000"},
                                                                  {"uids", to_string({1, 0, 'C'}) + "," + to_string({2, 0, 'C'})},
                                                                  {"client_addr", "192.0.2.99"},
                                                                  {"server_addr", "192.0.2.1"},
                                                                  {"mac", "02:00:00:00:00:10"},
                                                                  {"host_name", "host"},
                                                                  {"client_fqdn", "-"},
                                                                  {"domain", "example"},
                                                                  {"requested_addr", "192.0.2.99"},
                                                                  {"assigned_addr", "192.0.2.99"},
                                                                  {"lease_time", "60.000000"},
                                                                  {"client_message", "-"},
                                                                  {"server_message", "hello"},
                                                                  {"msg_types", "DISCOVER,OFFER,REQUEST"},
                                                                  {"duration", "2.000000"}};
  for (const auto& [column, value] : expected) EXPECT_EQ(r.at(column), value) << column;
}

TEST_F(Join, HardwareAddresses) {
  const auto mac = [&](std::optional<std::string> id, std::optional<std::string> header, std::optional<std::string> server) {
    DhcpEventRecord c = event(1, "DISCOVER", true);
    c.mac = id;
    c.chaddr = header;
    put(c);
    DhcpEventRecord s = event(2, "OFFER", false);
    s.mac = server;
    put(s);
    join.finish(3 * kSecond);
    return sink.rows.back().cells.at("mac");
  };
  EXPECT_EQ(mac("id", std::nullopt, "server"), "id");
  EXPECT_EQ(mac(std::nullopt, "header", "server"), "server");
  EXPECT_EQ(mac(std::nullopt, "header", std::nullopt), "header");
}

TEST_F(Join, AnExchangeIsOverAtACheck) {
  client(100, "DISCOVER");
  client(104, "DISCOVER");
  check(105);
  check(110);  // not after its first ten seconds
  EXPECT_EQ(written(), Written{});
  check(111);
  EXPECT_EQ(written(), Written{"111: DISCOVER,DISCOVER"});
  client(112, "REQUEST");
  client(120, "REQUEST");
  check(123);  // heard of three seconds ago
  check(125);
  client(128, "REQUEST");
  check(133);
  client(138, "REQUEST");
  check(142);
  EXPECT_EQ(sink.rows.size(), 1u);
  client(142, "REQUEST");
  check(143);  // after more than thirty seconds
  EXPECT_EQ(written().back(), "143: REQUEST,REQUEST,REQUEST,REQUEST,REQUEST");
}

TEST_F(Join, TooManyMessagesHaveNoAddressOfTheHeader) {
  DhcpEventRecord discover = event(1, "DISCOVER", true);
  discover.chaddr = "02:00:00:00:00:10";
  for (size_t i = 0; i < DhcpJoin::kMaxMessages; i++) put(discover);
  ASSERT_EQ(sink.rows.size(), 1u);
  EXPECT_EQ(sink.rows[0].cells.at("mac"), "-");
  put(discover);
  join.finish(3 * kSecond);
  EXPECT_EQ(sink.rows.back().cells.at("mac"), "02:00:00:00:00:10");
}

TEST_F(Join, ExchangesOfOneCheckAreInOrder) {
  client(1, "DISCOVER", 9);
  client(2, "REQUEST", 3);
  client(3, "INFORM", 5);
  client(4, "INFORM", 9);
  check(20);
  EXPECT_EQ(written(), (Written{"20: DISCOVER,INFORM", "20: REQUEST", "20: INFORM"}));
}

TEST_F(Join, Limits) {
  for (uint64_t uid = 0; uid < DhcpJoin::kMaxUids; uid++) client(1, "INFORM", 1, uid);
  EXPECT_EQ(sink.rows.size(), 1u);
  for (size_t i = 0; i < DhcpJoin::kMaxMessages; i++) client(1, std::string("unknown-message-type-255"), 1);
  EXPECT_EQ(sink.rows.size(), 2u);
  for (uint64_t n = 0; n < DhcpJoin::kMaxExchanges + 5; n++) client(2, "DISCOVER", n);
  EXPECT_EQ(sink.rows.size(), 7u);
  join.finish(3 * kSecond);
  EXPECT_EQ(sink.rows.size(), DhcpJoin::kMaxExchanges + 7);
  join.finish(3 * kSecond);
  EXPECT_EQ(sink.rows.size(), DhcpJoin::kMaxExchanges + 7);
}

}  // namespace
}  // namespace sensor
