#include "dpi/syslog/syslog.h"

#include <gtest/gtest.h>

#include <string>

namespace sensor::syslog {
namespace {

/// "facility severity text", or "malformed".
std::string read(std::string_view datagram) {
  Message m;
  if (!parse(as_bytes(datagram), m)) return "malformed";
  return std::string(facility_name(m)) + " " + std::string(severity_name(m)) + " " + std::string(m.text);
}
bool looks(std::string_view datagram) {
  return looks_like_message(as_bytes(datagram));
}

constexpr std::string_view kOld = "<34>Oct 11 22:14:15 mymachine su: 'su root' failed";
constexpr std::string_view kNew = "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - text";

TEST(Syslog, Messages) {
  EXPECT_EQ(read(kOld), "AUTH CRIT Oct 11 22:14:15 mymachine su: 'su root' failed");
  EXPECT_EQ(read("<0>"), "KERN EMERG ");
  EXPECT_EQ(read("<191>x"), "LOCAL7 DEBUG x");
  EXPECT_EQ(read("<192>x"), "?-24 EMERG x");
  EXPECT_EQ(read("<1023>x"), "?-127 DEBUG x");
  EXPECT_EQ(read("<1024>x"), "KERN EMERG x");
  EXPECT_EQ(read("no priority"), "UNSPECIFIED UNSPECIFIED no priority");
  EXPECT_EQ(read(""), "UNSPECIFIED UNSPECIFIED ");
}

TEST(Syslog, Malformed) {
  for (const std::string_view bad : {"<", "<>", "<x>", "<1", "<1x>", "<-1>", "<+1>", "< 1>", "<99999999999999999999>"})
    EXPECT_EQ(read(bad), "malformed") << bad;
}

TEST(Syslog, Recognised) {
  EXPECT_TRUE(looks(kOld));
  EXPECT_TRUE(looks("<34>Oct  1 22:14:15 x"));
  EXPECT_TRUE(looks(kNew));
  EXPECT_TRUE(looks("<14>1 - host app - - - text"));
  EXPECT_FALSE(looks("<34>text"));
  EXPECT_FALSE(looks("<192>Oct 11 22:14:15 x"));
  EXPECT_FALSE(looks("<34>ct  11 22:14:15 x"));
  EXPECT_FALSE(looks("<34>Oct 11 22:14-15 x"));
  EXPECT_FALSE(looks("Oct 11 22:14:15 x"));
  for (size_t n = 0; n < kOld.find(" mymachine"); n++) EXPECT_FALSE(looks(kOld.substr(0, n))) << n;
  for (size_t n = 0; n < kNew.find("22:14"); n++) EXPECT_FALSE(looks(kNew.substr(0, n))) << n;
}

}  // namespace
}  // namespace sensor::syslog
