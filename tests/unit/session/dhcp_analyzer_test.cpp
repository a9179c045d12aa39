#include "src/session/dhcp_analyzer.h"

#include <gtest/gtest.h>

#include "dhcp_messages.h"
#include "fake_context.h"

namespace sensor {
namespace {

using test::dhcp_message;
using test::dhcp_option;

const std::string kAddress("\xc0\0\2\x63", 4);

struct Dhcp : testing::Test {
  Dhcp() {
    c.transport_protocol = Transport::Udp;
    c.header.orig_p = {68};
    c.header.resp_p = {67};
  }
  FakeContext c;
  DhcpAnalyzer dhcp;
  void from(Direction d, const std::string& datagram) { dhcp.on_data(c, d, as_bytes(datagram)); }
  RowText last() { return c.rows("dhcp_event").back(); }
};

TEST_F(Dhcp, WhatTheClientSays) {
  from(Direction::Orig,
       dhcp_message({.type = 3,
                     .options = dhcp_option(12, "host") + dhcp_option(15, "no.example") + dhcp_option(50, kAddress) +
                                dhcp_option(51, kAddress) + dhcp_option(56, "text") + dhcp_option(61, std::string("\1\2\3\4\5\6\7", 7)) +
                                dhcp_option(81, std::string("\0\0\0h.example", 12))}));
  EXPECT_EQ(c.confirmed, std::vector<std::string>{"dhcp"});
  EXPECT_TRUE(dhcp.at_rest());
  const RowText r = last();
  EXPECT_EQ(r.at("from_client"), "T");
  EXPECT_EQ(r.at("type"), "REQUEST");
  EXPECT_EQ(r.at("transaction"), "1");
  EXPECT_EQ(r.at("entry_end"), "1000010.000000");
  EXPECT_EQ(r.at("client_addr"), "192.0.2.1");
  EXPECT_EQ(r.at("requested_addr"), "192.0.2.99");
  EXPECT_EQ(r.at("mac"), "02:03:04:05:06:07");
  EXPECT_EQ(r.at("host_name"), "host");
  EXPECT_EQ(r.at("client_fqdn"), "h.example");
  EXPECT_EQ(r.at("message"), "text");
  for (const char* column : {"chaddr", "domain", "lease_time", "server_addr", "assigned_addr"}) EXPECT_EQ(r.at(column), "-") << column;
}

TEST_F(Dhcp, ClientsWithoutAddressOrIdentifier) {
  c.header.orig_h = IpAddress::v4(0);
  from(Direction::Orig, dhcp_message({.options = dhcp_option(61, std::string("\0abcdef", 7))}));
  EXPECT_EQ(last().at("client_addr"), "-");
  EXPECT_EQ(last().at("mac"), "-");
  EXPECT_EQ(last().at("chaddr"), "02:00:00:00:00:10");
}

TEST_F(Dhcp, WhatTheServerSays) {
  from(Direction::Resp,
       dhcp_message({.type = 5,
                     .assigned = kAddress,
                     .options = dhcp_option(15, "example") + dhcp_option(51, std::string("\0\0\0\x3c", 4)) + dhcp_option(12, "x")}));
  const RowText r = last();
  EXPECT_EQ(r.at("from_client"), "F");
  EXPECT_EQ(r.at("server_addr"), "198.51.100.2");
  EXPECT_EQ(r.at("assigned_addr"), "192.0.2.99");
  EXPECT_EQ(r.at("mac"), "02:00:00:00:00:10");
  EXPECT_EQ(r.at("domain"), "example");
  EXPECT_EQ(r.at("lease_time"), "60.000000");
  for (const char* column : {"chaddr", "host_name", "client_addr"}) EXPECT_EQ(r.at(column), "-") << column;
}

TEST_F(Dhcp, ServersThatBroadcast) {
  c.header.orig_p = {67};
  c.header.resp_p = {68};
  from(Direction::Orig, dhcp_message({.type = 2, .assigned = kAddress}));
  EXPECT_EQ(last().at("from_client"), "F");
  EXPECT_EQ(last().at("server_addr"), "192.0.2.1");
  from(Direction::Orig, dhcp_message({.type = 6}));
  EXPECT_EQ(last().at("server_addr"), "-");
}

TEST_F(Dhcp, BootpIsNoDhcp) {
  from(Direction::Orig, dhcp_message({.type = 0}));
  EXPECT_EQ(last().at("type"), "unknown-message-type-0");
  EXPECT_EQ(c.confirmed, std::vector<std::string>{"dhcp"});
  EXPECT_EQ(c.violations.size(), 1u);
  EXPECT_FALSE(dhcp.at_rest());
}

TEST_F(Dhcp, Malformed) {
  from(Direction::Orig, dhcp_message({}).substr(0, 240));
  std::string bootp = dhcp_message({});
  bootp[236] = 'x';
  from(Direction::Orig, bootp);
  EXPECT_EQ(c.violations.size(), 2u);
  EXPECT_TRUE(c.rows("dhcp_event").empty());
}

TEST(DhcpProbe, Messages) {
  EXPECT_EQ(probe_dhcp({as_bytes(dhcp_message({})), {}}), Probe::Certain);
  EXPECT_EQ(probe_dhcp({{}, as_bytes("hello")}), Probe::NotForUs);
}

}  // namespace
}  // namespace sensor
