#include "dpi/starttls/starttls.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sensor::starttls {
namespace {

using State = Outcome::State;

struct Piece {
  bool from_client;
  std::string bytes;
};
/// A dialogue whose last piece ends where TLS begins.
struct Dialogue {
  Carrier carrier;
  std::vector<Piece> pieces;
};

const std::vector<Dialogue>& dialogues() {
  static const std::vector<Dialogue> all = {
      {Carrier::Imap, {{false, "* OK IMAP4rev1 ready\r\n"}, {true, "a1 STARTTLS\r\n"}, {false, "* NOTE\r\na1 OK begin\r\n"}}},
      {Carrier::Xmpp,
       {{true, "<?xml version='1.0'?><stream:stream xmlns='jabber:client' to='x'>"},
        {false, "<stream:features><starttls/></stream:features>"},
        {true, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"},
        {false, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"}}},
  };
  return all;
}

class EveryCarrier : public testing::TestWithParam<Dialogue> {};

TEST_P(EveryCarrier, IsRecognised) {
  std::string orig, resp;
  Recognition r;
  for (const Piece& p : GetParam().pieces) {
    (p.from_client ? orig : resp) += p.bytes;
    r = recognise(as_bytes(orig), as_bytes(resp));
    if (r.match == Match::Yes) break;
    ASSERT_EQ(r.match, Match::Unsure) << p.bytes;
  }
  EXPECT_EQ(r.match, Match::Yes);
  EXPECT_EQ(r.carrier, GetParam().carrier);
}

TEST_P(EveryCarrier, UpgradesAtTheLastByte) {
  Watcher w(GetParam().carrier);
  for (const Piece& p : GetParam().pieces) {
    const bool last = &p == &GetParam().pieces.back();
    const Outcome out = w.feed(p.from_client, as_bytes(p.bytes + (last ? "\x16\x03\x01" : "")));
    ASSERT_EQ(out.state, last ? State::Upgraded : State::NeedMore) << p.bytes;
    if (last) {
      EXPECT_EQ(out.consumed, p.bytes.size());
    }
  }
  EXPECT_TRUE(w.confirmed());
}

TEST_P(EveryCarrier, UpgradesByteByByte) {
  Watcher w(GetParam().carrier);
  Outcome out;
  for (const Piece& p : GetParam().pieces)
    for (const char c : p.bytes) {
      ASSERT_EQ(out.state, State::NeedMore) << "before the end of " << p.bytes;
      out = w.feed(p.from_client, as_bytes(std::string_view(&c, 1)));
    }
  EXPECT_EQ(out.state, State::Upgraded);
  EXPECT_EQ(out.consumed, 1u);
}

TEST_P(EveryCarrier, TruncationsNeverUpgrade) {
  for (size_t cut = 0; cut < GetParam().pieces.back().bytes.size(); cut++) {
    Watcher w(GetParam().carrier);
    for (const Piece& p : GetParam().pieces) {
      const bool last = &p == &GetParam().pieces.back();
      EXPECT_NE(w.feed(p.from_client, as_bytes(std::string_view(p.bytes).substr(0, last ? cut : p.bytes.size()))).state, State::Upgraded);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Starttls, EveryCarrier, testing::ValuesIn(dialogues()),
                         [](const auto& i) { return std::string(service_name(i.param.carrier)); });

TEST(Starttls, ARefusalIsNoUpgrade) {
  Watcher imap(Carrier::Imap);
  imap.feed(true, as_bytes("a1 STARTTLS\r\n"));
  EXPECT_EQ(imap.feed(false, as_bytes("a1 NO not now\r\n")).state, State::NeedMore);
  EXPECT_EQ(imap.feed(false, as_bytes("a1 OK late\r\n")).state, State::NeedMore);
}

TEST(Starttls, TheServerAloneDoesNotUpgrade) {
  Watcher w(Carrier::Imap);
  EXPECT_EQ(w.feed(false, as_bytes("* OK imap\r\na1 OK go\r\n")).state, State::NeedMore);
}

TEST(Starttls, OtherProtocolsAreRuledOut) {
  EXPECT_EQ(recognise(as_bytes("\x16\x03\x01\x02"), {}).match, Match::No);
  EXPECT_EQ(recognise({}, as_bytes("\x80\x12")).match, Match::No);
}

TEST(Starttls, LongTalkEndsTheWatch) {
  Watcher w(Carrier::Imap);
  const std::string line(1000, 'x');
  State state = State::NeedMore;
  for (size_t i = 0; i < 100 && state == State::NeedMore; i++) state = w.feed(false, as_bytes(line)).state;
  EXPECT_EQ(state, State::Done);
}

}  // namespace
}  // namespace sensor::starttls
