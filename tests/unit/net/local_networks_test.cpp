#include "sensor/net/local_networks.h"

#include <gtest/gtest.h>

namespace sensor {
namespace {

TEST(LocalNetworks, SpecialPurposeAddressesAreLocal) {
  for (const char* text : {"0.1.2.3",         "10.255.0.1", "100.64.0.1",  "100.127.255.255", "127.0.0.1",        "169.254.1.1",
                           "172.31.255.255",  "192.0.0.1",  "192.168.0.1", "198.19.0.1",      "224.0.0.251",      "239.255.255.250",
                           "255.255.255.255", "::",         "::1",         "fe80::1",         "fd00::1",          "fec0::1",
                           "2001:db8::1",     "2001::1",    "100::1",      "2002:a00:1::",    "2002:c0a8:101::1", "64:ff9b:1::1"})
    EXPECT_TRUE(is_local_address(*IpAddress::parse(text))) << text;
}

TEST(LocalNetworks, TheRestIsNot) {
  for (const char* text : {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.128.0.0", "172.32.0.0", "192.0.1.0", "192.169.0.0", "198.20.0.0",
                           "224.0.1.0", "238.0.0.1", "2606:4700::1111", "2001:200::1", "2002:808:808::1", "ff02::1", "::2"})
    EXPECT_FALSE(is_local_address(*IpAddress::parse(text))) << text;
}

}  // namespace
}  // namespace sensor
