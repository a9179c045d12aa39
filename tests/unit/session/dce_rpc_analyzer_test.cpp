#include "src/session/dce_rpc_analyzer.h"

#include <gtest/gtest.h>

#include "dce_rpc_messages.h"
#include "fake_context.h"
#include "gssapi_messages.h"
#include "smb_conversation.h"

namespace sensor {
namespace {

using namespace test;
using Words = std::vector<std::string>;

struct Rpc : testing::Test {
  FakeContext c;
  DceRpcAnalyzer analyzer;

  void client(const std::string& unit) { analyzer.on_data(c, Direction::Orig, as_bytes(unit)); }
  void server(const std::string& unit) { analyzer.on_data(c, Direction::Resp, as_bytes(unit)); }
  void call(uint16_t operation, uint16_t context = 0) {
    client(rpc_request(operation, context));
    c.now_ns += kMillisecond;
    server(rpc_response(context));
  }
  Words calls() {
    Words out;
    for (const RowText& r : c.rows("dce_rpc")) out.push_back(r.at("endpoint") + " " + r.at("operation"));
    return out;
  }
};

TEST_F(Rpc, Call) {
  client(rpc_bind(kSamr));
  server(rpc_bind_ack("49668"));
  c.now_ns += kSecond;
  call(64);
  ASSERT_EQ(c.rows("dce_rpc").size(), 1u);
  const RowText r = c.rows("dce_rpc")[0];
  EXPECT_EQ(r.at("ts"), "1000001.000000");
  EXPECT_EQ(r.at("rtt"), "0.001000");
  EXPECT_EQ(r.at("named_pipe"), "49668");
  EXPECT_EQ(r.at("endpoint"), "samr");
  EXPECT_EQ(r.at("operation"), "SamrConnect5");
  EXPECT_EQ(c.confirmed, Words{"dce_rpc"});
  analyzer.on_finish(c);
  EXPECT_EQ(c.rows("dce_rpc").size(), 1u);
}
TEST_F(Rpc, NamesThatAreNotKnown) {
  client(rpc_bind("00000000-1111-2222-3333-444444444444"));
  call(7);
  client(rpc_bind(kSamr));
  call(999);
  EXPECT_EQ(calls(), (Words{"unknown-00000000-1111-2222-3333-444444444444 unknown-7", "samr unknown-999"}));
}
TEST_F(Rpc, SeveralContexts) {
  client(rpc_bind(kSamr, 0));
  client(rpc_unit(14, rpc_contexts({rpc_context(1, kSrvsvc)})));
  server(rpc_unit(15, rpc_bind_ack_body({})));
  call(0, 0);
  call(15, 1);
  EXPECT_EQ(calls(), (Words{"samr SamrConnect", "srvsvc NetrShareEnum"}));
}
TEST_F(Rpc, NoiseIsLeftOut) {
  client(rpc_bind(kWinreg));
  call(5);
  EXPECT_EQ(calls(), Words{});
  call(0);
  EXPECT_EQ(calls(), Words{});
  call(1);
  EXPECT_EQ(calls(), Words{"winreg OpenCurrentUser"});
}
TEST_F(Rpc, WithoutABindingThePipeTells) {
  server(rpc_bind_ack("\\PIPE\\srvsvc"));
  call(15);
  EXPECT_EQ(calls(), Words{}) << "known from the next one on";
  call(15);
  EXPECT_EQ(calls(), Words{"srvsvc NetrShareEnum"});
}
TEST_F(Rpc, NeitherBindingNorPipe) {
  call(15);
  EXPECT_EQ(calls(), Words{});
}
TEST_F(Rpc, CallsUnderWayAtTheEnd) {
  client(rpc_bind(kSamr));
  call(64);
  client(rpc_request(7));
  analyzer.on_finish(c);
  EXPECT_EQ(calls(), (Words{"samr SamrConnect5", "samr SamrConnect5"})) << "with what the last answer told, as in Zeek";
}
TEST_F(Rpc, Login) {
  client(rpc_unit(11, rpc_contexts({rpc_context(0, kSamr)}), kOnlyFragment, 1, {9, spnego_init(ntlm_negotiate())}));
  server(rpc_unit(12, rpc_bind_ack_body("135"), kOnlyFragment, 1, {9, spnego_answer(1, ntlm_challenge())}));
  client(rpc_unit(16, zeros(4), kOnlyFragment, 1, {10, ntlm_authenticate({}, utf16("alice"), {})}));
  EXPECT_EQ(c.confirmed, (Words{"ntlm", "gssapi", "dce_rpc"}));
  analyzer.on_finish(c);
  ASSERT_EQ(c.rows("ntlm").size(), 1u);
  EXPECT_EQ(c.rows("ntlm")[0].at("username"), "alice");
}
TEST_F(Rpc, OtherProviders) {
  for (const uint8_t provider : std::initializer_list<uint8_t>{0x10, 0x44, 0x0e, 0x77})
    client(rpc_unit(16, zeros(4), kOnlyFragment, 1, {provider, "token"}));
  ASSERT_EQ(c.weirds.size(), 3u);
  EXPECT_EQ(c.weirds[0].name, "netlogon_dce_rpc_auth_type");
  EXPECT_EQ(c.weirds[0].addl, "68");
  EXPECT_EQ(c.weirds[0].source, "DCE_RPC");
  EXPECT_EQ(c.weirds[1].name, "tls_dce_rpc_auth_type");
  EXPECT_EQ(c.weirds[2].name, "unknown_dce_rpc_auth_type");
}
TEST_F(Rpc, AGapEndsIt) {
  client(rpc_bind(kSamr));
  analyzer.on_gap(c, Direction::Orig, 10);
  call(64);
  EXPECT_EQ(calls(), Words{});
}
TEST_F(Rpc, Probe) {
  const std::string bind = rpc_bind(kSamr), ack = rpc_bind_ack("135"), http = "GET / HTTP/1.1\r\n\r\n";
  EXPECT_EQ(probe_dce_rpc({as_bytes(bind), {}}), Probe::Certain);
  EXPECT_EQ(probe_dce_rpc({{}, as_bytes(ack)}), Probe::Certain);
  EXPECT_EQ(probe_dce_rpc({as_bytes(http), as_bytes(http)}), Probe::NotForUs);
  EXPECT_EQ(probe_dce_rpc({as_bytes(bind).first(3), {}}), Probe::Unsure);
}

struct SmbRpc : SmbConversation {
  void open(uint64_t id, std::string_view uuid, const std::string& pipe) {
    map("\\\\h\\IPC$", 2);
    ask(5, smb2_create(pipe), smb2_created(id, 0));
    ask(9, smb2_write(id, 0, rpc_bind(uuid)), zeros(16));
    ask(8, smb2_read(id, 0), smb2_read_answer(rpc_bind_ack("\\PIPE\\" + pipe)));
  }
  Words calls() {
    Words out;
    for (const RowText& r : c.rows("dce_rpc")) out.push_back(r.at("named_pipe") + " " + r.at("endpoint") + " " + r.at("operation"));
    return out;
  }
};

TEST_F(SmbRpc, Transceive) {
  open(1, kSamr, "samr");
  ask(11, smb2_ioctl(1, smb2::kPipeTransceive, rpc_request(64)), smb2_ioctl_answer(smb2::kPipeTransceive, rpc_response()));
  EXPECT_EQ(calls(), Words{"\\\\PIPE\\\\samr samr SamrConnect5"});
  EXPECT_EQ(c.confirmed, (Words{"smb", "dce_rpc"}));
}
TEST_F(SmbRpc, OtherControlsAreNoCalls) {
  open(1, kSamr, "samr");
  ask(11, smb2_ioctl(1, 0x140204, rpc_request(64)), smb2_ioctl_answer(0x140204, rpc_response()));
  EXPECT_EQ(calls(), Words{});
}
TEST_F(SmbRpc, PipesAreApart) {
  open(1, kSamr, "samr");
  open(100, kSrvsvc, "srvsvc");
  ask(9, smb2_write(1, 0, rpc_request(64)), zeros(16));
  ask(9, smb2_write(100, 0, rpc_request(15)), zeros(16));
  ask(8, smb2_read(100, 0), smb2_read_answer(rpc_response()));
  ask(8, smb2_read(1, 0), smb2_read_answer(rpc_response()));
  EXPECT_EQ(calls(), (Words{"\\\\PIPE\\\\srvsvc srvsvc NetrShareEnum", "\\\\PIPE\\\\samr samr SamrConnect5"}));
}
TEST_F(SmbRpc, AClosedPipeIsForgotten) {
  open(1, kSamr, "samr");
  ask(6, smb2_close(1), zeros(60));
  ask(9, smb2_write(1, 0, rpc_request(64)), zeros(16));
  ask(8, smb2_read(1, 0), smb2_read_answer(rpc_response()));
  EXPECT_EQ(calls(), Words{});
}
TEST_F(SmbRpc, Smb1) {
  const std::string pipe = "\\PIPE\\";
  client(smb1_message(0x25, smb1_transaction(pipe, rpc_bind(kSamr))));
  server(smb1_message(0x25, smb1_transaction_answer(rpc_bind_ack("\\PIPE\\samr"))));
  client(smb1_message(0x25, smb1_transaction(pipe, rpc_request(64))));
  server(smb1_message(0x25, smb1_transaction_answer(rpc_response())));
  EXPECT_EQ(calls(), Words{"\\\\PIPE\\\\samr samr SamrConnect5"});
}
TEST_F(SmbRpc, RemoteAdministrationIsNoCall) {
  client(smb1_message(0x25, smb1_transaction("\\PIPE\\LANMAN", rpc_bind(kSamr))));
  server(smb1_message(0x25, smb1_transaction_answer(rpc_bind_ack("\\PIPE\\samr"))));
  EXPECT_EQ(c.confirmed, Words{});
}

}  // namespace
}  // namespace sensor
