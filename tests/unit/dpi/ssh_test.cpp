#include "dpi/ssh/ssh.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "dpi/digest/digest.h"
#include "dpi/ssh/auth_guess.h"
#include "dpi/ssh/reader.h"
#include "ssh_messages.h"

namespace sensor::ssh {
namespace {

using namespace test;

/// Keeps what it is told as words.
struct Told final : Sink {
  void on_identification(bool client, std::string_view text) override { add(client, "id:" + std::string(text)); }
  void on_kexinit(bool client, const Kexinit& offer) override { add(client, "offer:" + offer.kex); }
  void on_negotiated(const Kexinit&, const Kexinit&) override { add(true, "negotiated"); }
  void on_host_key(std::string fingerprint) override { add(false, "key:" + fingerprint); }
  void on_keys() override { add(true, "keys"); }
  void on_encrypted(bool client, size_t bytes) override { add(client, "encrypted:" + std::to_string(bytes)); }
  void on_weird(std::string_view name, std::string_view addl) override { add(true, std::string(name) + ":" + std::string(addl)); }
  void on_limit(std::string_view name, uint64_t found, uint64_t limit) override {
    add(true, std::string(name) + ":" + std::to_string(found) + ">" + std::to_string(limit));
  }
  void on_violation(std::string_view reason) override { violations.emplace_back(reason); }
  void add(bool client, std::string what) { words.push_back((client ? "C " : "S ") + std::move(what)); }

  std::vector<std::string> words, violations;
};

struct SshReader : testing::Test {
  Told told;
  Reader reader{told};
  void client(const std::string& t) { reader.feed(true, as_bytes(t)); }
  void server(const std::string& t) { reader.feed(false, as_bytes(t)); }
  void identify(const std::string& c = "SSH-2.0-c\r\n", const std::string& s = "SSH-2.0-s\r\n") {
    server(s);
    client(c);
    told.words.clear();
  }
};

const std::string kKey = "a host key", kKeyMd5 = digest::md5(as_bytes(kKey), ':');

TEST_F(SshReader, CurveExchange) {
  server("SSH-2.0-s\r\n");
  client("SSH-2.0-c\r\n" + ssh_kexinit(ssh_offer("x,curve25519-sha256")));
  server(ssh_kexinit(ssh_offer("curve25519-sha256,y")));
  client(ssh_ecdh_init());
  server(ssh_ecdh_reply(kKey) + ssh_new_keys() + "12345");
  client(ssh_new_keys());
  client("123");
  const std::vector<std::string> want{"S id:SSH-2.0-s",
                                      "C id:SSH-2.0-c",
                                      "C offer:x,curve25519-sha256",
                                      "S offer:curve25519-sha256,y",
                                      "C negotiated",
                                      "S key:" + kKeyMd5,
                                      "C keys",
                                      "S encrypted:5",
                                      "C keys",
                                      "C encrypted:3"};
  EXPECT_EQ(told.words, want);
  EXPECT_TRUE(told.violations.empty());
  EXPECT_TRUE(reader.all_encrypted());
  EXPECT_EQ(reader.version(), 2u);
}

TEST_F(SshReader, AnyDivision) {
  const std::string s = "hello\nSSH-2.0-s\r\n" + ssh_kexinit(ssh_offer("ecdh-sha2-nistp256")) + ssh_ecdh_reply(kKey) + ssh_new_keys();
  for (size_t cut = 0; cut < s.size(); cut++) {
    Told t;
    Reader r(t);
    r.feed(true, as_bytes("SSH-2.0-c\n" + ssh_kexinit(ssh_offer("ecdh-sha2-nistp256"))));
    r.feed(false, as_bytes(s).first(cut));
    r.feed(false, as_bytes(s).subspan(cut));
    EXPECT_EQ(t.words.back(), "C keys") << cut;
    EXPECT_EQ(t.words[t.words.size() - 2], "S key:" + kKeyMd5) << cut;
    EXPECT_TRUE(t.violations.empty()) << cut;
  }
}

TEST_F(SshReader, OfferBeforeTheServersIdentification) {
  client("SSH-2.0-c\r\n" + ssh_kexinit(ssh_offer("curve25519-sha256")));
  EXPECT_EQ(told.words.size(), 1u);
  server("SSH-2.0-s\r\n");
  EXPECT_EQ(told.words.back(), "C offer:curve25519-sha256");
}

TEST_F(SshReader, GuessBeforeTheServersOffer) {
  identify();
  client(ssh_kexinit(ssh_offer("curve25519-sha256")) + ssh_ecdh_init());
  server(ssh_kexinit(ssh_offer("curve25519-sha256")) + ssh_ecdh_reply(kKey) + ssh_new_keys());
  client(ssh_new_keys());
  EXPECT_TRUE(told.violations.empty());
  EXPECT_TRUE(reader.all_encrypted());
}

TEST_F(SshReader, OtherExchanges) {
  const std::string group = ssh_string("p") + ssh_string("g"), reply = ssh_string(kKey) + ssh_string("f") + ssh_string("sig");
  const std::vector<std::tuple<std::string, std::string, std::string>> cases{
      {"diffie-hellman-group14-sha256", ssh_packet(30, ssh_string("e")), ssh_packet(31, reply)},
      {"diffie-hellman-group-exchange-sha256", ssh_packet(34, std::string(12, '1')) + ssh_packet(32, ssh_string("e")),
       ssh_packet(31, group) + ssh_packet(33, reply)},
      {"gss-group14-sha256-x", ssh_packet(40, std::string(12, '1')) + ssh_packet(30, ssh_string("t") + ssh_string("e")),
       ssh_packet(41, group) + ssh_packet(33, ssh_string(kKey)) + ssh_packet(31, ssh_string("t")) +
           ssh_packet(32, ssh_string("f") + ssh_string("m") + '\1' + ssh_string("t"))},
  };
  for (const auto& [kex, from_client, from_server] : cases) {
    Told t;
    Reader r(t);
    r.feed(true, as_bytes("SSH-2.0-c\n" + ssh_kexinit(ssh_offer(kex))));
    r.feed(false, as_bytes("SSH-2.0-s\n" + ssh_kexinit(ssh_offer(kex))));
    r.feed(true, as_bytes(from_client));
    r.feed(false, as_bytes(from_server));
    EXPECT_EQ(std::ranges::count(t.words, "S key:" + kKeyMd5), 1) << kex;
    EXPECT_TRUE(t.violations.empty()) << kex;
  }
}

TEST_F(SshReader, Ssh1) {
  identify("SSH-1.5-c\n", "SSH-1.99-s\n");
  server(ssh1_public_key("exp", "modulus"));
  EXPECT_EQ(told.words, (std::vector<std::string>{"S key:" + digest::md5(as_bytes("modulusexp"), ':')}));
  client(ssh1_packet(3, std::string(9, 'c') + ssh1_number("secret") + std::string(4, 'f')));
  EXPECT_EQ(told.words.back(), "C keys");
  EXPECT_EQ(reader.version(), 1u);
  EXPECT_TRUE(reader.all_encrypted());
}

TEST_F(SshReader, Violations) {
  client("GET / HTTP/1.1\r\n");
  EXPECT_EQ(told.violations.size(), 1u);
  const std::string offer = ssh_kexinit(ssh_offer("curve25519-sha256"));
  for (const std::string& bad : {
           ssh_packet(1, "disconnect"),                    // where an offer belongs
           ssh_packet(20, std::string(16, 'c') + "\x10"),  // cut short
           std::string("\0\0\0\2\7\x14", 6),               // more padding than packet
           std::string("\0\0\0\0", 4),                     // nothing at all
           offer + ssh_packet(99, "x"),                    // no message of this exchange
           offer + ssh_packet(31, big_endian(0xfffffff0, 4)),
       }) {
    Told t;
    Reader r(t);
    r.feed(false, as_bytes("SSH-2.0-s\n" + offer));
    r.feed(true, as_bytes("SSH-2.0-c\n" + bad));
    EXPECT_EQ(t.violations.size(), 1u);
    EXPECT_TRUE(r.stopped());
  }
}

TEST_F(SshReader, VersionsThatDoNotMeet) {
  identify("SSH-1.5-c\n", "SSH-2.0-s\n");
  EXPECT_EQ(reader.version(), 0u);
  client("x");
  EXPECT_EQ(told.violations.size(), 1u);
}

TEST_F(SshReader, LimitsAndUnknownExchanges) {
  std::string many = "a";
  for (int i = 0; i < 100; i++) many += ",b";
  identify();
  client(ssh_kexinit(ssh_offer("new-exchange", "k", "none", many)));
  EXPECT_EQ(std::ranges::count(told.words, "C SSH_max_kexinit_encryption_algorithms_exceeded:101>100"), 2);
  server(ssh_kexinit(ssh_offer("new-exchange")));
  EXPECT_EQ(std::ranges::count(told.words, "C ssh_unknown_kex_algorithm:new-exchange"), 1);
  client(ssh_packet(30, std::string(16, 'c') + "\x7f" + std::string(20, 'e')));
  EXPECT_TRUE(told.words.back().starts_with("C SSH_max_string_length_exceeded:")) << told.words.back();
  EXPECT_EQ(told.violations.size(), 1u);
}

TEST_F(SshReader, NothingGrowsWithoutBound) {
  identify();
  client(big_endian(9 << 20, 4));
  EXPECT_EQ(told.words, (std::vector<std::string>{"C SSH_max_packet_length_exceeded:9437184>8388608"}));
  EXPECT_TRUE(reader.stopped());
  Told t;
  Reader lines(t);
  for (int i = 0; i < 70 && !lines.stopped(); i++) lines.feed(false, as_bytes(std::string(1023, 'x') + "\n"));
  EXPECT_TRUE(lines.stopped());
  Reader line(t);
  line.feed(true, as_bytes("SSH-" + std::string(Reader::kMaxLine, 'x')));
  EXPECT_TRUE(line.stopped());
  Reader early(t);
  early.feed(true, as_bytes("SSH-2.0-c\n" + std::string(Reader::kMaxEarly + 1, 'x')));
  EXPECT_TRUE(early.stopped());
}

TEST(Ssh, EveryTruncationOfAnOffer) {
  Kexinit k;
  uint32_t longest = 0;
  const std::string packet = ssh_kexinit(ssh_offer("curve25519-sha256"));
  const Bytes whole = as_bytes(packet).subspan(6, packet.size() - 10);
  for (size_t n = 0; n <= whole.size(); n++) {
    ByteReader r(whole.first(n));
    parse_kexinit(r, k, longest);
    EXPECT_EQ(r.ok(), n == whole.size()) << n;
  }
  EXPECT_EQ(k.kex, "curve25519-sha256");
  EXPECT_EQ(k.mac[1], "hmac-sha2-256");
}

TEST(Ssh, Dialects) {
  EXPECT_EQ(dialect("SSH-2.0-x"), Dialect::Ssh2);
  EXPECT_EQ(dialect("SSH-1.5-x"), Dialect::Ssh1);
  EXPECT_EQ(dialect("SSH-1.99-x"), Dialect::Ssh199);
  EXPECT_EQ(dialect("SSH-"), Dialect::Unknown);
  EXPECT_EQ(agreed_version(Dialect::Ssh199, Dialect::Ssh199), 2u);
  EXPECT_EQ(agreed_version(Dialect::Ssh199, Dialect::Ssh1), 1u);
  EXPECT_EQ(agreed_version(Dialect::Ssh2, Dialect::Ssh1), 0u);
  EXPECT_EQ(agreed_version(Dialect::Unknown, Dialect::Ssh2), 0u);
}

TEST(Ssh, Negotiation) {
  EXPECT_EQ(negotiate("a,b,c", "c,b"), "b");
  EXPECT_EQ(negotiate("a", "b"), "Algorithm negotiation failed");
  EXPECT_EQ(negotiate("", ""), "");
  EXPECT_EQ(negotiate(Kexinit::Pair{"a", "b"}, Kexinit::Pair{"a", "b"}), "To server: a, to client: b");
}

// From github.com/salesforce/hassh: python/README.md, python/hasshGen/hassh_fingerprints.csv.
TEST(Ssh, Hassh) {
  const std::string ciphers =
      "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com";
  const std::string macs =
      "umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
      "hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1";
  const std::string client_kex =
      "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
      "diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,"
      "diffie-hellman-group-exchange-sha1,diffie-hellman-group14-sha256,diffie-hellman-group14-sha1,ext-info-c";
  const std::string server_kex =
      "curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,"
      "diffie-hellman-group14-sha1";
  Kexinit client = ssh_offer(client_kex, "any", "none,zlib@openssh.com,zlib", ciphers, macs);
  client.cipher[1] = client.mac[1] = client.compression[1] = "what the server sends does not count";
  EXPECT_EQ(hassh(client, true), "06046964c022c6407d15a27b12a6a4fb");
  Kexinit server = ssh_offer(server_kex, "any", "none,zlib@openssh.com", ciphers, macs);
  server.cipher[0] = "what the client sends does not count";
  EXPECT_EQ(hassh(server, false), "d43d91bc39d5aaed819ad9f6b57b7348");
  const Kexinit dropbear = ssh_offer(
      "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp521,ecdh-sha2-nistp384,ecdh-sha2-nistp256,"
      "diffie-hellman-group14-sha256,diffie-hellman-group14-sha1,diffie-hellman-group1-sha1,kexguess2@matt.ucc.asn.au",
      "any", "zlib@openssh.com,zlib,none", "aes128-ctr,aes256-ctr,aes128-cbc,aes256-cbc,3des-ctr,3des-cbc",
      "hmac-sha1-96,hmac-sha1,hmac-sha2-256");
  EXPECT_EQ(hassh(dropbear, true), "e22efe3cde8b396b874c3f13fdb6c61a");
}

TEST(Ssh, Recognised) {
  const auto match = [](std::string_view c, std::string_view s) { return looks_like(as_bytes(c), as_bytes(s)); };
  EXPECT_EQ(match("SSH-2.0-c", "SSH-1.99-s"), Match::Yes);
  EXPECT_EQ(match("ssh-2.", "SSH-2."), Match::Yes);
  EXPECT_EQ(match("SSH-2.0-c", ""), Match::Unsure);
  EXPECT_EQ(match("SSH-2.0-c", "SSH"), Match::Unsure);
  EXPECT_EQ(match("SSH-2.0-c", "220 hi"), Match::No);
  EXPECT_EQ(match("SSH-3.0", "SSH-2.0"), Match::No);
}

TEST(SshAuthGuess, FailuresThenSuccess) {
  AuthGuess g;
  EXPECT_FALSE(g.on_segment(false, 120));  // extensions
  g.on_segment(true, 44);
  EXPECT_FALSE(g.on_segment(false, 44));  // the service is accepted
  EXPECT_FALSE(g.on_segment(false, 60));  // the first failure: which ways there are
  EXPECT_EQ(g.on_segment(false, 60), false);
  EXPECT_FALSE(g.on_segment(false, 100));
  EXPECT_EQ(g.on_segment(false, 28), true);
  EXPECT_FALSE(g.on_segment(false, 60));
}

TEST(SshAuthGuess, BannerAndImmediateSuccess) {
  AuthGuess g;
  g.on_segment(true, 44);
  g.on_segment(false, 44);
  EXPECT_FALSE(g.on_segment(false, 44 + 257));
  EXPECT_EQ(g.on_segment(false, 28), true);
}

}  // namespace
}  // namespace sensor::ssh
