// Generated packets are read back with checks of their own: lengths, checksums, sequence numbers, and the protocols to the last byte.
#include <gtest/gtest.h>

#include <charconv>
#include <map>
#include <set>

#include "generator.h"
#include "sensor/base/byte_reader.h"

namespace sensor::gen {
namespace {

struct Segment {
  std::string src, dst;
  uint16_t src_port = 0, dst_port = 0;
  uint8_t protocol = 0, flags = 0;
  uint32_t seq = 0, ack = 0;
  std::string payload;
};

/// The sum over 16-bit words of RFC 1071; a region with a right checksum in it sums to 0xffff.
uint32_t word_sum(Bytes b, uint32_t sum = 0) {
  for (size_t i = 0; i < b.size(); i++) sum += uint32_t{b[i]} << (i % 2 == 0 ? 8 : 0);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

Segment parse(std::string_view frame) {
  ByteReader r(as_bytes(frame));
  Segment s;
  r.skip(12);
  const uint16_t type = r.u16();
  const Bytes ip = r.rest();
  Bytes l4;
  uint32_t pseudo = 0;
  if (type == 0x0800) {
    EXPECT_EQ(r.u8(), 0x45);
    r.skip(1);
    const uint16_t total = r.u16();
    EXPECT_EQ(total, ip.size());
    r.skip(5);
    s.protocol = r.u8();
    EXPECT_EQ(word_sum(ip.first(20)), 0xffffu);
    r.skip(2);
    pseudo = word_sum(ip.subspan(12, 8));
    s.src = r.chars(4), s.dst = r.chars(4);
    l4 = ip.subspan(20);
  } else {
    EXPECT_EQ(type, 0x86dd);
    r.skip(4);
    EXPECT_EQ(r.u16() + 40u, ip.size());
    s.protocol = r.u8();
    r.skip(1);
    pseudo = word_sum(ip.subspan(8, 32));
    s.src = r.chars(16), s.dst = r.chars(16);
    l4 = ip.subspan(40);
  }
  EXPECT_EQ(word_sum(l4, pseudo + s.protocol + static_cast<uint32_t>(l4.size())), 0xffffu) << "transport checksum";
  ByteReader t(l4);
  s.src_port = t.u16(), s.dst_port = t.u16();
  if (s.protocol == 17) {
    EXPECT_EQ(t.u16(), l4.size());
    t.skip(2);
  } else {
    s.seq = t.u32(), s.ack = t.u32();
    const size_t header = t.u8() / 16 * 4u;
    s.flags = t.u8();
    t.skip(header - 14);
  }
  EXPECT_TRUE(t.ok());
  s.payload = std::string(as_chars(t.rest()));
  return s;
}

/// A TCP connection put together again, and what was wrong with it.
struct Stream {
  std::string bytes[2];
  uint32_t next[2] = {0, 0};
  bool begun[2] = {false, false};
  int fins = 0, resets = 0, packets = 0, gaps = 0, repeats = 0, early_acks = 0;

  void add(const Segment& s, bool from_client) {
    const int d = from_client ? 0 : 1;
    packets++;
    resets += (s.flags & 4) != 0;
    fins += s.flags & 1;
    if ((s.flags & 2) != 0) {
      begun[d] = true;
      next[d] = s.seq + 1;
      return;
    }
    if ((s.flags & 4) != 0) return;
    ASSERT_TRUE(begun[d]);
    early_acks += begun[1 - d] && static_cast<int32_t>(s.ack - next[1 - d]) > 0;
    const auto ahead = static_cast<int32_t>(s.seq - next[d]);
    gaps += ahead > 0;
    repeats += ahead < 0;
    if (ahead < 0) return;
    if (ahead > 0) bytes[d] += std::string(static_cast<size_t>(ahead), '?');
    bytes[d] += s.payload;
    next[d] = s.seq + static_cast<uint32_t>(s.payload.size()) + (s.flags & 1);
  }
};

struct Capture {
  std::map<std::tuple<std::string, uint16_t, std::string, uint16_t>, Stream> streams;
  std::vector<Segment> datagrams;
  uint64_t packets = 0, connections = 0;
  bool ordered = true;
  TimeNs first = 0, last = 0;
};

Capture generate(const Options& o) {
  Capture c;
  Generator g(o);
  Generator::Packet p;
  TimeNs last = 0;
  while (g.next(p)) {
    c.packets++;
    c.ordered = c.ordered && p.ts_ns >= last;
    last = p.ts_ns;
    if (c.first == 0) c.first = p.ts_ns;
    const Segment s = parse(p.frame);
    if (s.protocol == 17) {
      c.datagrams.push_back(s);
      continue;
    }
    const bool from_client = s.src_port >= 32768 && s.dst_port < 40000 && (s.flags & 0x12) != 0x12 &&
                             c.streams.count({s.dst, s.dst_port, s.src, s.src_port}) == 0;
    auto& stream = from_client ? c.streams[{s.src, s.src_port, s.dst, s.dst_port}] : c.streams[{s.dst, s.dst_port, s.src, s.src_port}];
    stream.add(s, from_client);
  }
  c.last = last;
  c.connections = g.connections_begun();
  return c;
}

Options small(std::string_view mix, uint64_t connections = 300) {
  Options o;
  o.mix = parse_mix(mix).value();
  o.connections = connections;
  o.window_s = 20;
  o.bulk_bytes = 100'000;
  return o;
}

/// Every byte belongs to a whole TLS record.
bool is_tls(std::string_view bytes) {
  ByteReader r(as_bytes(bytes));
  while (r.remaining() > 0) {
    const uint8_t type = r.u8();
    const uint16_t version = r.u16(), length = r.u16();
    if (type < 20 || type > 23 || version < 0x0301 || version > 0x0303 || length == 0 || length > 16384) return false;
    r.skip(length);
  }
  return r.ok() && !bytes.empty();
}

/// The number of HTTP messages that the bytes consist of; -1 when they are something else.
int http_messages(std::string_view bytes) {
  int n = 0;
  while (!bytes.empty()) {
    const size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) return -1;
    const std::string_view head = bytes.substr(0, end + 2);
    bytes.remove_prefix(end + 4);
    uint64_t length = 0;
    if (const size_t at = head.find("Content-Length: "); at != std::string_view::npos) {
      std::from_chars(head.data() + at + 16, head.data() + head.size(), length);
    } else if (head.find("chunked") != std::string_view::npos) {
      const auto [past, problem] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), length, 16);
      if (problem != std::errc{}) return -1;
      bytes.remove_prefix(static_cast<size_t>(past - bytes.data()) + 2);
      if (bytes.size() < length + 7 || bytes.substr(length, 7) != "\r\n0\r\n\r\n") return -1;
      length += 7;
    }
    if (bytes.size() < length) return -1;
    bytes.remove_prefix(length);
    n++;
  }
  return n;
}

TEST(TrafficGen, HttpAndTlsAreWholeOnBothFamilies) {
  Options o = small("http:1,tls:1,bulk:0.2");
  o.ipv6_share = 0.4;
  const Capture c = generate(o);
  EXPECT_TRUE(c.ordered);
  ASSERT_EQ(c.streams.size(), o.connections) << "no two connections share their addresses and ports";
  size_t v6 = 0, http = 0, tls = 0, opaque = 0;
  for (const auto& [key, s] : c.streams) {
    EXPECT_EQ(s.gaps + s.repeats + s.resets + s.early_acks, 0);
    EXPECT_EQ(s.fins, 2);
    v6 += std::get<0>(key).size() == 16;
    const uint16_t port = std::get<3>(key);
    if (port == 80 || port == 8080) {
      const int requests = http_messages(s.bytes[0]);
      EXPECT_GE(requests, 1);
      EXPECT_EQ(http_messages(s.bytes[1]), requests);
      http++;
    } else if (port == 443 || port == 8443) {
      EXPECT_TRUE(is_tls(s.bytes[0]) && is_tls(s.bytes[1]));
      tls++;
    } else {
      EXPECT_FALSE(s.bytes[0].empty());
      opaque++;
    }
  }
  EXPECT_NEAR(static_cast<double>(v6), 120, 30);
  EXPECT_GT(http, 100u);
  EXPECT_GT(tls, 100u);
  EXPECT_GT(opaque, 0u);
}

TEST(TrafficGen, DnsQuestionsAndAnswersMatch) {
  const Capture c = generate(small("dns"));
  std::map<std::pair<uint16_t, uint16_t>, std::string> questions;  // port and id
  size_t answers = 0;
  for (const auto& s : c.datagrams) {
    ByteReader r(as_bytes(s.payload));
    const uint16_t id = r.u16(), flags = r.u16(), qd = r.u16(), an = r.u16();
    r.skip(4);
    EXPECT_EQ(qd, 1);
    const std::string_view question = s.payload;
    const size_t end = question.find('\0', 12) + 5;
    const std::string asked(question.substr(12, end - 12));
    if ((flags & 0x8000) == 0) {
      EXPECT_EQ(s.dst_port, 53);
      questions[{s.src_port, id}] = asked;
      continue;
    }
    answers++;
    EXPECT_EQ((questions[{s.dst_port, id}]), asked);
    EXPECT_EQ(an > 0, (flags & 15) == 0);
  }
  EXPECT_EQ(answers * 2, c.datagrams.size());
  EXPECT_EQ(questions.size(), answers);
}

TEST(TrafficGen, SameSeedSameBytes) {
  const auto digest = [](uint64_t seed) {
    Options o = small("dns:1,http:1,tls:1,bulk:0.1,syn:1,scan:1,idle:1");
    o.seed = seed;
    o.loss_share = 0.02;
    Generator g(o);
    Generator::Packet p;
    uint64_t h = 0;
    while (g.next(p)) h = mix64(h ^ static_cast<uint64_t>(p.ts_ns), std::hash<std::string_view>{}(p.frame));
    return h;
  };
  EXPECT_EQ(digest(1), digest(1));
  EXPECT_NE(digest(1), digest(2));
}

TEST(TrafficGen, BareSynsAndScans) {
  const Capture syn = generate(small("syn"));
  EXPECT_EQ(syn.packets, 300u);
  EXPECT_EQ(syn.streams.size(), 300u);
  for (const auto& [key, s] : syn.streams) EXPECT_EQ(s.packets, 1);
  const Capture scan = generate(small("scan"));
  size_t refused = 0;
  std::set<std::string> scanners;
  for (const auto& [key, s] : scan.streams) {
    refused += s.resets == 1;
    scanners.insert(std::get<0>(key));
  }
  EXPECT_NEAR(static_cast<double>(refused), 210, 30);
  EXPECT_EQ(scanners.size(), 4u);
}

TEST(TrafficGen, IdleConnectionsStayOpenWithLabelsDecided) {
  const Capture c = generate(small("idle"));
  ASSERT_EQ(c.streams.size(), 300u);
  for (const auto& [key, s] : c.streams) {
    EXPECT_EQ(s.fins + s.resets, 0);
    EXPECT_TRUE(std::get<3>(key) == 80 || std::get<3>(key) == 8080 ? http_messages(s.bytes[1]) == 1 : is_tls(s.bytes[1]));
  }
}

TEST(TrafficGen, LongLivedConnectionsOverlap) {
  Options o = small("bulk");
  o.long_lived = true;
  o.packets_per_connection = 20;
  const Capture c = generate(o);
  EXPECT_NEAR(static_cast<double>(c.packets) / 300, 20, 6);
  EXPECT_LT(c.last - c.first, 40 * kSecond);
  Generator g(o);
  Generator::Packet p;
  std::set<std::string> open_late;
  while (g.next(p))
    if (p.ts_ns > c.first + 8 * kSecond) {
      const Segment s = parse(p.frame);
      open_late.insert(s.src_port >= 32768 && s.dst_port < 40000 ? s.src + std::to_string(s.src_port) : s.dst + std::to_string(s.dst_port));
    }
  EXPECT_GT(open_late.size(), 200u) << "most are still at work in the middle of the window";
}

TEST(TrafficGen, PacketsPerConnection) {
  for (const char* mix : {"http", "tls", "bulk"}) {
    Options o = small(mix, 200);
    o.packets_per_connection = 100;
    const Capture c = generate(o);
    EXPECT_NEAR(static_cast<double>(c.packets) / 200, 100, 25) << mix;
  }
}

TEST(TrafficGen, LossLeavesGapsAndRepeats) {
  Options o = small("http", 200);
  o.loss_share = 0.05;
  o.packets_per_connection = 60;
  int gaps = 0, repeats = 0;
  const Capture c = generate(o);
  for (const auto& [key, s] : c.streams) gaps += s.gaps, repeats += s.repeats;
  EXPECT_GT(gaps, 40);
  EXPECT_GT(repeats, 40);
}

TEST(TrafficGen, MixIsChecked) {
  EXPECT_TRUE(parse_mix("dns:1,http:0.5"));
  EXPECT_TRUE(parse_mix("dns"));
  for (const char* bad : {"", "nntp:1", "dns:x", "dns:-1", "dns:0", "dns:1e999", "dns:"}) EXPECT_FALSE(parse_mix(bad)) << bad;
  EXPECT_FALSE(profile("none"));
  for (const char* name : {"mixed", "idle", "flows", "syn"}) EXPECT_TRUE(profile(name));
}

}  // namespace
}  // namespace sensor::gen
