#include "dpi/snmp/snmp.h"

#include <gtest/gtest.h>

#include "test_certificates.h"

namespace sensor::snmp {
namespace {

using Octets = std::vector<uint8_t>;

// Between snmpd and the tools of Net-SNMP.
const Octets kGet =
    test::from_hex("303702010004067075626c6963a02a02040dd77381020100020100301c300c06082b060102010101000500300c06082b060102010103000500");
const Octets kResponse = test::from_hex(
    "304a02010004067075626c6963a23d02040dd77381020100020100302f301e06082b060102010101000412412064657669636520666f72207465737473300d06082b"
    "0601020101030043011e");
const Octets kTrap = test::from_hex("302702010004067075626c6963a41a06072b06010401bf084004c000020a0201060201014301643000");
const Octets kV3 = test::from_hex(
    "3073020103301102044f9eb8c3020300ffe304010002010304243022041180001f88806e32ec2329a90a6b000000000201010201000403626f620400040030350411"
    "80001f88806e32ec2329a90a6b000000000400a21e02044bb828c00201000201003010300e06082b060102010105000402766d");
const Octets kEncrypted = test::from_hex(
    "3043020103301102041f3569e0020300ffe3040107020103041e301c04008001000201010201000405616c69636504000408000000000000000004"
    "0baaaaaaaaaaaaaaaaaaaaaa");

struct Result {
  Parsed parsed;
  Message message;
  bool header_read;
};
Result read(const Octets& datagram) {
  Result r{};
  r.parsed = parse(datagram, r.message, r.header_read);
  return r;
}

TEST(Snmp, Request) {
  const Result r = read(kGet);
  ASSERT_EQ(r.parsed, Parsed::Message);
  EXPECT_TRUE(r.header_read);
  EXPECT_EQ(r.message.version, Version::V1);
  EXPECT_EQ(r.message.community, "public");
  EXPECT_EQ(r.message.pdu, PduType::GetRequest);
  EXPECT_EQ(r.message.bindings, 2u);
}

TEST(Snmp, Response) {
  const Message m = read(kResponse).message;
  EXPECT_EQ(m.pdu, PduType::Response);
  EXPECT_EQ(m.bindings, 2u);
  EXPECT_EQ(m.system_description, "A device for tests");
  EXPECT_EQ(m.up_hundredths, 30u);
}

TEST(Snmp, WideNumbersAreReadAsZero) {
  Octets up = kResponse;
  EXPECT_EQ(read(up).message.wide_integer, 0u);
  up[up.size() - 2] = 9;
  up.insert(up.end(), 8, 0xff);
  const Message m = read(up).message;
  EXPECT_EQ(m.wide_integer, 9u);
  EXPECT_EQ(m.up_hundredths, 0u);
  EXPECT_EQ(m.long_arc, 0u);
}

TEST(Snmp, AnArcThatIsCutShortDoesNotCount) {
  constexpr size_t kNameLength = 32;  // of the first variable
  Octets get = kGet;
  ASSERT_EQ(get[kNameLength], 8);
  get[kNameLength] += 10;
  get.insert(get.begin() + kNameLength + 1, 10, 0x81);
  EXPECT_EQ(read(get).message.long_arc, 11u);
  get[kNameLength + get[kNameLength]] = 0x81;
  EXPECT_EQ(read(get).message.long_arc, 0u);
}

TEST(Snmp, ValuesOfOtherTypes) {
  Octets numbers = kResponse;
  numbers[41] = 0x02;                  // the description as an integer
  numbers[numbers.size() - 3] = 0x02;  // and the time as a signed one
  ASSERT_EQ(read(numbers).parsed, Parsed::Message);
  EXPECT_FALSE(read(numbers).message.system_description);
  EXPECT_FALSE(read(numbers).message.up_hundredths);
}

TEST(Snmp, Trap) {
  const Result r = read(kTrap);
  ASSERT_EQ(r.parsed, Parsed::Message);
  EXPECT_EQ(r.message.pdu, PduType::TrapV1);
  EXPECT_EQ(r.message.bindings, 0u);
}

TEST(Snmp, Version3) {
  const Result r = read(kV3);
  ASSERT_EQ(r.parsed, Parsed::Message);
  EXPECT_EQ(r.message.version, Version::V3);
  EXPECT_FALSE(r.message.community);
  EXPECT_EQ(r.message.pdu, PduType::Response);
  EXPECT_EQ(r.message.bindings, 1u);
  const Result e = read(kEncrypted);
  ASSERT_EQ(e.parsed, Parsed::Message);
  EXPECT_TRUE(e.header_read);
  EXPECT_FALSE(e.message.pdu);
}

TEST(Snmp, UnknownVersionsAndRequests) {
  Octets m = kGet;
  m[4] = 2;
  EXPECT_EQ(read(m).parsed, Parsed::UnknownVersion);
  m = kGet;
  m[13] = 0xaf;
  EXPECT_EQ(read(m).parsed, Parsed::Message);
  EXPECT_FALSE(read(m).message.pdu);
}

TEST(Snmp, EveryTruncationIsMalformed) {
  // Between two variables a message could end, for all that is read of the lengths around them.
  for (const Octets& whole : {kGet, kResponse, kTrap, kV3}) {
    size_t good = 0;
    for (size_t n = 0; n < whole.size(); n++) good += read({whole.begin(), whole.begin() + static_cast<long>(n)}).parsed == Parsed::Message;
    EXPECT_LE(good, 2u);
    for (size_t n = 0; n < whole.size(); n++) EXPECT_FALSE(looks_like_message(Bytes(whole).first(n)));
    EXPECT_TRUE(looks_like_message(whole));
  }
}

TEST(Snmp, Malformed) {
  const auto changed = [](size_t at, uint8_t to) {
    Octets m = kGet;
    m[at] = to;
    return read(m).parsed;
  };
  EXPECT_EQ(changed(0, 0x31), Parsed::Malformed);
  EXPECT_EQ(changed(2, 0x04), Parsed::Malformed);  // the version is no integer
  EXPECT_EQ(changed(3, 0x89), Parsed::Malformed);  // a length of nine bytes
  EXPECT_EQ(changed(5, 0x02), Parsed::Malformed);  // the community is no string
  EXPECT_EQ(changed(6, 0x7f), Parsed::Malformed);
  EXPECT_EQ(changed(16, 10), Parsed::Malformed);  // a number of ten bytes
  Octets flags = kV3;
  flags[18] = 0x02;  // a number where the flags should be
  EXPECT_EQ(read(flags).parsed, Parsed::Malformed);
  Octets endless = kGet;
  endless[1] = 0x84;  // what it announces counts for nothing, and what stands there is no version
  EXPECT_EQ(read(endless).parsed, Parsed::Malformed);
}

}  // namespace
}  // namespace sensor::snmp
