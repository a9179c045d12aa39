#include "src/session/dns_analyzer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns_message.h"
#include "fake_context.h"

namespace sensor {
namespace {

using test::DnsMessage;
using test::literal;
using testing::ElementsAre;
using testing::IsEmpty;

DnsMessage query(uint16_t id, std::string_view name = "Example.com", unsigned type = 1) {
  return DnsMessage(id, DnsMessage::kQuery, 1, 0).question(name, type);
}
DnsMessage reply(uint16_t id, std::string_view name = "example.com") {
  return DnsMessage(id, DnsMessage::kReply, 1, 1).question(name, 1).record(1, "\1\2\3\4", 300);
}

class DnsAnalyzerTest : public testing::Test {
 protected:
  DnsAnalyzerTest() {
    c.transport_protocol = Transport::Udp;
    c.header.resp_p = {53};
  }
  void send(const DnsMessage& m, Direction d = Direction::Orig) { analyzer.on_data(c, d, m.bytes()); }
  void answer(const DnsMessage& m) { send(m, Direction::Resp); }
  void wait(DurationNs ns) { c.now_ns += ns; }
  std::vector<RowText> finish() {
    analyzer.on_finish(c);
    return c.rows("dns");
  }
  std::vector<std::string> weirds() const {
    std::vector<std::string> out;
    for (const auto& w : c.weirds) out.push_back(w.source + ":" + w.name + (w.addl.empty() ? "" : " " + w.addl));
    return out;
  }
  static std::vector<std::string> column(const std::vector<RowText>& rows, std::string_view name) {
    std::vector<std::string> out;
    for (const RowText& r : rows) out.push_back(r.find(name)->second);
    return out;
  }

  FakeContext c;
  DnsAnalyzer analyzer;
};

TEST_F(DnsAnalyzerTest, QueryAndAnswerBecomeOneRow) {
  send(query(0x1234));
  EXPECT_THAT(c.rows("dns"), IsEmpty());
  wait(25 * kMillisecond);
  answer(reply(0x1234));
  ASSERT_EQ(c.rows("dns").size(), 1u);
  const RowText row = c.rows("dns")[0];
  const RowText expected = {{"ts", "1000000.000000"},
                            {"proto", "udp"},
                            {"trans_id", "4660"},
                            {"rtt", "0.025000"},
                            {"query", "example.com"},
                            {"qclass", "1"},
                            {"qclass_name", "C_INTERNET"},
                            {"qtype", "1"},
                            {"qtype_name", "A"},
                            {"rcode", "0"},
                            {"rcode_name", "NOERROR"},
                            {"AA", "F"},
                            {"TC", "F"},
                            {"RD", "T"},
                            {"RA", "T"},
                            {"Z", "0"},
                            {"answers", "1.2.3.4"},
                            {"TTLs", "300.000000"},
                            {"rejected", "F"}};
  for (const auto& [name, value] : expected) EXPECT_EQ(row.at(name), value) << name;
  EXPECT_THAT(c.confirmed, ElementsAre("dns"));
  EXPECT_THAT(c.hostnames, ElementsAre("example.com"));
  EXPECT_EQ(finish().size(), 1u);
}

TEST_F(DnsAnalyzerTest, LoneMessagesAreWrittenAtTheEnd) {
  send(query(1, "lost.example"));
  answer(reply(2, "unasked.example"));
  EXPECT_THAT(c.rows("dns"), IsEmpty());
  const auto rows = finish();
  EXPECT_THAT(column(rows, "query"), ElementsAre("lost.example", "unasked.example"));
  EXPECT_THAT(column(rows, "rcode_name"), ElementsAre("-", "NOERROR"));
  EXPECT_THAT(column(rows, "qtype_name"), ElementsAre("A", "-"));
  EXPECT_THAT(column(rows, "rtt"), ElementsAre("-", "-"));
}

TEST_F(DnsAnalyzerTest, QueriesOfOneIdAreAnsweredInOrder) {
  send(query(1, "a"));
  send(query(7, "b"));
  send(query(1, "c"));
  answer(reply(1));
  answer(reply(1));
  answer(reply(7));
  EXPECT_THAT(column(c.rows("dns"), "query"), ElementsAre("a", "c", "b"));
}

TEST_F(DnsAnalyzerTest, AnAnswerSeenBeforeItsQueryMeetsIt) {
  send(query(9, "other"));
  answer(reply(1));
  send(query(1, "late"));
  EXPECT_THAT(column(c.rows("dns"), "query"), ElementsAre("late"));
  EXPECT_THAT(column(c.rows("dns"), "answers"), ElementsAre("1.2.3.4"));
}

TEST_F(DnsAnalyzerTest, RefusalsAreRejected) {
  send(query(1));
  answer(DnsMessage(1, 0x8183, 1, 0).question("example.com", 1));  // no record at all
  send(query(2));
  answer(DnsMessage(2, 0x8183, 1, 0, 1).question("example.com", 1));  // NXDOMAIN with an authority
  send(query(3));
  answer(DnsMessage(3, 0x8185, 0, 0, 0, 1));  // REFUSED without the question
  EXPECT_THAT(column(c.rows("dns"), "rejected"), ElementsAre("T", "F", "T"));
  EXPECT_THAT(column(c.rows("dns"), "rcode_name"), ElementsAre("NXDOMAIN", "NXDOMAIN", "REFUSED"));
}

TEST_F(DnsAnalyzerTest, NumbersWithoutNames) {
  send(DnsMessage(1, 0, 1, 0).question("x.local", 4711, 0x8001));
  const auto rows = finish();
  EXPECT_EQ(rows.at(0).at("qtype_name"), "query-4711");
  EXPECT_EQ(rows.at(0).at("qclass_name"), "qclass-32769");
}

TEST_F(DnsAnalyzerTest, TheRootIsAnEmptyName) {
  send(query(1, "", 2));
  EXPECT_EQ(finish().at(0).at("query"), "(empty)");
}

TEST_F(DnsAnalyzerTest, TooManyIdsAreGivenUp) {
  for (uint16_t id = 0; id < 52; id++) send(query(id));
  EXPECT_THAT(c.rows("dns"), IsEmpty());  // one on the fast path, 51 in the queue
  send(query(52));
  EXPECT_EQ(c.rows("dns").size(), 51u);
  EXPECT_EQ(finish().size(), 53u);
}

TEST_F(DnsAnalyzerTest, TooManyQueriesOfAnIdAreGivenUp) {
  for (int i = 0; i < 52; i++) send(query(5));
  EXPECT_THAT(c.rows("dns"), IsEmpty());
  send(query(5));
  EXPECT_EQ(c.rows("dns").size(), 51u);
  EXPECT_EQ(finish().size(), 53u);
}

TEST_F(DnsAnalyzerTest, WaitingTextHasALimit) {
  const std::string text = std::string(1, static_cast<char>(250)) + std::string(250, 't');
  for (uint16_t id = 0; id < 12; id++) {
    DnsMessage big(id, DnsMessage::kReply, 1, 200);
    big.question("example.com", 16);
    for (int i = 0; i < 200; i++) big.record(16, text);
    answer(big);
  }
  EXPECT_THAT(c.rows("dns"), testing::SizeIs(testing::Ge(5u)));  // 12 rows of about 52 KB against 256 KiB
  EXPECT_EQ(finish().size(), 12u);
}

TEST_F(DnsAnalyzerTest, AHugeAnswerFitsIntoARecord) {
  DnsMessage big(1, DnsMessage::kReply, 1, 4000);
  big.question("example.com", 1);
  for (int i = 0; i < 4000; i++) big.record(1, "\1\2\3\4");
  answer(big);
  EXPECT_EQ(finish().size(), 1u);
  EXPECT_EQ(c.catcher.writer().records_too_large(), 0u);
}

TEST_F(DnsAnalyzerTest, AnAnswerFirstTurnsTheConnectionRound) {
  c.header.orig_p = {53};
  c.header.resp_p = {50000};
  send(reply(1));
  EXPECT_EQ(c.role_flips, 1);
  answer(reply(2));
  EXPECT_EQ(c.role_flips, 1);
  EXPECT_EQ(finish().at(0).at("id.resp_p"), "53");
}

TEST_F(DnsAnalyzerTest, MulticastAnswersTurnNothingRound) {
  c.header.resp_h = IpAddress::v4(0xe00000fb);
  c.header.resp_p = {5353};
  send(reply(0));
  EXPECT_EQ(c.role_flips, 0);
}

TEST_F(DnsAnalyzerTest, OtherOpcodesAreNotRead) {
  send(DnsMessage(1, 0x2800, 1, 0).question("example.com", 6));
  EXPECT_THAT(weirds(), ElementsAre("DNS:DNS_unknown_opcode 5"));
  EXPECT_EQ(c.history, "X");
  EXPECT_THAT(c.confirmed, IsEmpty());
  EXPECT_THAT(finish(), IsEmpty());
}

TEST_F(DnsAnalyzerTest, NetbiosNames) {
  c.header.resp_p = {137};
  send(query(1, "FEEIEFCAEOEFFEECEJEPFDCAEOEBENEF", 32));
  send(query(2, "CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 33));
  send(DnsMessage(3, 0x2910, 1, 0).question("FEEIEFCAEOEFFEECEJEPFDCAEOEBENEF", 32));  // registration: read, not logged
  EXPECT_THAT(weirds(), IsEmpty());
  const auto rows = finish();
  EXPECT_THAT(column(rows, "query"), ElementsAre("THE NETBIOS NAM", "*"));
  EXPECT_THAT(column(rows, "qtype_name"), ElementsAre("NIMLOC", "NBSTAT"));
}

TEST_F(DnsAnalyzerTest, GarbageIsNotConfirmed) {
  analyzer.on_data(c, Direction::Orig, as_bytes("hello"));
  EXPECT_THAT(weirds(), ElementsAre("DNS:DNS_truncated_len_lt_hdr_len"));
  send(DnsMessage(1, 0, 2000, 0).raw("garbage"));
  EXPECT_THAT(c.violations, ElementsAre("DNS_Conn_count_too_large"));
  EXPECT_THAT(c.confirmed, IsEmpty());
  EXPECT_EQ(c.rows("dns").size(), 1u);  // the analyzer is dropped now, so what it holds is out
}

TEST_F(DnsAnalyzerTest, DnsPortsEndEarly) {
  send(query(1));
  EXPECT_EQ(c.idle_period_ns, 10 * kSecond);
  EXPECT_EQ(c.min_idle_ns, 9 * kSecond);
}

TEST_F(DnsAnalyzerTest, StreamsMayBeCutAnywhere) {
  const auto q = query(1, "a").framed(), q2 = query(2, "b").framed();
  std::vector<uint8_t> stream(q);
  stream.insert(stream.end(), q2.begin(), q2.end());
  for (size_t cut = 0; cut <= stream.size(); cut++) {
    for (size_t second = cut; second <= stream.size(); second += 3) {
      FakeContext tcp;
      DnsAnalyzer a;
      const Bytes all(stream);
      a.on_data(tcp, Direction::Orig, all.first(cut));
      a.on_data(tcp, Direction::Orig, all.subspan(cut, second - cut));
      a.on_data(tcp, Direction::Orig, all.subspan(second));
      a.on_finish(tcp);
      ASSERT_THAT(column(tcp.rows("dns"), "query"), ElementsAre("a", "b")) << cut << " " << second;
      ASSERT_EQ(tcp.rows("dns")[0].at("proto"), "tcp");
    }
  }
}

TEST_F(DnsAnalyzerTest, AnUnfinishedMessageIsReadWhenItsStreamEnds) {
  c.transport_protocol = Transport::Tcp;
  auto q = query(1).framed();
  q.pop_back();
  analyzer.on_data(c, Direction::Orig, q);
  EXPECT_THAT(weirds(), IsEmpty());
  analyzer.on_eof(c, Direction::Orig);
  EXPECT_THAT(weirds(), ElementsAre("DNS:DNS_truncated_quest_too_short"));
  EXPECT_EQ(finish().size(), 1u);
}

TEST_F(DnsAnalyzerTest, ZoneTransferHasOneRowPerMessage) {
  c.transport_protocol = Transport::Tcp;
  analyzer.on_data(c, Direction::Orig, query(1, "example.com", 252).framed());
  for (int i = 0; i < 3; i++) analyzer.on_data(c, Direction::Resp, reply(1).framed());
  const auto rows = finish();
  EXPECT_THAT(column(rows, "qtype_name"), ElementsAre("AXFR", "-", "-"));
}

TEST_F(DnsAnalyzerTest, RolesTurnInTheMiddleOfAStream) {
  c.transport_protocol = Transport::Tcp;
  auto bytes = reply(1).framed();
  const auto second = reply(2).framed();
  bytes.insert(bytes.end(), second.begin(), second.end());
  const Bytes all(bytes);
  analyzer.on_data(c, Direction::Orig, all.first(all.size() - 5));
  EXPECT_EQ(c.role_flips, 1);
  analyzer.on_data(c, Direction::Resp, all.last(5));
  EXPECT_EQ(finish().size(), 2u);
  EXPECT_THAT(weirds(), IsEmpty());
}

TEST_F(DnsAnalyzerTest, EveryTruncationIsHarmless) {
  const DnsMessage whole = reply(1);
  for (size_t n = 0; n < whole.size(); n++) {
    FakeContext udp;
    udp.transport_protocol = Transport::Udp;
    DnsAnalyzer a;
    const std::vector<uint8_t> part(whole.bytes().begin(), whole.bytes().begin() + static_cast<ptrdiff_t>(n));
    a.on_data(udp, Direction::Resp, part);
    a.on_finish(udp);
    EXPECT_THAT(udp.confirmed, IsEmpty()) << n;
    EXPECT_EQ(udp.rows("dns").size(), n < 12 ? 0u : 1u) << n;
    EXPECT_THAT(udp.weirds, testing::Not(IsEmpty())) << n;
  }
}

TEST(DnsProbes, FindDnsOnAnyPort) {
  const DnsMessage q = query(1);
  EXPECT_EQ(probe_dns_datagram({.orig = q.bytes(), .resp = {}}), Probe::Certain);
  EXPECT_EQ(probe_dns_datagram({.orig = {}, .resp = reply(1).bytes()}), Probe::Certain);
  EXPECT_EQ(probe_dns_datagram({.orig = as_bytes("hello"), .resp = {}}), Probe::NotForUs);
  EXPECT_EQ(probe_dns_stream({.orig = q.framed(), .resp = {}}), Probe::Certain);
  EXPECT_EQ(probe_dns_stream({.orig = Bytes(q.framed()).first(9), .resp = {}}), Probe::Unsure);
  EXPECT_EQ(probe_dns_stream({.orig = as_bytes("GET / HTTP/1.1"), .resp = {}}), Probe::NotForUs);
}

}  // namespace
}  // namespace sensor
