#include "src/session/expectations.h"

#include <gtest/gtest.h>

#include "sensor/session/protocols.h"

namespace sensor {
namespace {

const IpAddress kClient = IpAddress::v4(0xc0000201), kServer = IpAddress::v4(0xc6336402);

Expectation expectation(const IpAddress& orig, uint16_t port) {
  return {.orig = orig, .resp = kServer, .resp_port = port, .protocol = ProtocolId::FtpData, .service = "ftp-data"};
}

TEST(Expectations, HoldForTheirLifetime) {
  Expectations all;
  all.add(expectation(kClient, 4000), 10 * kSecond);
  EXPECT_NE(all.find(kClient, kServer, 4000, Transport::Tcp, 11 * kSecond), nullptr);
  EXPECT_NE(all.find(kClient, kServer, 4000, Transport::Tcp, 309 * kSecond), nullptr);
  EXPECT_EQ(all.find(kServer, kServer, 4000, Transport::Tcp, 11 * kSecond), nullptr);
  EXPECT_EQ(all.find(kClient, kServer, 4001, Transport::Tcp, 11 * kSecond), nullptr);
  EXPECT_EQ(all.find(kClient, kServer, 4000, Transport::Udp, 11 * kSecond), nullptr);
  EXPECT_EQ(all.find(kClient, kServer, 4000, Transport::Tcp, 310 * kSecond), nullptr);
  EXPECT_TRUE(all.empty());
}

TEST(Expectations, AnybodyMayConnectWhereNobodyIsNamed) {
  Expectations all;
  all.add(expectation({}, 4000), 0);
  EXPECT_NE(all.find(kClient, kServer, 4000, Transport::Tcp, 1), nullptr);
  all.fulfil(kClient, kServer, 4000, Transport::Tcp);
  EXPECT_EQ(all.find(kClient, kServer, 4000, Transport::Tcp, 1), nullptr);
}

TEST(Expectations, AnnouncedAgainTheyLastLonger) {
  Expectations all;
  all.add(expectation(kClient, 4000), 0);
  all.add(expectation(kClient, 4000), 200 * kSecond);
  EXPECT_EQ(all.size(), 1u);
  EXPECT_NE(all.find(kClient, kServer, 4000, Transport::Tcp, 499 * kSecond), nullptr);
}

TEST(Expectations, TheOldestMakesRoom) {
  Expectations all(2);
  for (uint16_t port = 1; port <= 3; port++) all.add(expectation(kClient, port), port);
  EXPECT_EQ(all.size(), 2u);
  EXPECT_EQ(all.displaced(), 1u);
  EXPECT_EQ(all.find(kClient, kServer, 1, Transport::Tcp, 4), nullptr);
  EXPECT_NE(all.find(kClient, kServer, 3, Transport::Tcp, 4), nullptr);
}

}  // namespace
}  // namespace sensor
