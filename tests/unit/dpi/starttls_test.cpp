#include "dpi/starttls/starttls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sensor::starttls {
namespace {

using State = Outcome::State;
using testing::ElementsAre;
using testing::IsEmpty;

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
    r = recognise(as_bytes(orig), as_bytes(resp), false);
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
  const Outcome out = imap.feed(false, as_bytes("a1 NO not now\r\n"));
  EXPECT_EQ(out.state, State::NeedMore);
  EXPECT_THAT(out.weirds, ElementsAre("IMAP: server refused StartTLS"));
}

TEST(Starttls, ImapAsksAgain) {
  Watcher imap(Carrier::Imap);
  EXPECT_THAT(imap.feed(true, as_bytes("a1 STARTTLS\r\n")).weirds, IsEmpty());
  EXPECT_THAT(imap.feed(true, as_bytes("a2 starttls\r\na3 STARTTLS\r\na4 NOOP\r\n")).weirds,
              ElementsAre("IMAP: client sent duplicate StartTLS"));
  EXPECT_EQ(imap.feed(false, as_bytes("a3 OK go\r\n")).state, State::Upgraded);
}

TEST(Starttls, XmppServerProceedsUnasked) {
  Watcher w(Carrier::Xmpp);
  const Outcome out = w.feed(false, as_bytes("<a:proceed/></proceed><proceed/>"));
  EXPECT_EQ(out.state, State::NeedMore);
  EXPECT_THAT(out.weirds, ElementsAre("XMPP: proceed without starttls"));
}

TEST(Starttls, XmppTagsMayHaveAnyPrefix) {
  Watcher w(Carrier::Xmpp);
  w.feed(true, as_bytes("<tls:starttls xmlns:tls='urn:ietf:params:xml:ns:xmpp-tls'/>"));
  EXPECT_EQ(w.feed(false, as_bytes("<tls:proceed/>")).state, State::Upgraded);
}

TEST(Starttls, XmppIsOverWithTheLogin) {
  Watcher w(Carrier::Xmpp);
  EXPECT_EQ(w.feed(false, as_bytes("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")).state, State::Done);
}

TEST(Starttls, TheStreamTellsXmppOrThePort) {
  const std::string declared = "<?xml version=\"1.0\"?>\n<stream:stream to='a' xmlns='jabber:client'>";
  EXPECT_EQ(recognise(as_bytes(declared), {}, false).match, Match::Yes);
  const std::string quoted = "<stream:stream to=\"a\" xmlns=\"jabber:client\" xmlns:db='jabber:server:dialback'>";
  EXPECT_EQ(recognise(as_bytes(quoted), {}, false).match, Match::Unsure);
  EXPECT_EQ(recognise(as_bytes(quoted), {}, true).carrier, Carrier::Xmpp);
  EXPECT_EQ(recognise(as_bytes(quoted), {}, true).match, Match::Yes);
  EXPECT_EQ(recognise(as_bytes("<?xml"), {}, true).match, Match::Unsure);
}

TEST(Starttls, TheServerAloneDoesNotUpgrade) {
  Watcher w(Carrier::Imap);
  EXPECT_EQ(w.feed(false, as_bytes("* OK imap\r\na1 OK go\r\n")).state, State::NeedMore);
}

TEST(Starttls, OtherProtocolsAreRuledOut) {
  EXPECT_EQ(recognise(as_bytes("\x16\x03\x01\x02"), {}, true).match, Match::No);
  EXPECT_EQ(recognise({}, as_bytes("\x80\x12"), true).match, Match::No);
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
