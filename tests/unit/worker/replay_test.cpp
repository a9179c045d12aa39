// A whole replay in one process: nothing is lost between the hops, and the number of workers does not show in the logs.
#include "sensor/worker/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "generator.h"
#include "sensor/output/log_writer.h"
#include "sensor/stats/stats_collector.h"
#include "temp_dir.h"

namespace sensor {
namespace {

/// Packets out of memory, in bursts of a source's size or smaller ones.
class MemorySource final : public PacketSource {
 public:
  void add(TimeNs ts, std::string_view frame) { packets_.emplace_back(ts, frame); }
  size_t size() const { return packets_.size(); }
  void rewind(size_t burst) {
    next_ = 0;
    burst_ = burst;
  }

  PacketBatch poll() override {
    constexpr size_t kOutAtOnce = 600;
    if (next_ == packets_.size() || out_.load() == kOutAtOnce) return {};
    auto* burst = new std::vector<PacketView>;
    for (; next_ < packets_.size() && burst->size() < burst_; next_++) {
      const auto& [ts, frame] = packets_[next_];
      burst->push_back({.data = bytes_of(frame), .ts_ns = ts, .wire_len = static_cast<uint32_t>(frame.size())});
    }
    out_++;
    return {this, *burst, reinterpret_cast<uintptr_t>(burst)};
  }
  State state() const override { return next_ == packets_.size() ? State::Finished : State::Running; }
  const Error& error() const override { return error_; }

 private:
  static Bytes bytes_of(const std::string& s) { return {reinterpret_cast<const uint8_t*>(s.data()), s.size()}; }
  void release(uint64_t token) override {
    delete reinterpret_cast<std::vector<PacketView>*>(static_cast<uintptr_t>(token));
    out_--;
  }

  std::vector<std::pair<TimeNs, std::string>> packets_;
  size_t next_ = 0, burst_ = Worker::kBurst;
  std::atomic<size_t> out_{0};
  Error error_;
};

/// Every log of a run, and what its parts counted.
struct Outcome {
  std::map<std::string, std::string> logs;
  DecodeCounters decode;
  CounterBlock<FragmentCounter> fragments;
  CounterBlock<FlowCounter> flow;
  CounterBlock<StatsCounter> stats;
  CounterBlock<LogCounter> log;
  StatsReport report;
  std::ostringstream intervals;
  uint64_t fragments_held = 0;
};

template <class Enum>
void add_up(CounterBlock<Enum>& sum, const CounterBlock<Enum>& part) {
  for (size_t i = 0; i < CounterBlock<Enum>::kSize; i++) sum.add(static_cast<Enum>(i), part.get(static_cast<Enum>(i)));
}

void run(MemorySource& source, size_t count, Outcome& r, size_t burst = Worker::kBurst) {
  const test::TempDir dir;
  LogWriterOptions log_options;
  log_options.directory = dir.path();
  log_options.workers = count;
  auto logs = LogWriter::create(std::move(log_options));
  ASSERT_TRUE(logs);
  StatsOptions stats_options;
  stats_options.workers = count;
  stats_options.interval_ns = 10 * kSecond;
  stats_options.on_interval = [&r](const StatsReport& i) {
    r.intervals << i.end_ns << ": " << i.traffic.packets << " packets, " << i.traffic.gaps << " of " << i.traffic.acks << " acks, "
                << i.traffic.opened[0] << " opened, " << i.traffic.ended[0] << " ended\n";
  };
  StatsCollector stats(std::move(stats_options));
  std::vector<std::unique_ptr<Worker>> workers;
  for (size_t i = 0; i < count; i++)
    workers.push_back(std::make_unique<Worker>(WorkerConfig{}, static_cast<uint8_t>(i), logs.value()->worker(i), stats.worker(i)));
  source.rewind(burst);
  logs.value()->start();
  stats.start();
  Replay(source, workers, {}, 0).run();
  stats.finish();
  logs.value()->finish(workers.front()->clock());
  for (const auto& w : workers) {
    add_up(r.decode, w->decode_counters());
    add_up(r.fragments, w->fragments().counters());
    add_up(r.flow, w->flow_counters());
    r.fragments_held += w->fragments().held();
  }
  for (const auto c : {StatsCounter::Packets, StatsCounter::ConnectionsOpened, StatsCounter::ConnectionsEnded})
    r.stats.add(c, stats.get(c));
  for (size_t i = 0; i < CounterBlock<LogCounter>::kSize; i++)
    r.log.add(static_cast<LogCounter>(i), logs.value()->get(static_cast<LogCounter>(i)));
  r.report = stats.whole_run();
  for (const auto& log : logs.value()->written_logs()) {
    std::stringstream content;
    content << std::ifstream(log.path).rdbuf();
    r.logs[log.path.filename()] = content.str();
  }
}

/// Calls f(row) for every row of a log; a row gives the value of a column by its name.
void for_each_row(const std::string& log, const std::function<void(const std::map<std::string, std::string>&)>& f) {
  std::vector<std::string> names;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells(line);
    std::vector<std::string> row;
    for (std::string cell; std::getline(cells, cell, '\t');) row.push_back(cell);
    if (row[0] == "#fields") names.assign(row.begin() + 1, row.end());
    if (line.starts_with('#')) continue;
    std::map<std::string, std::string> by_name;
    for (size_t i = 0; i < row.size(); i++) by_name[names[i]] = row[i];
    f(by_name);
  }
}

void set_header_checksum(std::string& frame) {
  frame[24] = frame[25] = 0;
  uint32_t sum = 0;
  for (size_t i = 14; i < 34; i += 2)
    sum += static_cast<uint32_t>(static_cast<uint8_t>(frame[i]) << 8 | static_cast<uint8_t>(frame[i + 1]));
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  frame[24] = static_cast<char>(~sum >> 8);
  frame[25] = static_cast<char>(~sum);
}

/// Makes an IPv4 frame the first fragment of a datagram of which nothing else comes; each has another identification.
void make_fragment(std::string& frame, uint16_t id) {
  frame[18] = static_cast<char>(id >> 8);
  frame[19] = static_cast<char>(id);
  frame[20] = 0x20;
  set_header_checksum(frame);
}

/// Puts an IPv4 frame into VXLAN (RFC 7348 section 5), between the same hosts.
std::string in_vxlan(const std::string& frame) {
  const auto u16 = [](size_t n) { return std::string{static_cast<char>(n >> 8), static_cast<char>(n)}; };
  const std::string vxlan("\x08\0\0\0\0\0\x01\0", 8);
  const std::string udp = u16(40000) + u16(4789) + u16(8 + vxlan.size() + frame.size()) + u16(0);
  std::string out = frame.substr(0, 34) + udp + vxlan + frame;
  out[14] = 0x45;
  const std::string length = u16(20 + udp.size() + vxlan.size() + frame.size());
  out[16] = length[0], out[17] = length[1];
  out[20] = out[21] = 0;
  out[23] = 17;
  set_header_checksum(out);
  return out;
}

/// All of what some pairs of hosts say to each other.
bool goes_through_a_tunnel(const std::string& ipv4_frame) {
  return (static_cast<uint8_t>(ipv4_frame[29]) + static_cast<uint8_t>(ipv4_frame[33])) % 16 == 0;
}

/// A mix of connections of which some packets are broken in each of the ways that the ledger knows.
void add_hostile_mix(MemorySource& source) {
  gen::Options o;
  o.seed = 7;
  o.connections = 1500;
  o.mix = gen::parse_mix("dns:40,http:20,tls:20,bulk:5,syn:5,scan:5,idle:5").value();
  o.bulk_bytes = 60'000;
  o.window_s = 900;
  o.ipv6_share = 0.2;
  o.loss_share = 0.01;
  gen::Generator generator(o);
  uint16_t number = 0;
  for (gen::Generator::Packet p; generator.next(p); number++) {
    std::string frame(p.frame);
    const bool ipv4 = frame[12] == 8;
    switch (number % 101) {
      case 10:
        frame.back() ^= 0x55;
        break;  // the transport's checksum
      case 20:
        frame.resize(30);
        break;  // cut within the IP header
      case 30:
        frame[12] = 8, frame[13] = 6;
        break;  // not ARP, though it says so
      case 40:
        frame[12] = '\x88', frame[13] = '\xcc';
        break;  // LLDP
      case 50:
        frame.resize(10);
        break;  // cut within the link layer
      case 60:
        if (ipv4) make_fragment(frame, number);
        break;
      case 70:
        if (ipv4) frame[25] ^= 1;
        break;  // the header's checksum
      default:
        break;
    }
    if (frame.size() > 34 && frame[12] == 8 && frame[13] == 0 && goes_through_a_tunnel(frame)) frame = in_vxlan(frame);
    source.add(p.ts_ns, frame);
  }
}

class WorkerReplay : public ::testing::TestWithParam<size_t> {
 protected:
  static MemorySource& source() {
    static MemorySource s;
    if (s.size() == 0) add_hostile_mix(s);
    return s;
  }
};

TEST_P(WorkerReplay, EveryPacketIsAccountedFor) {
  Outcome r;
  run(source(), GetParam(), r);
  using D = DecodeCounter;
  using F = FragmentCounter;
  const uint64_t sent = source().size();
  ASSERT_GT(sent, 20'000u);

  // source -> workers
  EXPECT_EQ(r.stats.get(StatsCounter::Packets), sent);
  // workers -> decode: what was put together from fragments, and what is in a UDP tunnel, is decoded once more
  uint64_t outcomes = 0;
  for (const D c : {D::DecodedPackets, D::DecodedFragments, D::ArpPackets, D::UnknownProtocol, D::Malformed, D::EspPackets,
                    D::MobilityPackets, D::EmptyPackets, D::WifiControl})
    outcomes += r.decode.get(c);
  EXPECT_EQ(outcomes, sent + r.decode.get(D::InnerDecoded) + r.decode.get(D::InnerUndecoded));
  EXPECT_GT(r.decode.get(D::InnerDecoded), 100u);
  EXPECT_GT(r.decode.get(D::InnerUndecoded), 0u);
  for (const D c : {D::DecodedPackets, D::DecodedFragments, D::ArpPackets, D::UnknownProtocol, D::Malformed})
    EXPECT_GT(r.decode.get(c), 0u);
  // decode -> fragments
  EXPECT_EQ(r.fragments.get(F::Fragments), r.decode.get(D::DecodedFragments));
  uint64_t fates = r.fragments_held;
  for (const F c : {F::Reassembled, F::Expired, F::Evicted, F::DroppedNoBuffer, F::DroppedNoPiece, F::DroppedTooMany, F::DroppedLongHeader})
    fates += r.fragments.get(c);
  EXPECT_EQ(fates, r.fragments.get(F::Fragments));
  EXPECT_GT(r.fragments.get(F::Expired), 0u);
  // decode -> connections -> conn.log
  uint64_t in_conn = 0, rows = 0;
  for_each_row(r.logs["conn.log"], [&](const auto& row) {
    rows++;
    in_conn += std::stoull(row.at("orig_pkts")) + std::stoull(row.at("resp_pkts"));
  });
  const uint64_t refused = r.flow.get(FlowCounter::ChecksumErrors) + r.flow.get(FlowCounter::HeaderErrors);
  EXPECT_GT(r.flow.get(FlowCounter::ChecksumErrors), 0u);
  EXPECT_EQ(in_conn + refused, r.decode.get(D::DecodedPackets));
  EXPECT_EQ(rows, r.flow.get(FlowCounter::Created));
  EXPECT_EQ(rows, r.stats.get(StatsCounter::ConnectionsEnded));
  EXPECT_EQ(rows, r.stats.get(StatsCounter::ConnectionsOpened));
  // workers -> log thread -> files
  const auto log = [&](LogCounter c) { return r.log.get(c); };
  EXPECT_EQ(log(LogCounter::Received) + log(LogCounter::Made),
            log(LogCounter::Written) + log(LogCounter::Reduced) + log(LogCounter::LostOnWrite) + log(LogCounter::Malformed));
  for (const auto c :
       {LogCounter::LostOnWrite, LogCounter::Malformed, LogCounter::Late, LogCounter::Forced, LogCounter::Dropped, LogCounter::TooLarge})
    EXPECT_EQ(log(c), 0u) << kLogCounters[static_cast<size_t>(c)].name;
  uint64_t written = 0;
  for (const auto& [name, content] : r.logs) for_each_row(content, [&](const auto&) { written++; });
  EXPECT_EQ(written, log(LogCounter::Written));
}

TEST_P(WorkerReplay, TheLogsAreThoseOfOneWorker) {
  static Outcome one;
  if (one.logs.empty()) run(source(), 1, one);
  Outcome r;
  run(source(), GetParam(), r);
  for (const char* name : {"conn.log", "dns.log", "http.log", "ssl.log", "files.log", "x509.log", "weird.log"}) {
    ASSERT_FALSE(one.logs[name].empty()) << name;
    EXPECT_TRUE(one.logs[name] == r.logs[name]) << name;
  }
  EXPECT_EQ(one.logs.size(), r.logs.size());
}

std::string udp_frame(uint8_t client, uint16_t client_port, const std::string& payload) {
  const auto u16 = [](size_t n) { return std::string{static_cast<char>(n >> 8), static_cast<char>(n)}; };
  std::string frame = std::string(12, '\x02') + std::string("\x08\0\x45\0", 4) + u16(28 + payload.size()) + std::string(4, '\0') +
                      "\x40\x11" + std::string(2, '\0') + std::string("\x0a\0\0", 3) + static_cast<char>(client) +
                      std::string("\xc0\0\x02\x01", 4) + u16(client_port) + u16(4000) + u16(8 + payload.size()) + u16(0) + payload;
  set_header_checksum(frame);
  return frame;
}

// Teredo is told by its content. Tunnels are one worker's, other connections are spread: each must have one worker all the same.
TEST(Replay, ConnectionsOfWhichSomePacketsLookLikeATunnel) {
  const std::string plain = "nothing that anybody knows";
  MemorySource source;
  TimeNs t = 1'000'000 * kSecond;
  for (uint8_t client = 1; client < 20; client++) {
    // IPv6 from 2001::/32
    const std::string teredo =
        std::string("\x60\0\0\0\0\x04\xfd\x40\x20\x01\0\0", 12) + std::string(11, static_cast<char>(client)) + std::string(21, '\x07');
    for (const std::string& payload :
         client % 2 == 0 ? std::vector{plain, teredo, plain, teredo} : std::vector{teredo, plain, teredo, plain})
      source.add(t += kMillisecond, udp_frame(client, 3000, payload));
    source.add(t += kMillisecond, udp_frame(client, 3001, plain));
  }
  Outcome one, four;
  run(source, 1, one);
  run(source, 4, four);
  EXPECT_NE(one.logs["tunnel.log"].find("Tunnel::TEREDO"), std::string::npos);
  for (const auto& [name, log] : one.logs) EXPECT_EQ(log, four.logs[name]) << name;
}

/// Their times do not always go on, either.
TEST(Replay, HowPacketsComeInBurstsDoesNotShow) {
  gen::Options o;
  o.seed = 8;
  o.connections = 300;
  o.mix = gen::parse_mix("dns:40,http:20,tls:20,bulk:20").value();
  o.bulk_bytes = 60'000;
  o.window_s = 100;
  o.loss_share = 0.02;
  gen::Generator generator(o);
  MemorySource source;
  for (gen::Generator::Packet p; generator.next(p);)
    source.add(source.size() % 10 == 0 ? p.ts_ns - kSecond : p.ts_ns, std::string(p.frame));
  Outcome whole, small;
  run(source, 1, whole);
  run(source, 1, small, 5);
  EXPECT_NE(whole.intervals.str().find(" of "), std::string::npos);
  EXPECT_EQ(whole.intervals.str(), small.intervals.str());
  for (const auto& [name, log] : whole.logs) EXPECT_EQ(log, small.logs[name]) << name;
}

INSTANTIATE_TEST_SUITE_P(Workers, WorkerReplay, ::testing::Values(1, 2, 4, 8));

}  // namespace
}  // namespace sensor
