#include "src/session/snmp_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace sensor {
namespace {

std::string element(uint8_t tag, const std::string& content) {
  return static_cast<char>(tag) + std::string(1, static_cast<char>(content.size())) + content;
}
std::string number(char n) {
  return element(2, {n});
}
std::string binding(const std::string& oid, const std::string& value) {
  return element(0x30, element(6, oid) + value);
}
const std::string kSystem("\x2b\6\1\2\1\1", 6);
const std::string kNothing = element(5, {});

std::string message(char version, uint8_t type, const std::string& bindings, const std::string& community = "public") {
  return element(0x30,
                 number(version) + element(4, community) + element(type, number(1) + number(0) + number(0) + element(0x30, bindings)));
}

struct Snmp : testing::Test {
  Snmp() { c.transport_protocol = Transport::Udp; }
  FakeContext c;
  SnmpAnalyzer snmp;
  void client(const std::string& m) { snmp.on_data(c, Direction::Orig, as_bytes(m)); }
  void server(const std::string& m) { snmp.on_data(c, Direction::Resp, as_bytes(m)); }
  RowText row() {
    snmp.on_finish(c);
    return c.rows("snmp").at(0);
  }
};

TEST_F(Snmp, CountsVariables) {
  const std::string one = binding(kSystem, kNothing), two = one + one;
  client(message(1, 0xa0, one));
  EXPECT_TRUE(c.confirmed.empty());
  client(message(1, 0xa1, two, "other"));
  client(message(1, 0xa3, one));
  client(message(1, 0xa5, two));
  client(message(1, 0xa7, two));
  c.now_ns += kSecond;
  server(message(1, 0xa2, two + two));
  EXPECT_EQ(c.confirmed, std::vector<std::string>{"snmp"});
  const RowText r = row();
  EXPECT_EQ(r.at("duration"), "1.000000");
  EXPECT_EQ(r.at("version"), "2c");
  EXPECT_EQ(r.at("community"), "public");
  EXPECT_EQ(r.at("get_requests"), "3");
  EXPECT_EQ(r.at("get_bulk_requests"), "2");
  EXPECT_EQ(r.at("set_requests"), "1");
  EXPECT_EQ(r.at("get_responses"), "4");
  EXPECT_EQ(r.at("display_string"), "-");
  EXPECT_EQ(r.at("up_since"), "-");
}

TEST_F(Snmp, WhatTheDeviceSaysOfItself) {
  server(message(0, 0xa2,
                 binding(kSystem + std::string("\1\0", 2), element(4, "a box")) +
                     binding(kSystem + std::string("\3\0", 2), element(0x43, std::string("\x64")))));
  const RowText r = row();
  EXPECT_EQ(r.at("version"), "1");
  EXPECT_EQ(r.at("display_string"), "a box");
  EXPECT_EQ(r.at("up_since"), "999999.000000");
}

TEST_F(Snmp, UpForAges) {
  server(message(0, 0xa2, binding(kSystem + std::string("\3\0", 2), element(0x46, std::string(8, '\xff')))));
  EXPECT_EQ(row().at("up_since").substr(0, 1), "-");
}

TEST_F(Snmp, NumbersThatAreTooLarge) {
  const std::string counter = element(0x46, '\0' + std::string(8, '\xff')), arc = std::string(10, '\x81') + '\1';
  server(message(1, 0xa2, binding(kSystem + arc, counter)));
  const auto weirds = c.rows("weird");
  ASSERT_EQ(weirds.size(), 2u);
  EXPECT_EQ(weirds[0].at("name"), "asn_binary_to_int64_shift_too_large");
  EXPECT_EQ(weirds[0].at("addl"), "9");
  EXPECT_EQ(weirds[0].at("uid"), "-");
  EXPECT_EQ(weirds[0].at("source"), "-");
  EXPECT_EQ(weirds[1].at("name"), "asn_oid_subidentifier_too_long");
  EXPECT_EQ(weirds[1].at("addl"), "11");
  EXPECT_EQ(row().at("get_responses"), "1");
}

TEST_F(Snmp, NothingOfUnknownVersions) {
  client(message(2, 0xa0, {}));
  snmp.on_finish(c);
  EXPECT_TRUE(c.rows("snmp").empty());
  EXPECT_TRUE(c.violations.empty());
}

TEST_F(Snmp, Malformed) {
  client(message(1, 0xa0, {}));
  const std::string m = message(1, 0xa2, binding(kSystem, kNothing));
  server(m.substr(0, m.size() - 1));
  EXPECT_EQ(c.violations.size(), 1u);
  EXPECT_EQ(c.confirmed.size(), 1u);
  EXPECT_EQ(row().at("get_responses"), "0");
  snmp.on_finish(c);
  EXPECT_EQ(c.rows("snmp").size(), 1u);
}

TEST(SnmpProbe, Messages) {
  EXPECT_EQ(probe_snmp({as_bytes(message(1, 0xa0, {})), {}}), Probe::Certain);
  EXPECT_EQ(probe_snmp({{}, as_bytes(message(1, 0xa0, {}) + "x")}), Probe::NotForUs);
}

}  // namespace
}  // namespace sensor
