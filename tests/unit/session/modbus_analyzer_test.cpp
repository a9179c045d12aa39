#include "src/session/modbus_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "modbus_messages.h"

namespace sensor {
namespace {

using namespace test;
using Rows = std::vector<std::string>;

struct Modbus : testing::Test {
  FakeContext c;
  ModbusAnalyzer modbus;
  void client(const std::string& t) { modbus.on_data(c, Direction::Orig, as_bytes(t)); }
  void server(const std::string& t) { modbus.on_data(c, Direction::Resp, as_bytes(t)); }
  Rows rows() {
    Rows out;
    for (const RowText& r : c.rows("modbus"))
      out.push_back(r.at("tid") + " " + r.at("unit") + " " + r.at("func") + " " + r.at("pdu_type") + " " + r.at("exception"));
    return out;
  }
};

TEST_F(Modbus, RequestsAndResponses) {
  client(modbus_message(1, 3, modbus_bytes("\0\1\0\1")));
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"modbus"}));
  server(modbus_message(1, 3, "\2ab"));
  client(modbus_message(2, 1, modbus_bytes("\0\1\0\1")));
  server(modbus_message(2, 0x81, "\2"));
  EXPECT_EQ(rows(), (Rows{"1 1 READ_HOLDING_REGISTERS REQ -", "1 1 READ_HOLDING_REGISTERS RESP -", "2 1 READ_COILS REQ -",
                          "2 1 READ_COILS_EXCEPTION RESP ILLEGAL_DATA_ADDRESS"}));
  EXPECT_TRUE(c.violations.empty());
}

TEST_F(Modbus, TheRowIsThatOfTheHeader) {
  const std::string exception = modbus_message(1, 0x81, "\4");
  server(exception.substr(0, 8));
  c.now_ns += 5 * kSecond;
  EXPECT_TRUE(rows().empty());
  server(exception.substr(8));
  ASSERT_EQ(rows(), Rows{"1 1 READ_COILS_EXCEPTION RESP SLAVE_DEVICE_FAILURE"});
  EXPECT_EQ(c.rows("modbus").at(0).at("ts"), "1000000.000000");
}

TEST_F(Modbus, Violations) {
  client("GET / HTTP/1.1\r\n");
  EXPECT_EQ(c.violations.size(), 1u);
  // A request never is an exception.
  client(modbus_message(1, 0x81, "\4"));
  EXPECT_TRUE(rows().empty());
}

}  // namespace
}  // namespace sensor
