#include "dpi/x509/x509.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dpi/x509/asn1_time.h"
#include "test_certificates.h"

namespace sensor::x509 {
namespace {

using testing::ElementsAre;

TEST(X509, EllipticCurveWithAlternativeNames) {
  const auto cert = parse_certificate(test::from_hex(test::kLeafHex));
  ASSERT_TRUE(cert);
  EXPECT_EQ(cert->fingerprint, test::kLeafFingerprint);
  EXPECT_EQ(cert->version, 3u);
  EXPECT_EQ(cert->serial, "AB");
  EXPECT_EQ(cert->subject, "CN=www.example.com,O=Example\\, Inc.,C=DE");
  EXPECT_EQ(cert->issuer, cert->subject);
  EXPECT_EQ(cert->common_name, "www.example.com");
  EXPECT_EQ(cert->not_before_s, 1795423618);
  EXPECT_EQ(cert->not_after_s - cert->not_before_s, 3650 * 86400);
  EXPECT_EQ(cert->key_algorithm, "id-ecPublicKey");
  EXPECT_EQ(cert->signature_algorithm, "ecdsa-with-SHA256");
  EXPECT_EQ(cert->key_type, "ecdsa");
  EXPECT_EQ(cert->key_bits, 256u);
  EXPECT_EQ(cert->curve, "prime256v1");
  EXPECT_FALSE(cert->exponent);
  EXPECT_THAT(cert->dns, ElementsAre("www.example.com", "*.cdn.example.com"));
  EXPECT_THAT(cert->uris, ElementsAre("https://example.com/"));
  EXPECT_THAT(cert->emails, ElementsAre("pki@example.com"));
  ASSERT_EQ(cert->addresses.size(), 2u);
  EXPECT_EQ(cert->addresses[1].to_string(), "2001:db8::7");
  EXPECT_TRUE(cert->has_basic_constraints);
  EXPECT_FALSE(cert->is_ca);
  EXPECT_FALSE(cert->path_length);
  EXPECT_TRUE(cert->oddities.empty());
}

TEST(X509, RsaAuthority) {
  const auto cert = parse_certificate(test::from_hex(test::kRootHex));
  ASSERT_TRUE(cert);
  EXPECT_EQ(cert->fingerprint, test::kRootFingerprint);
  EXPECT_EQ(cert->serial, "0102030405");
  EXPECT_EQ(cert->key_algorithm, "rsaEncryption");
  EXPECT_EQ(cert->key_type, "rsa");
  EXPECT_EQ(cert->key_bits, 1024u);
  EXPECT_EQ(cert->exponent, "65537");
  EXPECT_TRUE(cert->is_ca);
  EXPECT_EQ(cert->path_length, 1u);
  EXPECT_FALSE(cert->has_alternative_name);
}

TEST(X509, EveryPrefixIsRefused) {
  const std::vector<uint8_t> whole = test::from_hex(test::kLeafHex);
  for (size_t n = 0; n < whole.size(); n++) {
    const std::vector<uint8_t> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    EXPECT_FALSE(parse_certificate(exact)) << n;
  }
}

TEST(X509, EveryFlippedByteIsReadOrRefused) {
  std::vector<uint8_t> bytes = test::from_hex(test::kLeafHex);
  size_t refused = 0;
  for (uint8_t& b : bytes) {
    b ^= 0xff;
    if (!parse_certificate(bytes)) refused++;
    b ^= 0xff;
  }
  EXPECT_GT(refused, 0u);
  EXPECT_TRUE(parse_certificate(bytes));
}

TEST(X509, HostNames) {
  const auto leaf = parse_certificate(test::from_hex(test::kLeafHex));
  EXPECT_TRUE(leaf->matches_host("www.example.com"));
  EXPECT_TRUE(leaf->matches_host("a.cdn.example.com"));
  EXPECT_FALSE(leaf->matches_host("a.b.cdn.example.com"));
  EXPECT_FALSE(leaf->matches_host("cdn.example.com"));
  const auto root = parse_certificate(test::from_hex(test::kRootHex));
  EXPECT_TRUE(root->matches_host("Example Root")) << "by the common name where there are no others";
  EXPECT_TRUE(host_matches_pattern("web1.example.com", "web*.example.com"));
  EXPECT_FALSE(host_matches_pattern("xweb1.example.com", "web*.example.com"));
  EXPECT_FALSE(host_matches_pattern("a.com", "*.com")) << "two labels only";
  EXPECT_FALSE(host_matches_pattern("www.example.com", "w*w.example.com")) << "the wildcard ends its label";
}

TEST(Asn1Time, Utc) {
  EXPECT_EQ(parse_utc_time("700101000000Z").seconds, 0);
  EXPECT_EQ(parse_utc_time("491231235959Z").seconds, 2524607999);
  EXPECT_EQ(parse_utc_time("500101000000Z").seconds, -631152000);
  EXPECT_EQ(parse_utc_time("7001010001Z").seconds, 60);
  EXPECT_EQ(parse_utc_time("7001").oddity, "x509_utc_length");
  EXPECT_EQ(parse_utc_time("700101000000+0100").oddity, "x509_utc_format");
}

TEST(Asn1Time, Generalized) {
  EXPECT_EQ(parse_generalized_time("20000229120000Z").seconds, 951825600);
  EXPECT_EQ(parse_generalized_time("20000229120000.123Z").seconds, 951825600);
  EXPECT_EQ(parse_generalized_time("99991231235959Z").seconds, 253402300799);
  EXPECT_EQ(parse_generalized_time("20000229130000+0100").seconds, 951825600);
  EXPECT_EQ(parse_generalized_time("2000022912000").oddity, "x509_time_add_char");
  EXPECT_EQ(parse_generalized_time("20000229120000+01").oddity, "x509_time_offset_underflow");
  EXPECT_EQ(parse_generalized_time("200002").oddity, "x509_gen_time_length");
}

}  // namespace
}  // namespace sensor::x509
