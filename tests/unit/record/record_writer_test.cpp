#include "sensor/record/record_writer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fake_context.h"
#include "sensor/record/conn.h"
#include "sensor/record/decoder.h"
#include "sensor/record/dns.h"
#include "sensor/record/files.h"
#include "sensor/record/http.h"
#include "sensor/record/registry.h"
#include "sensor/record/ssl.h"
#include "sensor/record/weird.h"
#include "sensor/record/x509.h"

namespace sensor {
namespace {

/// Every type, container and flag a field can have.
struct SampleRecord : ConnHeader {
  uint64_t count = 0;
  int64_t number = 0;
  double ratio = 0;
  bool flag = false;
  Interval length;
  EnumName kind;
  std::string text;
  std::optional<std::string> note;
  std::optional<uint64_t> maybe;
  std::vector<std::string> names;
  std::optional<Set<uint64_t>> numbers;
  std::vector<Interval> gaps;
  std::vector<IpAddress> hosts;
  Set<Uid> parents;
  uint64_t secret = 0;
};

size_t double_count(std::span<const Cell> row, std::span<char> out) {
  return row[7].number == 0 ? 0
                            : static_cast<size_t>(std::to_chars(out.data(), out.data() + out.size(), 2 * row[7].number).ptr - out.data());
}

}  // namespace

template <>
struct LogSchema<SampleRecord> {
  using R = SampleRecord;
  static constexpr std::string_view path = "sample";
  static constexpr std::string_view doc = "All shapes of fields.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time"),
      std::make_tuple(field("count", &R::count, "a count"), field("number", &R::number, "an int"), field("ratio", &R::ratio, "a double"),
                      field("flag", &R::flag, "a bool"), field("length", &R::length, "an interval"), field("kind", &R::kind, "an enum"),
                      field("text", &R::text, "a string"), computed_field("doubled", &double_count, "twice the count"),
                      field("note", &R::note, "an optional string"), field("maybe", &R::maybe, "an optional count"),
                      field("names", &R::names, "a vector"), field("numbers", &R::numbers, "an optional set"),
                      field("gaps", &R::gaps, "a vector of intervals"), field("hosts", &R::hosts, "a vector of addresses"),
                      field("parents", &R::parents, "a set of uids"), hidden_field("secret", &R::secret, "never written")));
};

namespace {

SampleRecord full_record() {
  SampleRecord r;
  r.ts = {1'500'000'000 * kSecond + 250 * kMillisecond};
  r.uid = {0x0123456789abcdef, 0xfedcba98, 'C'};
  r.orig_h = IpAddress::v4(0x0a000001);
  r.orig_p = {1234};
  r.resp_h = *IpAddress::parse("2001:db8::1");
  r.resp_p = {65535};
  r.ip_protocol = 6;
  r.count = UINT64_MAX;
  r.number = INT64_MIN;
  r.ratio = -0.25;
  r.flag = true;
  r.length = {-1'500'000};
  r.kind = {"tcp"};
  r.text = "a\tb";
  r.note = "";
  r.maybe = 127;
  r.names = {"x,y", "", "-"};
  r.numbers = Set<uint64_t>{{1, 128, 16384}};
  r.gaps = {{kSecond}, {1}};
  r.hosts = {IpAddress::v4(0x7f000001)};
  r.parents = {{Uid{0, 0, 'C'}}};
  r.secret = 7;
  return r;
}

std::vector<uint8_t> encoded(const SampleRecord& r) {
  std::vector<uint8_t> bytes(kRecordBatchBytes);
  RecordEncoder out(bytes);
  encode_fields(out, r);
  EXPECT_TRUE(out.ok());
  bytes.resize(out.size());
  return bytes;
}

TEST(RecordWriter, EveryShapeOfFieldComesBack) {
  RecordCatcher c;
  c.writer().write(77, Uid{5, 6, 'C'}, full_record());
  ASSERT_EQ(c.all().size(), 1u);
  const auto& row = c.all()[0];
  EXPECT_EQ(row.path, "sample");
  EXPECT_EQ(row.due_ns, 77);
  EXPECT_EQ(row.key, (Uid{5, 6, 'C'}));
  const RowText expected{{"ts", "1500000000.250000"},
                         {"uid", to_string(full_record().uid)},
                         {"id.orig_h", "10.0.0.1"},
                         {"id.orig_p", "1234"},
                         {"id.resp_h", "2001:db8::1"},
                         {"id.resp_p", "65535"},
                         {"id.ip_proto", "6"},
                         {"count", "18446744073709551615"},
                         {"number", "-9223372036854775808"},
                         {"ratio", "-0.25"},
                         {"flag", "T"},
                         {"length", "-0.001500"},
                         {"kind", "tcp"},
                         {"text", "a\\x09b"},
                         {"doubled", "18446744073709551614"},
                         {"note", "(empty)"},
                         {"maybe", "127"},
                         {"names", "x\\x2cy,(empty),\\x2d"},
                         {"numbers", "1,128,16384"},
                         {"gaps", "1.000000,0.000000"},
                         {"hosts", "127.0.0.1"},
                         {"parents", "C00000000000000000"},
                         {"secret", "7"}};
  EXPECT_EQ(row.cells, expected);
}

TEST(RecordWriter, UnsetIsNotEmpty) {
  RecordCatcher c;
  c.writer().write(0, Uid{}, SampleRecord{});
  const RowText row = c.rows("sample").at(0);
  EXPECT_EQ(row.at("uid"), "-");
  EXPECT_EQ(row.at("note"), "-");
  EXPECT_EQ(row.at("maybe"), "-");
  EXPECT_EQ(row.at("numbers"), "-");
  EXPECT_EQ(row.at("names"), "(empty)");
  EXPECT_EQ(row.at("text"), "(empty)");
  EXPECT_EQ(row.at("doubled"), "-");
}

TEST(RecordWriter, EveryTruncationIsRefused) {
  const std::vector<uint8_t> bytes = encoded(full_record());
  const LogInfo& log = log_info<SampleRecord>();
  std::vector<Cell> cells(log.columns.size());
  EXPECT_TRUE(decode_fields(log, bytes, cells));
  for (size_t n = 0; n < bytes.size(); n++) EXPECT_FALSE(decode_fields(log, Bytes(bytes).first(n), cells)) << n;
  std::vector<uint8_t> longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(decode_fields(log, longer, cells));
}

TEST(RecordWriter, EveryTruncationOfABatchIsRefused) {
  RecordBatch* batch = nullptr;
  struct Keep final : RecordSink {
    std::unique_ptr<RecordBatch> kept;
    std::unique_ptr<RecordBatch> exchange(std::unique_ptr<RecordBatch> full) override {
      kept = std::move(full);
      return std::make_unique<RecordBatch>();
    }
    void publish_watermark(TimeNs) override {}
    bool flush_wanted() const override { return false; }
  } sink;
  RecordWriter w(sink, std::make_unique<RecordBatch>());
  w.write(3, Uid{1, 2, 'C'}, full_record());
  w.write(2, Uid{1, 2, 'C'}, full_record());
  w.flush();
  batch = sink.kept.get();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->size(), 2u);
  EXPECT_EQ(batch->min_due_ns(), 2);
  for (size_t n = 1; n < batch->bytes().size(); n++) {
    RecordCursor cursor(batch->bytes().first(n));
    RecordHeader h;
    Bytes fields;
    size_t records = 0;
    while (cursor.next(h, fields)) records++;
    EXPECT_LT(records, 2u);
    EXPECT_EQ(cursor.malformed(), n != batch->bytes().size() / 2) << n;
  }
}

TEST(RecordWriter, FullBatchesAreHandedOnAndNothingIsLost) {
  RecordCatcher c;
  SampleRecord r = full_record();
  for (uint64_t i = 0; i < 5000; i++) {
    r.count = i;
    c.writer().write(static_cast<TimeNs>(i), r.uid, r);
  }
  const auto rows = c.rows("sample");
  ASSERT_EQ(rows.size(), 5000u);
  for (size_t i = 0; i < rows.size(); i++) EXPECT_EQ(rows[i].at("count"), std::to_string(i));
  EXPECT_EQ(c.writer().records_written(), 5000u);
  EXPECT_EQ(c.writer().records_too_large(), 0u);
}

TEST(RecordWriter, ARecordThatFitsNoBatchIsCounted) {
  RecordCatcher c;
  SampleRecord r = full_record();
  c.writer().write(1, r.uid, r);
  r.text.assign(kRecordBatchBytes, 'x');
  c.writer().write(1, r.uid, r);
  r.text = "after";
  c.writer().write(1, r.uid, r);
  EXPECT_EQ(c.rows("sample").size(), 2u);
  EXPECT_EQ(c.rows("sample").at(1).at("text"), "after");
  EXPECT_EQ(c.writer().records_written(), 2u);
  EXPECT_EQ(c.writer().records_too_large(), 1u);
}

TEST(RecordWriter, TheWatermarkNeverPassesWhatIsHeld) {
  struct Watch final : RecordSink {
    std::vector<TimeNs> marks;
    bool wanted = false;
    int exchanges = 0;
    std::unique_ptr<RecordBatch> exchange(std::unique_ptr<RecordBatch> full) override {
      exchanges++;
      full->clear();
      return full;
    }
    void publish_watermark(TimeNs t) override { marks.push_back(t); }
    bool flush_wanted() const override { return wanted; }
  } sink;
  RecordWriter w(sink, std::make_unique<RecordBatch>());
  w.advance(10);
  w.write(12, Uid{}, SampleRecord{});
  w.advance(20);
  w.advance(15);
  sink.wanted = true;
  w.advance(16);
  EXPECT_EQ(sink.marks, (std::vector<TimeNs>{10, 12, 12, 20}));
  EXPECT_EQ(sink.exchanges, 1);
}

TEST(Uid, TextIsOrderedAndOfOneLength) {
  EXPECT_EQ(to_string(Uid{0, 0, 'F'}), "F00000000000000000");
  EXPECT_EQ(to_string(Uid{0, 61, 'C'}), "C0000000000000000z");
  EXPECT_EQ(to_string(Uid{0, 62, 'C'}), "C00000000000000010");
  EXPECT_LT(to_string(Uid{1, 0, 'C'}), to_string(Uid{1, 1, 'C'}));
  EXPECT_LT(to_string(Uid{1, UINT32_MAX, 'C'}), to_string(Uid{2, 0, 'C'}));
  EXPECT_EQ(to_string(Uid{UINT64_MAX, UINT32_MAX, 'C'}).size(), kUidChars);
  EXPECT_EQ(to_string(Uid{}), "");
}

TEST(Registry, PathsAndColumnsAreUniqueAndDocumented) {
  std::map<std::string_view, int> paths;
  for (const LogInfo* log : all_logs()) {
    EXPECT_EQ(paths[log->path]++, 0) << log->path;
    EXPECT_FALSE(log->doc.empty());
    std::map<std::string_view, int> names;
    for (const ColumnInfo& c : log->columns) {
      EXPECT_EQ(names[c.name]++, 0) << log->path << '.' << c.name;
      EXPECT_FALSE(c.doc.empty()) << log->path << '.' << c.name;
    }
  }
}

// The function that computes it counts columns.
TEST(Registry, CommunityIdFollowsTheColumnsItIsMadeOf) {
  size_t found = 0;
  for (const LogInfo* log : all_logs()) {
    const size_t id = column_index(log->columns, "community_id");
    if (id == log->columns.size()) continue;
    found++;
    const size_t first = log->columns[id].compute == &file_community_id ? 3 : 2;
    EXPECT_EQ(column_index(log->columns, "id.orig_h"), first) << log->path;
    EXPECT_EQ(column_index(log->columns, "id.orig_p"), first + 1) << log->path;
    EXPECT_EQ(column_index(log->columns, "id.resp_h"), first + 2) << log->path;
    EXPECT_EQ(column_index(log->columns, "id.resp_p"), first + 3) << log->path;
    EXPECT_EQ(column_index(log->columns, "id.ip_proto"), first + 4) << log->path;
  }
  const auto with_addresses =
      std::ranges::count_if(all_logs(), [](const LogInfo* log) { return column_index(log->columns, "id.orig_h") != log->columns.size(); });
  EXPECT_EQ(found, static_cast<size_t>(with_addresses));
}

template <class Record>
void expect_same_cells(const Record& r) {
  const LogInfo& log = log_info<Record>();
  const FieldsDecoder decode = decoder_of(log);
  EXPECT_NE(decode, &decode_fields) << log.path;
  std::vector<uint8_t> bytes(1000);
  RecordEncoder out(bytes);
  encode_fields(out, r);
  std::vector<Cell> want(log.columns.size()), got(log.columns.size());
  for (size_t n = 0; n <= out.size() + 1; n++) {
    const Bytes piece = Bytes(bytes).first(n);
    ASSERT_EQ(decode_fields(log, piece, want), n == out.size());
    ASSERT_EQ(decode(log, piece, got), n == out.size());
  }
  ASSERT_TRUE(decode_fields(log, Bytes(bytes).first(out.size()), want));
  ASSERT_TRUE(decode(log, Bytes(bytes).first(out.size()), got));
  for (size_t i = 0; i < want.size(); i++) {
    EXPECT_EQ(got[i].present, want[i].present) << log.columns[i].name;
    EXPECT_EQ(got[i].number, want[i].number) << log.columns[i].name;
    EXPECT_EQ(got[i].chars(), want[i].chars()) << log.columns[i].name;
  }
}

TEST(Decoder, ThatOfAFrequentLogGivesTheSameCells) {
  ConnRecord conn;
  conn.uid = {1, 2, 'C'};
  conn.service = "ssl";
  conn.orig_bytes = 300;
  conn.tunnel_parents = Set<Uid>{{Uid{0, 0, 'C'}}};
  conn.vlan = 7;
  expect_same_cells(conn);
  expect_same_cells(ConnRecord{});
  DnsRecord dns;
  dns.query = "example.com";
  dns.answers = {{"192.0.2.1", "192.0.2.2"}};
  expect_same_cells(dns);
  FilesRecord file;
  file.mime_type = "text/plain";
  expect_same_cells(file);
  HttpRecord http;
  http.uri = "/";
  expect_same_cells(http);
  SslRecord ssl;
  ssl.server_name = "example.com";
  expect_same_cells(ssl);
  WeirdRecord weird;
  weird.orig_h = IpAddress::v4(1);
  weird.name = "truncated_IP";
  expect_same_cells(weird);
}

TEST(Decoder, PresenceBitsFitAWord) {
  for (const LogInfo* log : all_logs()) EXPECT_LE(log->presence_bytes, sizeof(uint64_t)) << log->path;
}

TEST(Registry, TypesHaveZeeksNames) {
  const auto type_of = [](const LogInfo& log, std::string_view column) {
    return zeek_type_name(log.columns[column_index(log.columns, column)]);
  };
  EXPECT_EQ(type_of(log_info<ConnRecord>(), "ts"), "time");
  EXPECT_EQ(type_of(log_info<ConnRecord>(), "uid"), "string");
  EXPECT_EQ(type_of(log_info<ConnRecord>(), "duration"), "interval");
  EXPECT_EQ(type_of(log_info<ConnRecord>(), "local_orig"), "bool");
  EXPECT_EQ(type_of(log_info<ConnRecord>(), "tunnel_parents"), "set[string]");
  EXPECT_EQ(type_of(log_info<X509Record>(), "certificate.not_valid_after"), "time");
}

TEST(ConnRecord, CommunityIdIsComputedFromTheRow) {
  RecordCatcher c;
  ConnRecord r;
  r.orig_h = *IpAddress::parse("128.232.110.120");
  r.resp_h = *IpAddress::parse("66.35.250.204");
  r.orig_p = {34855};
  r.resp_p = {80};
  c.writer().write(0, Uid{}, r);
  r.ip_protocol = 6;
  c.writer().write(0, Uid{}, r);
  EXPECT_EQ(c.rows("conn").at(0).at("community_id"), "-");
  EXPECT_EQ(c.rows("conn").at(1).at("community_id"), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
}

}  // namespace
}  // namespace sensor
