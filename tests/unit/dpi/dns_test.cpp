#include "dpi/dns/dns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns_message.h"

namespace sensor::dns {
namespace {

using test::DnsMessage;
using test::literal;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::string_literals;

struct Outcome {
  std::vector<std::string> questions, answers, weirds;
  std::string violation;
  bool complete = false;
};

Outcome read(Bytes bytes, Channel channel = {}) {
  Outcome out;
  MessageReader m;
  m.start(bytes, channel);
  for (Question q; m.next_question(q);) out.questions.emplace_back(q.name);
  for (Answer a; m.next_answer(a);) out.answers.emplace_back(a.text);
  for (const MessageWeird& w : m.weirds()) out.weirds.push_back(w.addl.empty() ? std::string(w.name) : std::string(w.name) + " " + w.addl);
  out.violation = m.violation();
  out.complete = m.complete();
  return out;
}

/// What is made of one record of this type.
Outcome read_record(unsigned type, std::string_view rdata, Channel channel = {}) {
  return read(DnsMessage(1, DnsMessage::kReply, 1, 1).question("a.b", type).record(type, rdata).bytes(), channel);
}

TEST(DnsHeader, TakesFlagsApart) {
  MessageReader m;
  DnsMessage d(0x1234, 0xf7ff, 1, 2, 3, 4);
  m.start(d.bytes(), {});
  const Header& h = m.header();
  EXPECT_EQ(h.id, 0x1234);
  EXPECT_TRUE(h.response && h.authoritative && h.truncated && h.recursion_desired && h.recursion_available);
  EXPECT_EQ(h.opcode, 14);
  EXPECT_EQ(h.z, 7);
  EXPECT_EQ(h.rcode, 15);
  EXPECT_EQ(h.questions, 1);
  EXPECT_EQ(h.answers, 2);
  EXPECT_EQ(h.authorities, 3);
  EXPECT_EQ(h.additionals, 4);
}

TEST(DnsHeader, AloneIsAWholeMessage) {
  EXPECT_TRUE(read(DnsMessage(1, 0, 0, 0).bytes()).complete);
}

TEST(DnsMessageReader, ReadsAQueryInLowerCase) {
  const Outcome o = read(DnsMessage(1, DnsMessage::kQuery, 1, 0).question("WWW.Example.com", 1).bytes());
  EXPECT_THAT(o.questions, ElementsAre("www.example.com"));
  EXPECT_TRUE(o.complete);
  EXPECT_THAT(o.weirds, IsEmpty());
}

TEST(DnsMessageReader, ReadsSeveralQuestions) {
  const Outcome o = read(DnsMessage(1, 0, 2, 0).question("a.local", 12).question("b.local", 12).bytes());
  EXPECT_THAT(o.questions, ElementsAre("a.local", "b.local"));
}

TEST(DnsMessageReader, OwnersMayPointToAnyQuestion) {
  DnsMessage m(1, DnsMessage::kReply, 2, 3);
  m.question("a.b", 1).question("c", 1);
  for (const unsigned offset : {12u, 21u, 12u}) m.pointer(offset).u16(1).u16(1).u32(60).u16(4).u32(0x01020304);
  MessageReader reader;
  reader.start(m.bytes(), {});
  std::vector<std::string> owners;
  for (Question q; reader.next_question(q);) continue;
  for (Answer a; reader.next_answer(a);) owners.emplace_back(a.name);
  EXPECT_THAT(owners, ElementsAre("a.b", "c", "a.b"));
}

TEST(DnsMessageReader, CountsOfNoSenseAreAViolation) {
  const Outcome o = read(DnsMessage(1, 0, 26, 0).question("a.b", 1).bytes());
  EXPECT_EQ(o.violation, "DNS_Conn_count_too_large");
  EXPECT_THAT(o.weirds, ElementsAre("DNS_Conn_count_too_large"));
  EXPECT_THAT(o.questions, IsEmpty());
  EXPECT_FALSE(o.complete);
}

TEST(DnsMessageReader, AuthorityAndAdditionalAreNotRead) {
  const Outcome o = read(DnsMessage(1, DnsMessage::kReply, 1, 0, 5, 9).question("a.b", 1).raw("garbage").bytes());
  EXPECT_TRUE(o.complete);
  EXPECT_THAT(o.weirds, IsEmpty());
}

TEST(DnsRecords, Addresses) {
  EXPECT_THAT(read_record(rr::kA, "\x01\x02\x03\x04").answers, ElementsAre("1.2.3.4"));
  EXPECT_THAT(read_record(rr::kAaaa, literal("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01")).answers, ElementsAre("2001:db8::1"));
  EXPECT_THAT(read_record(rr::kA, "\x01\x02\x03").weirds, ElementsAre("DNS_RR_bad_length"));
}

TEST(DnsRecords, Names) {
  EXPECT_THAT(read_record(rr::kCname, literal("\3WWW\xc0\x0c")).answers, ElementsAre("www.a.b"));
  EXPECT_THAT(read_record(rr::kNs, literal("\2ns\0")).answers, ElementsAre("ns"));
  EXPECT_THAT(read_record(rr::kPtr, literal("\0")).answers, ElementsAre(""));
  EXPECT_THAT(read_record(rr::kMx, literal("\0\x0a\4mail\xc0\x0c")).answers, ElementsAre("mail.a.b"));
  EXPECT_THAT(read_record(rr::kSrv, literal("\0\1\0\2\0\3\3srv\0")).answers, ElementsAre("srv"));
  EXPECT_THAT(read_record(rr::kSoa, "\1m\xc0\x0c\1r\xc0\x0c"s + std::string(20, 'n')).answers, ElementsAre("m.a.b"));
}

TEST(DnsRecords, NameShorterThanItsRecord) {
  const Outcome o = read_record(rr::kCname, literal("\1x\0 "));
  EXPECT_THAT(o.answers, ElementsAre("x"));
  EXPECT_THAT(o.weirds, ElementsAre("DNS_RR_length_mismatch"));
}

TEST(DnsRecords, Texts) {
  EXPECT_THAT(read_record(rr::kTxt, literal("\2hi\0\5there")).answers, ElementsAre("TXT 2 hi TXT 0  TXT 5 there"));
  EXPECT_THAT(read_record(rr::kSpf, "\6v=spf1").answers, ElementsAre("SPF 6 v=spf1"));
  const Outcome torn = read_record(rr::kTxt, "\2hi\5the");
  EXPECT_THAT(torn.answers, ElementsAre("TXT 2 hi"));
  EXPECT_THAT(torn.weirds, ElementsAre("DNS_TXT_char_str_past_rdlen"));
  EXPECT_FALSE(torn.complete);
}

TEST(DnsRecords, Naptr) {
  EXPECT_THAT(read_record(rr::kNaptr, literal("\0\1\0\2\1S\7SIP+D2U\0\4_Sip\0")).answers, ElementsAre("NAPTR 1 2 S SIP+D2U _Sip"));
  EXPECT_THAT(read_record(rr::kNaptr, literal("\0\1\0\2\1U\3E2U\3!a!\0")).answers, ElementsAre("NAPTR 1 2 U E2U !a!"));
  EXPECT_EQ(read_record(rr::kNaptr, literal("\0\1\0\2")).violation, "DNS_NAPTR_too_short");
  EXPECT_EQ(read_record(rr::kNaptr, literal("\0\1\0\2\1S")).violation, "DNS_NAPTR_RR_too_short");
}

TEST(DnsRecords, Dnssec) {
  EXPECT_THAT(read_record(rr::kDs, literal("\1\2\x08\2digest")).answers, ElementsAre("DS 8 2"));
  EXPECT_THAT(read_record(rr::kDs, literal("\1\2\x08\x09")).weirds, ElementsAre("DNSSEC_DS_unknown_DigestType 9"));
  EXPECT_THAT(read_record(rr::kDnskey, literal("\1\1\3\x0dkey")).answers, ElementsAre("DNSKEY 13"));
  EXPECT_THAT(read_record(rr::kDnskey, literal("\1\x81\4\xc8key")).weirds,
              ElementsAre("DNSSEC_DNSKEY_Revoked_KSK 385", "DNSSEC_DNSKEY_Invalid_Protocol 4", "DNSSEC_DNSKEY_unknown_ZoneSignAlgo 200"));
  const std::string fixed("\0\1\x08\2\0\0\0\1\0\0\0\2\0\0\0\3\0\4", 18);
  EXPECT_THAT(read_record(rr::kRrsig, fixed + "\3Org"s + '\0' + "sign").answers, ElementsAre("RRSIG 1 org"));
  EXPECT_THAT(read_record(rr::kRrsig, fixed + '\0' + "sign").answers, ElementsAre("RRSIG 1 <Root>"));
  EXPECT_THAT(read_record(rr::kNsec, literal("\1n\0\0\1\x40")).answers, ElementsAre("NSEC a.b n"));
  EXPECT_THAT(read_record(rr::kNsec, literal("\1n\0\7\0")).weirds, ElementsAre("DNSSEC_NSEC_bitmapLen0 7"));
  EXPECT_THAT(read_record(rr::kNsec3, literal("\1\0\0\1\0\2hh\0\1\x40")).answers, ElementsAre("NSEC3"));
  EXPECT_THAT(read_record(rr::kNsec3Param, literal("\1\0\0\1\0")).answers, ElementsAre("NSEC3PARAM"));
}

TEST(DnsRecords, Others) {
  EXPECT_THAT(read_record(rr::kSshfp, "\1\1\xab\xcd").answers, ElementsAre("SSHFP: abcd"));
  EXPECT_THAT(read_record(rr::kLoc, literal("\0\x12\x16\x13") + std::string(12, 'l')).answers, ElementsAre("LOC:  18 22 19"));
  EXPECT_THAT(read_record(rr::kBinds, literal("\5\1\2\0\1")).answers, ElementsAre("BIND9 signing signal"));
  EXPECT_THAT(read_record(rr::kWks, "\1\2\3\4\6x").answers, ElementsAre(""));
  const Outcome unknown = read_record(4711, "xyz");
  EXPECT_THAT(unknown.answers, ElementsAre("<unknown type=4711>"));
  EXPECT_THAT(unknown.weirds, ElementsAre("DNS_RR_unknown_type 4711"));
}

TEST(DnsRecords, TypesTheLogDoesNotList) {
  for (const unsigned type : {13u, 32u, 64u, 65u, 249u, 257u}) {
    const Outcome o = read_record(type, literal("\0\1\0data"));
    EXPECT_THAT(o.answers, IsEmpty()) << type;
    EXPECT_TRUE(o.complete) << type;
  }
}

TEST(DnsRecords, OptionsAmongAnswers) {
  EXPECT_TRUE(read_record(rr::kOpt, literal("\0\x08\0\7\0\1\x18\0\1\2\3")).complete);
  EXPECT_THAT(read_record(rr::kOpt, literal("\0\x08\0\5\0\1\x18\0\1")).weirds,
              ElementsAre("EDNS_ECS_invalid_addr_v4 need 24 bits, have 8 bits"));
  EXPECT_THAT(read_record(rr::kOpt, literal("\0\x08\0\5\0\2\x99\0\1")).weirds, ElementsAre("EDNS_ECS_invalid_addr_v6_prefix 153 bits"));
  EXPECT_THAT(read_record(rr::kOpt, literal("\0\x0b\0\0")).weirds, ElementsAre("EDNS_TCP_Keepalive_In_UDP"));
  EXPECT_THAT(read_record(rr::kOpt, literal("\0\x0b\0\0"), {.udp = false}).weirds, IsEmpty());
  EXPECT_THAT(read_record(rr::kOpt, literal("\0\x0b\0\x09x")).weirds, ElementsAre("EDNS_truncated_option"));
}

TEST(DnsRecords, BrokenFrames) {
  EXPECT_THAT(read(DnsMessage(1, 0x8000, 0, 1).name("a").u16(1).bytes()).weirds, ElementsAre("DNS_truncated_ans_too_short"));
  EXPECT_THAT(read(DnsMessage(1, 0x8000, 0, 1).name("a").u16(1).u16(1).u32(0).u16(9).bytes()).weirds,
              ElementsAre("DNS_truncated_RR_rdlength_lt_len"));
  EXPECT_THAT(read(DnsMessage(1, 0x8000, 0, 1).name("a").u16(1).u16(1).u32(0).u16(0).u8(1).bytes()).weirds,
              ElementsAre("DNS_zero_rdlength"));
  EXPECT_THAT(read(DnsMessage(1, 0, 1, 0).name("a").u16(1).bytes()).weirds, ElementsAre("DNS_truncated_quest_too_short"));
}

TEST(DnsNames, PointersMustLeadBack) {
  const Outcome o = read(DnsMessage(1, 0, 1, 0).label("a").pointer(14).u16(1).u16(1).bytes());
  EXPECT_THAT(o.questions, ElementsAre("a"));
  EXPECT_THAT(o.weirds, ElementsAre("DNS_label_forward_compress_offset"));
}

TEST(DnsNames, ChainsOfPointersEnd) {
  // Question n is a pointer to question n-1.
  DnsMessage m(1, 0, 24, 0);
  m.question("end", 1);
  size_t previous = 12;
  for (int i = 0; i < 23; i++) {
    const size_t here = m.size();
    m.pointer(static_cast<unsigned>(previous)).u16(1).u16(1);
    previous = here;
  }
  const Outcome o = read(m.bytes());
  ASSERT_EQ(o.questions.size(), 24u);
  EXPECT_EQ(o.questions[20], "end");
  EXPECT_EQ(o.questions[21], "");
  EXPECT_THAT(o.weirds, ElementsAre("DNS_max_compression_chain_depth_exceeded"));
}

TEST(DnsNames, Lengths) {
  const std::string long_label(64, 'x');
  EXPECT_THAT(read(DnsMessage(1, 0, 1, 0).label(long_label).u8(0).u16(1).u16(1).bytes()).weirds, testing::Contains("DNS_label_too_long"));
  const Outcome netbios = read(DnsMessage(1, 0, 1, 0).label(long_label).u8(0).u16(1).u16(1).bytes(), {.netbios_responder = true});
  EXPECT_THAT(netbios.questions, ElementsAre(long_label));
  EXPECT_THAT(read(DnsMessage(1, 0, 1, 0).u8(40).raw("short").bytes()).weirds,
              ElementsAre("DNS_label_len_gt_pkt", "DNS_truncated_quest_too_short"));

  DnsMessage huge(1, 0, 1, 0);
  for (int i = 0; i < 10; i++) huge.label(std::string(60, 'y'));
  const Outcome o = read(huge.u8(0).u16(1).u16(1).bytes());
  EXPECT_EQ(o.questions.at(0).size(), 8u * 61 - 1);
  EXPECT_THAT(o.weirds, testing::IsSupersetOf({"DNS_label_len_gt_name_len", "DNS_NAME_too_long"}));
}

TEST(DnsNames, BytesStayAsTheyAre) {
  const Outcome o = read(DnsMessage(1, 0, 1, 0).label(literal("\0\xff.")).name("x").u16(1).u16(1).bytes());
  EXPECT_THAT(o.questions, ElementsAre("\0\xff..x"s));
}

TEST(DnsText, Numbers) {
  EXPECT_EQ(query_type_name(28), "AAAA");
  EXPECT_EQ(query_type_name(255), "*");
  EXPECT_EQ(query_type_name(54), "");
  EXPECT_EQ(query_type_name(9999), "");
  EXPECT_EQ(class_name(1), "C_INTERNET");
  EXPECT_EQ(class_name(0x8001), "");
  EXPECT_EQ(rcode_name(3), "NXDOMAIN");
  EXPECT_EQ(rcode_name(8), "NXRRSet");
}

TEST(DnsText, NetbiosNames) {
  std::array<char, kNetbiosNameBytes> b;
  EXPECT_EQ(decode_netbios_name("FEEIEFCAEOEFFEECEJEPFDCAEOEBENEF", b), "THE NETBIOS NAM");
  EXPECT_EQ(decode_netbios_name("eieptdcacacacacacacacacacacacaca", b), "");  // 't' is no such letter
  EXPECT_EQ(decode_netbios_name("EIEPFDCACACACACACACACACACACACAAA", b), "HOS");
  EXPECT_EQ(decode_netbios_name("CACACACACACACACACACACACACACACACA", b), "");
  EXPECT_EQ(decode_netbios_name("EIEP", b), "");
}

TEST(DnsProbe, AcceptsQueriesAndAnswers) {
  const DnsMessage query = DnsMessage(7, DnsMessage::kQuery, 1, 0).question("www.example.com", 1);
  EXPECT_TRUE(looks_like_message(query.bytes()));
  EXPECT_TRUE(looks_like_message(DnsMessage(7, DnsMessage::kReply, 1, 1).question("example.com", 1).record(1, "\1\2\3\4").bytes()));
  const auto framed = query.framed();
  EXPECT_EQ(looks_like_stream(framed), StreamProbe::Yes);
  for (size_t n = 0; n < framed.size(); n++) EXPECT_EQ(looks_like_stream(Bytes(framed).first(n)), StreamProbe::NeedMore) << n;
}

TEST(DnsProbe, DeclinesWhatIsNotExactlyOneMessage) {
  const DnsMessage query = DnsMessage(7, DnsMessage::kQuery, 1, 0).question("www.example.com", 1);
  for (size_t n = 0; n < query.size(); n++) EXPECT_FALSE(looks_like_message(query.bytes().first(n))) << n;
  EXPECT_FALSE(looks_like_message(DnsMessage(query).u8(0).bytes()));
  EXPECT_FALSE(looks_like_message(DnsMessage(7, 0x2100, 1, 0).question("a.b", 1).bytes()));      // opcode
  EXPECT_FALSE(looks_like_message(DnsMessage(7, 0x0100, 1, 0).question("a.b", 9999).bytes()));   // type
  EXPECT_FALSE(looks_like_message(DnsMessage(7, 0x0100, 1, 0).question("a.b", 1, 77).bytes()));  // class
  EXPECT_FALSE(looks_like_message(DnsMessage(7, 0x0100, 1, 0).question("a b", 1).bytes()));      // no host name
  EXPECT_FALSE(looks_like_message(DnsMessage(7, 0x0100, 1, 0).question("", 2).bytes()));         // root: too little to tell
  EXPECT_FALSE(looks_like_message(DnsMessage(7, 0x0100, 2, 0).question("a", 1).question("b", 1).bytes()));
  EXPECT_EQ(looks_like_stream(as_bytes("GET / HTTP/1.1\r\n")), StreamProbe::No);
  EXPECT_EQ(looks_like_stream(as_bytes(literal("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03zzzzz"))), StreamProbe::No);
}

TEST(DnsMessageReader, EveryTruncationIsIncompleteAndHarmless) {
  DnsMessage m(1, DnsMessage::kReply, 1, 8);
  m.question("www.example.com", 255)
      .record(28, std::string(16, 'a'))
      .record(5, literal("\3foo\xc0\x0c"))
      .record(6, literal("\1m\xc0\x0c\1r\xc0\x0c") + std::string(20, 's'))
      .record(16, "\3txt\4more")
      .record(35, literal("\0\1\0\2\1S\3SIP\0\1x\0"))
      .record(47, literal("\1n\0\0\1\x40"))
      .record(65, literal("\0\1\0\0\1\0\3\2h2"))
      .record(1, "\1\2\3\4");
  ASSERT_TRUE(read(m.bytes()).complete);
  for (size_t n = 0; n < m.size(); n++) {
    // A copy of exactly n bytes, so that a sanitizer sees a read beyond them.
    const std::vector<uint8_t> part(m.bytes().begin(), m.bytes().begin() + static_cast<ptrdiff_t>(n));
    const Outcome o = read(part);
    EXPECT_FALSE(o.complete) << n;
    EXPECT_LE(o.answers.size(), 6u) << n;
  }
}

TEST(DnsMessageReader, EveryFlippedByteIsHarmless) {
  const DnsMessage m =
      DnsMessage(1, DnsMessage::kReply, 1, 2).question("www.example.com", 1).record(5, literal("\3foo\xc0\x0c")).record(1, "\1\2\3\4");
  for (size_t i = 0; i < m.size(); i++) {
    for (int v = 0; v < 256; v++) {
      std::vector<uint8_t> copy(m.bytes().begin(), m.bytes().end());
      copy[i] = static_cast<uint8_t>(v);
      const Outcome o = read(copy);
      EXPECT_LE(o.answers.size(), 2u + 256);
    }
  }
}

}  // namespace
}  // namespace sensor::dns
