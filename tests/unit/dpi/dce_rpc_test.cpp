#include "dpi/dce_rpc/dce_rpc.h"

#include <gtest/gtest.h>

#include "dce_rpc_messages.h"
#include "dpi/dce_rpc/interfaces.h"
#include "dpi/dce_rpc/stream.h"

namespace sensor {
namespace {

using namespace test;
using dce_rpc::Match;

dce_rpc::Unit read_unit(const std::string& bytes) {
  dce_rpc::Unit u;
  EXPECT_TRUE(dce_rpc::read_unit(as_bytes(bytes), u));
  return u;
}
template <class T>
T read_body(const dce_rpc::Unit& u) {
  dce_rpc::Body body;
  EXPECT_TRUE(dce_rpc::read_body(u.header, u.body, body));
  return std::get<T>(body);
}

TEST(DceRpc, Bind) {
  const std::string bytes = rpc_unit(11, rpc_contexts({rpc_context(0, kSamr), rpc_context(7, kSrvsvc)}));
  const auto bind = read_body<dce_rpc::Bind>(read_unit(bytes));
  ASSERT_EQ(bind.contexts.size(), 2u);
  EXPECT_EQ(bind.contexts[1].id, 7);
  const dce_rpc::Uuid uuid = dce_rpc::uuid_text(bind.contexts[1].interface);
  EXPECT_EQ(std::string_view(uuid.data(), uuid.size()), kSrvsvc);
}
TEST(DceRpc, BindAck) {
  const std::string bytes = rpc_bind_ack("\\PIPE\\samr");
  EXPECT_EQ(as_chars(read_body<dce_rpc::BindAck>(read_unit(bytes)).secondary_address), std::string("\\PIPE\\samr") + '\0');
}
TEST(DceRpc, Calls) {
  const std::string request = rpc_request(5, 2), response = rpc_response(2);
  EXPECT_EQ(read_body<dce_rpc::Request>(read_unit(request)).operation, 5);
  EXPECT_EQ(read_body<dce_rpc::Request>(read_unit(request)).context, 2);
  EXPECT_EQ(read_body<dce_rpc::Response>(read_unit(response)).context, 2);
}
TEST(DceRpc, BigEndian) {
  std::string bytes = {5, 0, 0, 3, 0, 0, 0, 0, 0, 24, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 9, 0, 8};
  const dce_rpc::Unit u = read_unit(bytes);
  EXPECT_EQ(u.header.call_id, 0x102u);
  EXPECT_EQ(read_body<dce_rpc::Request>(u).context, 9);
  EXPECT_EQ(read_body<dce_rpc::Request>(u).operation, 8);
}
TEST(DceRpc, Security) {
  const std::string bytes = rpc_unit(16, zeros(4), kOnlyFragment, 1, {10, "NTLMSSP"});
  const dce_rpc::Unit u = read_unit(bytes);
  ASSERT_TRUE(u.security);
  EXPECT_EQ(u.security->provider, 10);
  EXPECT_EQ(as_chars(u.security->token), "NTLMSSP");
  EXPECT_EQ(u.body.size(), 4u);
}
TEST(DceRpc, Malformed) {
  dce_rpc::Unit u;
  std::string bytes = rpc_unit(16, {}, kOnlyFragment, 1, {10, "x"});
  bytes[10] = '\x7f';
  EXPECT_FALSE(dce_rpc::read_unit(as_bytes(bytes), u));
  bytes[0] = 4;
  EXPECT_FALSE(dce_rpc::read_unit(as_bytes(bytes), u));
}
TEST(DceRpc, AnyTruncation) {
  for (const std::string& bytes : {rpc_bind(kSamr), rpc_bind_ack("\\PIPE\\samr"), rpc_request(1), rpc_response(),
                                   rpc_unit(14, rpc_contexts({rpc_context(1, kSamr)})), rpc_unit(15, rpc_bind_ack_body({}))}) {
    const dce_rpc::Unit u = read_unit(bytes);
    const size_t least = u.header.type == dce_rpc::Type::Request || u.header.type == dce_rpc::Type::Response ? 8 : u.body.size();
    for (size_t n = 0; n < least; n++) {
      dce_rpc::Body body;
      EXPECT_FALSE(dce_rpc::read_body(u.header, u.body.first(n), body)) << int(u.header.type) << " " << n;
    }
  }
}

TEST(DceRpc, Names) {
  const dce_rpc::Interface* samr = dce_rpc::find_interface(kSamr);
  ASSERT_NE(samr, nullptr);
  EXPECT_EQ(samr->name, "samr");
  EXPECT_EQ(dce_rpc::find_operation(*samr, 0), "SamrConnect");
  EXPECT_EQ(dce_rpc::find_operation(*samr, 64), "SamrConnect5");
  EXPECT_EQ(dce_rpc::find_operation(*samr, 200), "");
  const dce_rpc::Interface* unknown = dce_rpc::find_interface("00000131-0000-0000-c000-000000000046");
  ASSERT_NE(unknown, nullptr);
  EXPECT_EQ(dce_rpc::find_operation(*unknown, 2), "");
  EXPECT_EQ(dce_rpc::find_operation(*unknown, 3), "RemQueryInterface");
  EXPECT_EQ(dce_rpc::find_interface("00000131-0000-0000-c000-000000000047"), nullptr);
}
TEST(DceRpc, TheTableIsInOrder) {
  const auto all = dce_rpc::interfaces();
  for (size_t i = 0; i < all.size(); i++) {
    EXPECT_EQ(all[i].uuid.size(), 36u);
    if (i == 0) continue;
    EXPECT_LT(all[i - 1].uuid, all[i].uuid);
  }
}

struct Collector final : dce_rpc::Sink {
  std::vector<std::string> bodies, tokens, weirds;
  int units = 0;
  void on_security(const dce_rpc::Security& s) override { tokens.emplace_back(as_chars(s.token)); }
  void on_body(const dce_rpc::Body& b) override {
    if (const auto* r = std::get_if<dce_rpc::Request>(&b)) bodies.push_back("request " + std::to_string(r->operation));
    if (std::holds_alternative<dce_rpc::Bind>(b)) bodies.emplace_back("bind");
  }
  void on_unit() override { units++; }
  void on_weird(std::string_view name) override { weirds.emplace_back(name); }
};
using Words = std::vector<std::string>;

TEST(DceRpcStream, AnyCuts) {
  const std::string bytes = rpc_bind(kSamr) + rpc_request(3) + rpc_request(4);
  for (size_t cut = 0; cut <= bytes.size(); cut++) {
    dce_rpc::Stream stream;
    Collector sink;
    stream.add(true, as_bytes(bytes).first(cut), sink);
    stream.add(true, as_bytes(bytes).subspan(cut), sink);
    EXPECT_EQ(sink.bodies, (Words{"bind", "request 3", "request 4"})) << cut;
    EXPECT_EQ(sink.units, 3);
  }
}
TEST(DceRpcStream, Fragments) {
  const std::string body = zeros(6) + little_endian(9, 2) + "stub";
  dce_rpc::Stream stream;
  Collector sink;
  const auto add = [&](const std::string& unit) { stream.add(true, as_bytes(unit), sink); };
  add(rpc_unit(0, body.substr(0, 3), kFirstFragment, 1));
  add(rpc_unit(0, body.substr(0, 5), kFirstFragment, 2));
  add(rpc_unit(0, body.substr(3, 4), kMiddleFragment, 1));
  EXPECT_EQ(sink.bodies, Words{});
  add(rpc_unit(0, body.substr(7), kLastFragment, 1));
  add(rpc_unit(0, body.substr(5), kLastFragment, 2));
  EXPECT_EQ(sink.bodies, (Words{"request 9", "request 9"}));
  add(rpc_unit(0, body, kLastFragment, 3));
  EXPECT_EQ(sink.bodies.size(), 2u) << "its beginning was not seen";
}
TEST(DceRpcStream, TwoBeginnings) {
  dce_rpc::Stream stream;
  Collector sink;
  for (int i = 0; i < 2; i++) stream.add(true, as_bytes(rpc_unit(0, zeros(8), kFirstFragment)), sink);
  EXPECT_EQ(sink.weirds, Words{"multiple_first_fragments_in_dce_rpc_reassembly"});
  EXPECT_TRUE(stream.stopped());
}
TEST(DceRpcStream, TooManyCalls) {
  dce_rpc::Stream stream;
  Collector sink;
  for (uint32_t call = 0; call < 30; call++) stream.add(true, as_bytes(rpc_unit(0, zeros(8), kFirstFragment, call)), sink);
  EXPECT_EQ(sink.weirds, Words{"too_many_dce_rpc_msgs_in_reassembly"});
  EXPECT_EQ(sink.units, 21);
}
TEST(DceRpcStream, TooLongMessages) {
  dce_rpc::Stream stream;
  Collector sink;
  stream.add(true, as_bytes(rpc_unit(0, zeros(30000), kFirstFragment)), sink);
  EXPECT_EQ(sink.weirds, Words{});
  stream.add(true, as_bytes(rpc_unit(0, zeros(1), kMiddleFragment)), sink);
  EXPECT_EQ(sink.weirds, Words{"too_much_dce_rpc_fragment_data"});
}
TEST(DceRpcStream, GoesOnBehindWhatIsMalformed) {
  dce_rpc::Stream stream;
  Collector sink;
  stream.add(true, as_bytes("this is something else"), sink);
  stream.add(true, as_bytes(rpc_request(1)), sink);
  EXPECT_EQ(sink.bodies, Words{"request 1"});
}
TEST(DceRpcStream, Beginnings) {
  const std::string bytes = rpc_bind(kSamr);
  EXPECT_EQ(dce_rpc::begins_with_unit(as_bytes(bytes)), Match::Yes);
  for (size_t n = 0; n < 16; n++) EXPECT_EQ(dce_rpc::begins_with_unit(as_bytes(bytes).first(n)), Match::Unsure);
  EXPECT_EQ(dce_rpc::begins_with_unit(as_bytes(std::string("\5\1\0", 3))), Match::Unsure) << "SOCKS as well";
  EXPECT_EQ(dce_rpc::begins_with_unit(as_bytes(std::string("\5\1\0\1\xc0\0\2\1\0P", 10))), Match::No);
  EXPECT_EQ(dce_rpc::begins_with_unit(as_bytes("GET /")), Match::No);
}

}  // namespace
}  // namespace sensor
