#include "dpi/arp/arp.h"

#include <gtest/gtest.h>

#include <string>

namespace sensor::arp {
namespace {

using namespace std::string_literals;

const std::string kSender = "\x02\0\0\0\0\x10\xc0\0\x02\x0a"s, kNobody = "\0\0\0\0\0\0\xc0\0\x02\x01"s;

std::string message(char operation, const std::string& sender, const std::string& target) {
  return "\0\x01\x08\0\x06\x04\0"s + operation + sender + target;
}

TEST(Arp, Request) {
  const auto m = parse(as_bytes(message(1, kSender, kNobody)));
  ASSERT_TRUE(m);
  EXPECT_EQ(operation_name(m->operation), "request");
  EXPECT_EQ(m->sender_mac, (MacAddress{2, 0, 0, 0, 0, 0x10}));
  EXPECT_EQ(m->sender.to_string(), "192.0.2.10");
  EXPECT_EQ(m->target.to_string(), "192.0.2.1");
  EXPECT_TRUE(m->claims());
  EXPECT_FALSE(m->announces());
}

TEST(Arp, WhoClaimsAnAddress) {
  const std::string probe = "\x02\0\0\0\0\x10\0\0\0\0"s;
  EXPECT_FALSE(parse(as_bytes(message(1, probe, kNobody)))->claims());
  EXPECT_TRUE(parse(as_bytes(message(1, kSender, kSender)))->announces());
  EXPECT_FALSE(parse(as_bytes(message(1, probe, probe)))->announces());
  EXPECT_FALSE(parse(as_bytes(message(3, kSender, kSender)))->claims()) << "it asks which address it has";
}

TEST(Arp, TruncatedOrOfOtherAddresses) {
  const std::string whole = message(2, kSender, kNobody);
  for (size_t n = 0; n < whole.size(); n++) EXPECT_FALSE(parse(as_bytes(whole).first(n))) << n;
  for (const size_t at : {1, 2, 4, 5}) {
    std::string other = whole;
    other[at]++;
    EXPECT_FALSE(parse(as_bytes(other))) << at;
  }
  EXPECT_EQ(operation_name(25), "");
}

}  // namespace
}  // namespace sensor::arp
