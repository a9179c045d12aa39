#include "src/session/ssh_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "ssh_messages.h"

namespace sensor {
namespace {

using namespace test;

struct Ssh : testing::Test {
  FakeContext c;
  SshAnalyzer ssh;
  void client(const std::string& t) { ssh.on_data(c, Direction::Orig, as_bytes(t)); }
  void server(const std::string& t) { ssh.on_data(c, Direction::Resp, as_bytes(t)); }
  void exchange(const std::string& compression = "none") {
    server("SSH-2.0-OpenSSH_9.2\r\n");
    client("SSH-2.0-c\r\n" + ssh_kexinit(ssh_offer("curve25519-sha256", "ssh-ed25519", compression)));
    server(ssh_kexinit(ssh_offer("curve25519-sha256", "ssh-ed25519", compression)));
    client(ssh_ecdh_init());
    server(ssh_ecdh_reply("key") + ssh_new_keys());
    client(ssh_new_keys());
  }
  RowText row() {
    const auto rows = c.rows("ssh");
    return rows.size() == 1 ? rows[0] : RowText{};
  }
};

TEST_F(Ssh, SuccessEndsTheReading) {
  exchange();
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"ssh"}));
  client(std::string(44, 'x'));
  server(std::string(44, 'x'));
  client(std::string(60, 'x'));
  server(std::string(52, 'x'));
  client(std::string(148, 'x'));
  server(std::string(52, 'x'));
  EXPECT_EQ(c.done_calls, 0);
  client(std::string(148, 'x'));
  server(std::string(28, 'x'));
  EXPECT_EQ(c.done_calls, 1);
  const RowText r = row();
  EXPECT_EQ(r.at("version"), "2");
  EXPECT_EQ(r.at("auth_success"), "T");
  EXPECT_EQ(r.at("auth_attempts"), "2");
  EXPECT_EQ(r.at("client"), "SSH-2.0-c");
  EXPECT_EQ(r.at("server"), "SSH-2.0-OpenSSH_9.2");
  EXPECT_EQ(r.at("cipher_alg"), "aes128-ctr");
  EXPECT_EQ(r.at("kex_alg"), "curve25519-sha256");
  EXPECT_EQ(r.at("host_key_alg"), "ssh-ed25519");
  EXPECT_EQ(r.at("host_key"), "3c:6e:0b:8a:9c:15:22:4a:82:28:b9:a9:8c:a1:53:1d");
  EXPECT_EQ(r.at("hassh"), r.at("hassh_server"));
  EXPECT_EQ(r.at("direction"), "-");
}

TEST_F(Ssh, FailureIsKnownAtTheEnd) {
  exchange();
  client(std::string(44, 'x'));
  for (const size_t size : {44, 52, 52, 52}) server(std::string(size, 'x'));
  EXPECT_EQ(c.done_calls, 0);
  ssh.on_finish(c);
  EXPECT_EQ(row().at("auth_success"), "F");
  EXPECT_EQ(row().at("auth_attempts"), "2");
}

TEST_F(Ssh, TheRowComesWhenBothSidesHaveEnded) {
  exchange();
  client(std::string(44, 'x'));
  for (const size_t size : {44, 52, 52}) server(std::string(size, 'x'));
  ssh.on_eof(c, Direction::Resp);
  EXPECT_EQ(c.done_calls, 0);
  ssh.on_eof(c, Direction::Orig);
  EXPECT_EQ(c.done_calls, 1);
  EXPECT_EQ(row().at("auth_success"), "F");
}

TEST_F(Ssh, CompressionHidesTheSizes) {
  exchange("zlib@openssh.com");
  EXPECT_EQ(c.done_calls, 1);
  EXPECT_EQ(row().at("auth_success"), "-");
  EXPECT_EQ(row().at("compression_alg"), "zlib@openssh.com");
}

TEST_F(Ssh, Ssh1EndsWithItsKeys) {
  server("SSH-1.5-s\n");
  client("SSH-1.5-c\n");
  server(ssh1_public_key("e", "n"));
  EXPECT_TRUE(c.confirmed.empty());
  client(ssh1_packet(3, std::string(9, 'c') + ssh1_number("secret") + std::string(4, 'f')));
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"ssh"}));
  EXPECT_EQ(c.done_calls, 1);
  EXPECT_EQ(row().at("version"), "1");
  EXPECT_EQ(row().at("auth_attempts"), "0");
}

TEST_F(Ssh, GapEndsTheReading) {
  server("SSH-2.0-s\n");
  ssh.on_gap(c, Direction::Orig, 10);
  EXPECT_EQ(c.done_calls, 1);
  EXPECT_EQ(row().at("client"), "-");
  EXPECT_EQ(row().at("version"), "-");
}

TEST_F(Ssh, DirectionAndVersionMismatch) {
  c.header.orig_h = *IpAddress::parse("192.168.0.1");
  c.header.resp_h = *IpAddress::parse("131.159.14.23");
  client("SSH-1.5-c\n");
  server("SSH-2.0-s\n");
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "SSH_version_mismatch");
  EXPECT_EQ(c.weirds[0].addl, "SSH-2.0-s vs SSH-1.5-c");
  client("x");
  EXPECT_EQ(c.violations.size(), 1u);
  client("y");  // the session did not act upon it
  EXPECT_EQ(c.done_calls, 1);
  EXPECT_EQ(row().at("direction"), "OUTBOUND");
}

TEST_F(Ssh, LimitsAreInTheHistory) {
  server("SSH-2.0-s\n");
  client("SSH-2.0-c\n" + big_endian(9 << 20, 4));
  EXPECT_EQ(c.history, "X");
  EXPECT_EQ(c.weirds.at(0).addl, "9437184 > 8388608");
}

TEST_F(Ssh, NothingWithoutAnIdentification) {
  client("GET /\n");
  EXPECT_EQ(c.violations.size(), 1u);
  ssh.on_finish(c);
  EXPECT_TRUE(c.rows("ssh").empty());
}

}  // namespace
}  // namespace sensor
