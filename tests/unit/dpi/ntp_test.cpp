#include "dpi/ntp/ntp.h"

#include <gtest/gtest.h>

#include <limits>

#include "sensor/net/ip_address.h"
#include "test_certificates.h"

namespace sensor::ntp {
namespace {

using Octets = std::vector<uint8_t>;

Octets octets(std::string_view hex) {
  return test::from_hex(hex);
}
Octets operator+(Octets a, const Octets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// What chrony answers.
const Octets kAnswer = octets("240806e600000003000000047f7f0101eeb524fa2ce0f153ab3393787f66dc03eeb524fd717254edeeb524fd7271952e");
const Octets kDigest = octets("0000000100112233445566778899aabbccddeeff");

TEST(Ntp, Answer) {
  Message m;
  ASSERT_TRUE(parse(kAnswer, m));
  EXPECT_EQ(m.version, 4);
  EXPECT_EQ(m.mode, Mode::Server);
  EXPECT_TRUE(m.tells_time);
  EXPECT_EQ(m.stratum, 8);
  EXPECT_EQ(m.poll, 6);
  EXPECT_EQ(m.precision, -26);
  EXPECT_EQ(m.root_delay, 3u);
  EXPECT_EQ(m.root_dispersion, 4u);
  EXPECT_EQ(IpAddress::from_bytes(m.reference_id).to_string(), "127.127.1.1");
  EXPECT_EQ(m.reference, 0xeeb524fa2ce0f153u);
  EXPECT_EQ(m.origin, 0xab3393787f66dc03u);
  EXPECT_EQ(m.receive, 0xeeb524fd717254edu);
  EXPECT_EQ(m.transmit, 0xeeb524fd7271952eu);
  EXPECT_EQ(m.extension_fields, 0u);
}

TEST(Ntp, DigestsAndExtensionFields) {
  const auto extensions = [](const Octets& behind) {
    Message m;
    return parse(kAnswer + behind, m) ? static_cast<int>(m.extension_fields) : -1;
  };
  Octets field = octets("010400240000");
  field.resize(36);
  EXPECT_EQ(extensions(kDigest), 0);
  EXPECT_EQ(extensions(kDigest + octets("00000000")), 0);  // 160 bits
  EXPECT_EQ(extensions(octets("00000000")), 0);            // a crypto-NAK
  EXPECT_EQ(extensions(field), 1);
  EXPECT_EQ(extensions(field + field + kDigest), 2);
  for (size_t n = 25; n < field.size(); n++) EXPECT_EQ(extensions({field.begin(), field.begin() + static_cast<long>(n)}), -1);
  field[3] = 15;  // shorter than a field may be
  EXPECT_EQ(extensions(field), -1);
}

TEST(Ntp, OtherModes) {
  Message m;
  ASSERT_TRUE(parse(octets("160200010000000000000000"), m));
  EXPECT_EQ(m.version, 2);
  EXPECT_EQ(m.mode, Mode::Control);
  EXPECT_FALSE(m.tells_time);
  ASSERT_TRUE(parse(octets("1682000100000000000000026162"), m));
  EXPECT_FALSE(parse(octets("16820001000000000000000261"), m));
  EXPECT_FALSE(parse(octets("1602000100000000000000"), m));
  ASSERT_TRUE(parse(octets("1700032a00000000"), m));
  EXPECT_EQ(m.mode, Mode::Private);
  ASSERT_TRUE(parse(octets("1700032a0000"), m));
  EXPECT_FALSE(parse(octets("1700032a00"), m));
  EXPECT_FALSE(parse(octets("1700032a000300"), m)) << "three items";
  EXPECT_FALSE(parse(octets("1780032a0000"), m)) << "a digest";
  ASSERT_TRUE(parse(octets("1780032a0000" + std::string(40, '0')), m));
  ASSERT_TRUE(parse(octets("20"), m));
  EXPECT_EQ(m.mode, Mode::Reserved);
  EXPECT_FALSE(m.tells_time);
}

TEST(Ntp, EveryTruncationIsMalformed) {
  Message m;
  for (size_t n = 0; n < kAnswer.size(); n++) EXPECT_FALSE(parse(Bytes(kAnswer).first(n), m)) << n;
}

TEST(Ntp, AnswersAreRecognised) {
  const auto changed = [](size_t at, uint8_t to) {
    Octets o = kAnswer;
    o[at] = to;
    return looks_like_answer(o);
  };
  EXPECT_TRUE(looks_like_answer(kAnswer));
  EXPECT_TRUE(looks_like_answer(kAnswer + kDigest));
  EXPECT_FALSE(changed(0, 0x23));  // a question
  EXPECT_FALSE(changed(0, 0x3c));  // version 7
  EXPECT_FALSE(changed(1, 0));     // a kiss-o'-death
  EXPECT_FALSE(changed(1, 17));
  EXPECT_FALSE(changed(2, 18));
  EXPECT_FALSE(changed(2, 0xff));
  EXPECT_FALSE(changed(3, 1));
  EXPECT_FALSE(changed(4, 1));      // a root delay of 256 seconds
  EXPECT_FALSE(changed(32, 0xed));  // received long ago
  for (size_t n = 0; n < kAnswer.size(); n++) EXPECT_FALSE(looks_like_answer(Bytes(kAnswer).first(n)));
}

TEST(Ntp, Times) {
  EXPECT_EQ(unix_ns(0), 0);
  EXPECT_EQ(unix_ns(uint64_t{2'208'988'800} << 32), 0);
  EXPECT_EQ(unix_ns((uint64_t{2'208'988'801} << 32) + 0x80000000), 1'500'000'000);
  EXPECT_EQ(unix_ns(1), -2'208'988'800'000'000'000);
  EXPECT_EQ(unix_ns(0xffffffffffffffff), (4'294'967'296 - 2'208'988'800) * 1'000'000'000);
  EXPECT_EQ(short_ns(0), 0);
  EXPECT_EQ(short_ns(0x00018000), 1'500'000'000);
  EXPECT_EQ(short_ns(0xffff8000), 65'535'500'000'000);
  EXPECT_EQ(power_of_two_ns(6), 64'000'000'000);
  EXPECT_EQ(power_of_two_ns(0), 1'000'000'000);
  EXPECT_EQ(power_of_two_ns(-6), 15'625'000);
  EXPECT_EQ(power_of_two_ns(-20), 954);
  EXPECT_EQ(power_of_two_ns(-128), 0);
  EXPECT_EQ(power_of_two_ns(33), 8'589'934'592'000'000'000);
  EXPECT_EQ(power_of_two_ns(127), std::numeric_limits<int64_t>::max());
}

}  // namespace
}  // namespace sensor::ntp
