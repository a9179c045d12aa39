#include "dpi/kerberos/kerberos.h"

#include <gtest/gtest.h>

#include "kerberos_messages.h"

namespace sensor {
namespace {

using namespace test;
using kerberos::Match;

bool read_message(std::string_view bytes, kerberos::Message& m) {
  size_t wide_integer = 0;
  return kerberos::read_message(as_bytes(bytes), m, wide_integer);
}
template <class T>
T read(const std::string& bytes) {
  kerberos::Message m;
  EXPECT_TRUE(read_message(bytes, m));
  return std::get<T>(m);
}

TEST(Kerberos, Request) {
  const auto m = read<kerberos::Request>(krb_request(10, krb_request_body(), krb_padata(149, {})));
  EXPECT_FALSE(m.for_ticket_granting);
  EXPECT_EQ(m.client, "alice");
  EXPECT_EQ(m.realm, "EXAMPLE.COM");
  EXPECT_EQ(m.service, "krbtgt/EXAMPLE.COM");
  EXPECT_EQ(m.from, std::nullopt);
  EXPECT_EQ(m.till, 1767323045);
  EXPECT_EQ(m.forwardable, true);
  EXPECT_EQ(m.renewable, true);
  EXPECT_TRUE(read<kerberos::Request>(krb_request(12, krb_request_body())).for_ticket_granting);
}
TEST(Kerberos, Names) {
  const auto service = [](const std::vector<std::string>& parts) {
    return *read<kerberos::Request>(krb_request(12, der_field(3, krb_name(parts)))).service;
  };
  EXPECT_EQ(service({}), "unknown");
  EXPECT_EQ(service({"a"}), "a");
  EXPECT_EQ(service({"a", "b", "c"}), "a/b/c");
  EXPECT_EQ(service({"a", "b", "c", "d"}), "unknown");
  EXPECT_EQ(service({std::string(5000, 'a')}).size(), kerberos::kMaxText);
}
TEST(Kerberos, Times) {
  const auto till = [](std::string_view t) { return read<kerberos::Request>(krb_request(12, der_field(5, krb_time(t)))).till; };
  EXPECT_EQ(till("19700101000000Z"), 0);
  EXPECT_EQ(till("20370913024805Z"), 2136422885);
  EXPECT_EQ(till("203709130248Z"), std::nullopt);
  EXPECT_EQ(till("2037091302480xZ"), std::nullopt);
}
TEST(Kerberos, Addresses) {
  const auto malformed = [](const std::string& addresses) {
    return read<kerberos::Request>(krb_request(10, krb_request_body() + krb_addresses(addresses))).malformed_addresses;
  };
  const std::string ipv4 = krb_address(2, "\x0a\1\2\3"), ipv6 = krb_address(24, std::string(16, '\1'));
  EXPECT_EQ(malformed({}), 0u);
  EXPECT_EQ(malformed(ipv4 + ipv6 + krb_address(20, "NETBIOS NAME    ") + krb_address(5, "x")), 0u);
  EXPECT_EQ(malformed(krb_address(2, "\x0a\1\2") + ipv4 + krb_address(24, "\x0a\1\2\3") + krb_address(2, {})), 3u);
  EXPECT_EQ(malformed(krb_address(2, "\x0a") + "\x30\x01\x04" + krb_address(2, "\x0a")), 1u);
}
TEST(Kerberos, Reply) {
  const auto m = read<kerberos::Reply>(krb_reply(13, 23));
  EXPECT_EQ(m.client, "alice");
  EXPECT_EQ(m.realm, "EXAMPLE.COM");
  EXPECT_EQ(m.service, "host/srv.example.com");
  EXPECT_EQ(m.cipher, 23u);
  EXPECT_FALSE(m.certificates);
}
TEST(Kerberos, Error) {
  const auto m = read<kerberos::Error>(krb_error(6, "CLIENT_NOT_FOUND"));
  EXPECT_EQ(m.code, 6u);
  EXPECT_EQ(m.text, "CLIENT_NOT_FOUND");
  EXPECT_EQ(m.service, "krbtgt/EXAMPLE.COM");
  EXPECT_EQ(m.client, std::nullopt);
}
TEST(Kerberos, Certificates) {
  const std::string request = krb_request(10, krb_request_body(), krb_pkinit_request("certificate")),
                    reply = krb_reply(11, 18, krb_pkinit_reply("of the server"));
  kerberos::Message m;
  ASSERT_TRUE(read_message(request, m));
  EXPECT_EQ(as_chars(std::get<kerberos::Request>(m).certificates.value()), "certificate");
  ASSERT_TRUE(read_message(reply, m));
  EXPECT_EQ(as_chars(std::get<kerberos::Reply>(m).certificates.value()), "of the server");
}
TEST(Kerberos, Others) {
  read<kerberos::ApRequest>(krb_ap_request());
  for (const uint8_t type : {15, 20, 21, 22})
    read<kerberos::Other>(krb_message(type, der_field(0, der_integer(5)) + der_field(1, der_integer(type))));
}
TEST(Kerberos, Malformed) {
  kerberos::Message m;
  for (const std::string& bytes :
       {std::string(), std::string("\x6a"), krb_message(9, {}), krb_message(10, {}), krb_message(30, der_field(0, der_integer(5))),
        krb_message(11, der_field(0, der_integer(5)) + der_field(1, der_integer(11))), std::string("\x30\x00", 2)})
    EXPECT_FALSE(read_message(bytes, m)) << bytes;
}
TEST(Kerberos, AnyTruncation) {
  for (const std::string& bytes : {krb_request(10, krb_request_body() + krb_addresses(krb_address(2, "a")), krb_pkinit_request("c")),
                                   krb_reply(13), krb_error(6, "x"), krb_ap_request()}) {
    for (size_t n = 0; n < bytes.size(); n++) {
      kerberos::Message m;
      EXPECT_FALSE(read_message(std::string_view(bytes).substr(0, n), m)) << n;
    }
    for (size_t i = 0; i < bytes.size(); i++) {
      std::string bad = bytes;
      bad[i] = '\x7f';
      kerberos::Message m;
      read_message(bad, m);
    }
  }
}
TEST(Kerberos, WideIntegers) {
  const auto wide = [](const std::string& bytes) {
    kerberos::Message m;
    size_t n = 99;
    EXPECT_TRUE(kerberos::read_message(as_bytes(bytes), m, n));
    return n;
  };
  const auto integer = [](size_t n) { return der(asn1::kInteger, std::string(n, '\1')); };
  const std::string body = krb_request_body();
  EXPECT_EQ(wide(krb_request(10, body + der_field(7, integer(8)), krb_padata(16, {}))), 0u);
  EXPECT_EQ(wide(krb_request(10, body + der_field(7, integer(9)))), 9u);
  EXPECT_EQ(wide(krb_request(10, body + der_field(8, der_sequence({der_integer(18), integer(10), integer(11)})))), 10u);
  EXPECT_EQ(wide(krb_request(10, body + krb_addresses(der_sequence({der_field(0, integer(12)), der_field(1, der_octets("x"))})))), 12u);
  EXPECT_EQ(wide(krb_request(10, body, der_sequence({der_field(1, integer(13)), der_field(2, der_octets("x"))}))), 13u);
  EXPECT_EQ(wide(krb_error(6)), 0u);
  for (const uint8_t field : {0, 1, 3, 5}) EXPECT_EQ(wide(krb_message(30, der_field(field, integer(14)) + der_field(6, integer(1)))), 14u);
  EXPECT_EQ(wide(krb_message(30, der_field(6, integer(15)))), 15u);
  EXPECT_EQ(wide(krb_reply(13)), 0u);
}
TEST(Kerberos, Beginnings) {
  for (const std::string& bytes :
       {krb_request(10, krb_request_body()), krb_request(12, krb_request_body()), krb_reply(11), krb_reply(13), krb_error(25)}) {
    EXPECT_EQ(kerberos::begins_with_message(as_bytes(bytes)), Match::Yes);
    EXPECT_EQ(kerberos::begins_with_message(as_bytes(bytes).first(8)), Match::Unsure);
    EXPECT_EQ(kerberos::begins_with_message({}), Match::Unsure);
  }
  EXPECT_EQ(kerberos::begins_with_message(as_bytes(krb_ap_request())), Match::No);
  EXPECT_EQ(kerberos::begins_with_message(as_bytes("jump over the lazy dog, jumps over")), Match::No);
  EXPECT_EQ(kerberos::begins_with_message(as_bytes("GET / HTTP/1.1")), Match::No);
}
TEST(Kerberos, Numbers) {
  EXPECT_EQ(kerberos::cipher_name(18), "aes256-cts-hmac-sha1-96");
  EXPECT_EQ(kerberos::cipher_name(19), "");
  EXPECT_EQ(kerberos::error_name(52), "KRB_ERR_RESPONSE_TOO_BIG");
  EXPECT_EQ(kerberos::error_name(43), "");
}

}  // namespace
}  // namespace sensor
