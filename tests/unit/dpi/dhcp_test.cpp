#include "dpi/dhcp/dhcp.h"

#include <gtest/gtest.h>

#include "dhcp_messages.h"

namespace sensor::dhcp {
namespace {

using test::dhcp_message;
using test::dhcp_option;

Message read(const std::string& datagram) {
  Message m;
  EXPECT_EQ(parse(as_bytes(datagram), m), Parsed::Message);
  return m;
}
Parsed parsed(std::string_view datagram) {
  Message m;
  return parse(as_bytes(datagram), m);
}

TEST(Dhcp, Header) {
  const std::string datagram = dhcp_message({.type = 2, .transaction = "\x12\x34\x56\x78", .assigned = "\xc0\x01\x02\x03"});
  const Message m = read(datagram);
  EXPECT_EQ(m.type, 2);
  EXPECT_EQ(m.transaction, 0x12345678u);
  EXPECT_EQ(m.assigned, IpAddress::v4(0xc0010203));
  EXPECT_EQ(hardware_address(m.client_hardware), "02:00:00:00:00:10");
  EXPECT_FALSE(m.host_name || m.domain_name || m.text || m.client_fqdn || m.requested || m.lease_s || m.client_id);
}

TEST(Dhcp, Options) {
  const std::string datagram =
      dhcp_message({.options = dhcp_option(12, "host") + std::string(3, '\0') + dhcp_option(15, std::string("example.com\0\0", 13)) +
                               dhcp_option(50, "\xc0\x01\x02\x03") + dhcp_option(51, std::string("\0\1\x51\x80", 4)) +
                               dhcp_option(53, "\5") + dhcp_option(56, "no") + dhcp_option(61, std::string("\1\2\3\4\5\6\7", 7)) +
                               dhcp_option(81, std::string("\0\0\0host.example", 15)) + dhcp_option(99, "?")});
  const Message m = read(datagram);
  EXPECT_EQ(m.type, 1);  // the first one
  EXPECT_EQ(m.host_name, "host");
  EXPECT_EQ(m.domain_name, "example.com");
  EXPECT_EQ(m.requested, IpAddress::v4(0xc0010203));
  EXPECT_EQ(m.lease_s, 86400u);
  EXPECT_EQ(m.text, "no");
  EXPECT_EQ(m.client_fqdn, "host.example");
  ASSERT_TRUE(m.client_id);
  EXPECT_EQ(m.client_id->hardware_type, 1);
  EXPECT_EQ(hardware_address(m.client_id->value), "02:03:04:05:06:07");
}

TEST(Dhcp, OptionsOfAWrongSizeSayNothing) {
  const std::string datagram = dhcp_message(
      {.type = 0,
       .options = dhcp_option(50, "abc") + dhcp_option(51, "abcde") + dhcp_option(53, "") + dhcp_option(61, "") + dhcp_option(81, "ab")});
  const Message m = read(datagram);
  EXPECT_EQ(m.type, 0);
  EXPECT_FALSE(m.requested || m.lease_s || m.client_id || m.client_fqdn);
}

TEST(Dhcp, OtherProtocols) {
  std::string bootp = dhcp_message({});
  bootp[236] = 'x';
  EXPECT_EQ(parsed(bootp), Parsed::NoDhcp);
  EXPECT_FALSE(looks_like_message(as_bytes(bootp)));
  EXPECT_TRUE(looks_like_message(as_bytes(dhcp_message({}))));
  std::string neither = dhcp_message({});
  neither[0] = 3;
  EXPECT_FALSE(looks_like_message(as_bytes(neither)));
}

TEST(Dhcp, EveryTruncationIsMalformed) {
  const std::string whole = dhcp_message({.options = dhcp_option(12, "host")});
  for (size_t n = 0; n < whole.size(); n++) EXPECT_EQ(parsed(std::string_view(whole).substr(0, n)), Parsed::Malformed) << n;
  for (size_t n = 0; n < 240; n++) EXPECT_FALSE(looks_like_message(as_bytes(whole.substr(0, n)))) << n;
}

TEST(Dhcp, Names) {
  EXPECT_EQ(type_name(1), "DISCOVER");
  EXPECT_EQ(type_name(18), "TLS");
  EXPECT_EQ(type_name(0), "unknown-message-type-0");
  EXPECT_EQ(type_name(255), "unknown-message-type-255");
  EXPECT_EQ(hardware_address(as_bytes("abcde")), "");
  EXPECT_EQ(hardware_address(as_bytes("abcdefg")), "61:62:63:64:65:66");
  EXPECT_EQ(hardware_address(as_bytes("abcdefgh")), "61:62:63:64:65:66:67:68");
  EXPECT_EQ(hardware_address(as_bytes(std::string_view("abcdef\0\0", 8))), "61:62:63:64:65:66");
}

}  // namespace
}  // namespace sensor::dhcp
