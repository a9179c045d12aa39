#include "dpi/ocsp/ocsp.h"

#include <gtest/gtest.h>

#include "test_certificates.h"

namespace sensor::ocsp {
namespace {

TEST(Ocsp, GoodAndRevoked) {
  const auto states = parse_response(test::from_hex(test::kOcspHex));
  ASSERT_TRUE(states);
  ASSERT_EQ(states->size(), 2u);
  const CertificateState& good = states->at(0);
  EXPECT_EQ(good.hash_algorithm, "sha1");
  EXPECT_EQ(good.issuer_name_hash, "8A802D11F29B1830B84541C2C43B34C161970D1D");
  EXPECT_EQ(good.issuer_key_hash, "89E4AB5DE90769D38ED91ED1FCBB33F24BC0A2C5");
  EXPECT_EQ(good.serial, "AB");
  EXPECT_EQ(good.status, "good");
  EXPECT_EQ(good.revoked_at_s, 0);
  EXPECT_EQ(good.this_update_s, 1795426281);
  EXPECT_EQ(good.next_update_s, 1795426281 + 7 * 86400);
  const CertificateState& revoked = states->at(1);
  EXPECT_EQ(revoked.status, "revoked");
  EXPECT_EQ(revoked.revoked_at_s, 1793491200);
  EXPECT_EQ(revoked.revocation_reason, "keyCompromise");
}

TEST(Ocsp, RefusalSaysNothing) {
  const auto states = parse_response(test::from_hex("30030a0103"));  // tryLater
  ASSERT_TRUE(states);
  EXPECT_TRUE(states->empty());
}

TEST(Ocsp, EveryPrefixIsRefused) {
  const std::vector<uint8_t> whole = test::from_hex(test::kOcspHex);
  for (size_t n = 0; n < whole.size(); n++) {
    const std::vector<uint8_t> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    EXPECT_FALSE(parse_response(exact)) << n;
  }
}

TEST(Ocsp, EveryFlippedByteIsReadOrRefused) {
  std::vector<uint8_t> bytes = test::from_hex(test::kOcspHex);
  size_t refused = 0;
  for (uint8_t& b : bytes) {
    b ^= 0xff;
    if (!parse_response(bytes)) refused++;
    b ^= 0xff;
  }
  EXPECT_GT(refused, 0u);
}

}  // namespace
}  // namespace sensor::ocsp
