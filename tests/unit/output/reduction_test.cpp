#include "src/output/reduction.h"

#include <gtest/gtest.h>

#include "sensor/record/arp.h"
#include "src/output/arp_reduction.h"
#include "src/output/weird_reduction.h"

namespace sensor {
namespace {

/// A record as the log thread sees it; lives as long as this object.
class Decoded {
 public:
  template <class Record>
  explicit Decoded(const Record& r) : bytes_(1000), cells_(log_info<Record>().columns.size()) {
    RecordEncoder out(bytes_);
    encode_fields(out, r);
    EXPECT_TRUE(decode_fields(log_info<Record>(), Bytes(bytes_).first(out.size()), cells_));
  }
  std::span<Cell> cells() { return cells_; }

 private:
  std::vector<uint8_t> bytes_;
  std::vector<Cell> cells_;
};

struct Weirds {
  WeirdReduction reduction{log_info<WeirdRecord>()};

  bool net(std::string_view name, TimeNs t) {
    WeirdRecord r;
    r.name = name;
    return reduction.keep(t, Decoded(r).cells());
  }
  bool conn(std::string_view name, TimeNs t, uint64_t uid, uint32_t orig, uint16_t port, bool* notice = nullptr) {
    WeirdRecord r;
    r.name = name;
    r.uid = {uid, 0, 'C'};
    r.orig_h = IpAddress::v4(orig);
    r.resp_h = IpAddress::v4(1);
    r.orig_p = Port{port};
    r.resp_p = Port{80};
    r.scope = static_cast<uint64_t>(WeirdScope::Connection);
    Decoded d(r);
    const bool kept = reduction.keep(t, d.cells());
    if (notice != nullptr) *notice = d.cells()[column_index(log_info<WeirdRecord>().columns, "notice")].number != 0;
    return kept;
  }
};

TEST(WeirdReduction, SomeNamesAreIgnored) {
  Weirds w;
  EXPECT_FALSE(w.conn("spontaneous_RST", 0, 1, 1, 1));
  EXPECT_TRUE(w.conn("RST_with_data", 0, 1, 1, 1));
}

TEST(WeirdReduction, RepeatsAreHeldBackForTenMinutes) {
  Weirds w;
  EXPECT_TRUE(w.net("truncated_IP", 0));
  EXPECT_FALSE(w.net("truncated_IP", 10 * kMinute));
  EXPECT_TRUE(w.net("truncated_IP", 10 * kMinute + 1));
  EXPECT_TRUE(w.net("truncated_header", 10 * kMinute + 1));
}

TEST(WeirdReduction, RepeatsGoByEndpointsNotByUid) {
  Weirds w;
  EXPECT_TRUE(w.conn("data_after_reset", 0, 1, 5, 1000));
  EXPECT_FALSE(w.conn("data_after_reset", 1, 2, 5, 1000));
  EXPECT_TRUE(w.conn("data_after_reset", 2, 2, 5, 1001));
}

TEST(WeirdReduction, OncePerOriginatorLastsADay) {
  Weirds w;
  EXPECT_TRUE(w.conn("bad_TCP_checksum", 0, 1, 5, 1000));
  EXPECT_FALSE(w.conn("bad_TCP_checksum", 1, 2, 5, 1001));
  EXPECT_TRUE(w.conn("bad_TCP_checksum", 1, 3, 6, 1001));
  EXPECT_FALSE(w.conn("bad_TCP_checksum", 24 * 60 * kMinute, 4, 5, 1002));
  EXPECT_TRUE(w.conn("bad_TCP_checksum", 24 * 60 * kMinute + 1, 5, 5, 1003));
}

TEST(WeirdReduction, NoticesAreMarked) {
  Weirds w;
  bool notice = false;
  EXPECT_TRUE(w.conn("SYN_after_partial", 0, 1, 5, 1000, &notice));
  EXPECT_TRUE(notice);
  EXPECT_FALSE(w.conn("SYN_after_partial", 1, 2, 5, 1001));
  EXPECT_TRUE(w.conn("data_after_reset", 1, 2, 5, 1001, &notice));
  EXPECT_FALSE(notice);
}

TEST(WeirdReduction, SamplingStartsAfterTwentyFive) {
  WeirdReduction reduction(log_info<WeirdRecord>());
  const auto flow = [&](uint32_t dst, TimeNs t) {
    WeirdRecord r;
    r.name = "fragment_with_DF";
    r.orig_h = IpAddress::v4(1);
    r.resp_h = IpAddress::v4(dst);
    r.orig_p = r.resp_p = Port{0};
    r.scope = static_cast<uint64_t>(WeirdScope::Flow);
    return reduction.keep(t, Decoded(r).cells());
  };
  EXPECT_TRUE(flow(2, 0));
  for (int i = 0; i < 30; i++) EXPECT_FALSE(flow(2, 1));
  EXPECT_TRUE(flow(3, 1)) << "another pair has its own count";
  // The name is sampled until the count starts anew at ten minutes; the repeat is over just after that.
  EXPECT_FALSE(flow(2, 10 * kMinute));
  EXPECT_TRUE(flow(2, 10 * kMinute + 1));
}

struct Claims {
  ArpReduction reduction{log_info<ArpRecord>()};

  /// claim and previous_mac of the row.
  std::pair<std::string, std::string> message(uint32_t sender, std::string mac, uint64_t vlan = 0, bool claims = true) {
    ArpRecord r;
    r.operation = "reply";
    r.sender = IpAddress::v4(sender);
    r.sender_mac = std::move(mac);
    r.claims = claims;
    if (vlan != 0) r.vlan = vlan;
    Decoded row(r);
    EXPECT_TRUE(reduction.keep(0, row.cells()));
    const auto text = [&](std::string_view column) {
      const Cell& c = row.cells()[column_index(log_info<ArpRecord>().columns, column)];
      return std::string(c.present ? c.chars() : "-");
    };
    return {text("claim"), text("previous_mac")};
  }
};
using Claim = std::pair<std::string, std::string>;

TEST(ArpReduction, TellsWhoTookAnAddressOver) {
  Claims c;
  EXPECT_EQ(c.message(1, "a"), (Claim{"new", "-"}));
  EXPECT_EQ(c.message(1, "a"), (Claim{"-", "-"}));
  EXPECT_EQ(c.message(1, "b"), (Claim{"changed", "a"}));
  EXPECT_EQ(c.message(1, "b"), (Claim{"-", "-"}));
  EXPECT_EQ(c.message(2, "b"), (Claim{"new", "-"})) << "a host may have several addresses";
  EXPECT_EQ(c.message(1, "c", 7), (Claim{"new", "-"})) << "another VLAN is another network";
  EXPECT_EQ(c.message(3, "d", 0, false), (Claim{"-", "-"})) << "a probe claims nothing";
}

TEST(ArpReduction, ForgetsTheOldestWhenFull) {
  Claims c;
  for (uint32_t i = 0; i <= ArpReduction::kCapacity; i++) c.message(i, "a");
  EXPECT_EQ(c.message(1, "b"), (Claim{"changed", "a"}));
  EXPECT_EQ(c.message(0, "b"), (Claim{"new", "-"}));
}

struct CertRecord {
  Time ts;
  std::string fingerprint;
  bool host = false, client = false;
};

}  // namespace

template <>
struct LogSchema<CertRecord> {
  using R = CertRecord;
  static constexpr std::string_view path = "x509";
  static constexpr std::string_view doc = "test";
  static constexpr auto fields = std::make_tuple(field("ts", &R::ts, "."), field("fingerprint", &R::fingerprint, "."),
                                                 field("host_cert", &R::host, "."), field("client_cert", &R::client, "."));
};

namespace {

TEST(CertificateReduction, OnceADayForEachRole) {
  CertificateReduction reduction(log_info<CertRecord>());
  const auto keep = [&](std::string fingerprint, bool host, TimeNs t) {
    CertRecord r;
    r.fingerprint = std::move(fingerprint);
    r.host = host;
    return reduction.keep(t, Decoded(r).cells());
  };
  EXPECT_TRUE(keep("aa", true, 0));
  EXPECT_FALSE(keep("aa", true, 5));
  EXPECT_TRUE(keep("aa", false, 5));
  EXPECT_TRUE(keep("bb", true, 5));
  EXPECT_FALSE(keep("aa", true, 24 * 60 * kMinute));
  EXPECT_TRUE(keep("aa", true, 24 * 60 * kMinute + 1));
}

TEST(ExpiringSet, TheOldestGoesFirstWhenFull) {
  const Fingerprint a("a"), b("b"), c("c");
  ExpiringSet s(kSecond, 2);
  EXPECT_TRUE(s.insert(a, 0));
  EXPECT_TRUE(s.insert(b, 1));
  EXPECT_TRUE(s.insert(c, 2));
  EXPECT_EQ(s.size(), 2u);
  EXPECT_EQ(s.evicted(), 1u);
  EXPECT_FALSE(s.contains(a, 2));
  EXPECT_TRUE(s.contains(b, 2));
  EXPECT_FALSE(s.contains(b, kSecond + 2));
  EXPECT_TRUE(s.contains(c, kSecond + 2));
}

TEST(WeirdAction, TheTable) {
  EXPECT_EQ(weird_action("unsolicited_SYN_response"), WeirdAction::Ignore);
  EXPECT_EQ(weird_action("DNS_label_len_gt_pkt"), WeirdAction::LogPerOriginator);
  EXPECT_EQ(weird_action("no_such_weird"), WeirdAction::Log);
}

}  // namespace
}  // namespace sensor
