#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dpi/mime/entity.h"
#include "dpi/mime/header.h"
#include "dpi/mime/inflater.h"
#include "dpi/mime/line_splitter.h"
#include "dpi/mime/percent.h"
#include "dpi/mime/text.h"
#include "dpi/mime/transfer_decoder.h"
#include "dpi/text/run.h"

namespace sensor::mime {
namespace {

struct Lines : LineHandler {
  std::vector<std::string> seen;
  std::vector<std::string> weirds;
  LineSplitter* splitter = nullptr;
  uint64_t plain_after_first = 0;

  void on_line(Bytes line) override {
    seen.emplace_back(as_chars(line));
    if (splitter != nullptr && plain_after_first > 0) splitter->set_plain(std::exchange(plain_after_first, 0));
  }
  void on_plain(Bytes bytes) override { seen.push_back("<" + std::string(as_chars(bytes)) + ">"); }
  void on_line_weird(std::string_view name) override { weirds.emplace_back(name); }
};

using Strings = std::vector<std::string>;

TEST(TextRun, EndsAtTheFirstStop) {
  const std::string plain(1000, 'x');
  EXPECT_EQ(text::run_before({}, "\n"), 0U);
  EXPECT_EQ(text::run_before(as_bytes(plain), "\n\r"), plain.size());
  for (const size_t at : {0UL, 1UL, 127UL, 128UL, 129UL, 500UL, 999UL}) {
    std::string s = plain;
    s[at] = '\r';
    s.back() = '\n';
    EXPECT_EQ(text::run_before(as_bytes(s), "\n\r"), std::min(at, s.size() - 1)) << at;
  }
  EXPECT_EQ(text::run_before(as_bytes(std::string_view("ab\0c", 4)), std::string_view("\n\0", 2)), 2U);
}

TEST(LineSplitter, EveryLineEnd) {
  LineSplitter s;
  Lines l;
  s.feed(as_bytes("a\r\nb\nc\rd"), l);
  EXPECT_EQ(l.seen, (Strings{"a", "b", "c"}));
  EXPECT_EQ(l.weirds, (Strings{"line_terminated_with_single_CR"}));
  s.feed(as_bytes("\re\rd"), l);
  EXPECT_EQ(l.weirds.size(), 1u);  // told once
  s.finish(l);
  EXPECT_EQ(l.seen.back(), "d");
}

TEST(LineSplitter, AnyDivisionGivesTheSameLines) {
  const std::string text = "one\r\ntwo\r\n\r\nthree\nfour\r\n";
  for (size_t cut = 0; cut <= text.size(); cut++) {
    LineSplitter s;
    Lines l;
    s.feed(as_bytes(text).first(cut), l);
    s.feed(as_bytes(text).subspan(cut), l);
    EXPECT_EQ(l.seen, (Strings{"one", "two", "", "three", "four"})) << cut;
    EXPECT_TRUE(l.weirds.empty()) << cut;
  }
}

TEST(LineSplitter, PlainModeBeginsBehindTheLineEnd) {
  const std::string text = "head\r\nbo\r\ndytail\r\n";
  for (size_t cut = 0; cut <= text.size(); cut++) {
    LineSplitter s;
    Lines l;
    l.splitter = &s;
    l.plain_after_first = 6;
    s.feed(as_bytes(text).first(cut), l);
    s.feed(as_bytes(text).subspan(cut), l);
    std::string all;
    for (const auto& x : l.seen) all += x;
    std::erase(all, '<');
    std::erase(all, '>');
    EXPECT_EQ(all, "headbo\r\ndytail") << cut;
  }
}

TEST(LineSplitter, StrictKeepsSingleEnds) {
  LineSplitter s;
  s.set_strict(true);
  Lines l;
  s.feed(as_bytes("a\rb\nc\r"), l);
  EXPECT_TRUE(l.seen.empty());
  s.feed(as_bytes("\nd\r\n"), l);
  EXPECT_EQ(l.seen, (Strings{"a\rb\nc", "d"}));
  EXPECT_TRUE(l.weirds.empty());
}

TEST(LineSplitter, DeliverySizeEndsAnUnfinishedLine) {
  LineSplitter s;
  Lines l;
  s.set_delivery_size(5);
  s.feed(as_bytes("abc"), l);
  EXPECT_TRUE(l.seen.empty());
  s.feed(as_bytes("de"), l);
  EXPECT_EQ(l.seen, (Strings{"abcde"}));
  EXPECT_EQ(l.weirds, (Strings{"line_terminated_without_CRLF"}));
}

TEST(LineSplitter, LessMayBeHeldThanALineHas) {
  const std::string text = "abc\r\nabcd\r\nabcdefgh\r\n\r\nabcde\nxy\r\n";
  for (const bool strict : {false, true}) {
    for (size_t step = 1; step <= text.size(); step++) {
      LineSplitter s;
      Lines l;
      s.set_max_held(4);
      s.set_strict(strict);
      for (size_t at = 0; at < text.size(); at += step) s.feed(as_bytes(text).subspan(at, std::min(step, text.size() - at)), l);
      EXPECT_EQ(l.seen, strict ? (Strings{"abc", "abcd", "abcd", "", "abcd"}) : (Strings{"abc", "abcd", "abcd", "", "abcd", "xy"})) << step;
      EXPECT_TRUE(l.weirds.empty());
    }
  }
}

TEST(LineSplitter, LinesEndAtTheirLimitWhateverIsHeld) {
  LineSplitter s;
  Lines l;
  s.set_max_line(8);
  s.set_max_held(4);
  s.feed(as_bytes("abcdef"), l);
  s.feed(as_bytes("ghijk\n"), l);
  EXPECT_EQ(l.seen, (Strings{"abcd", "jk"}));
  EXPECT_EQ(l.weirds, (Strings{"contentline_size_exceeded"}));
  LineSplitter t;
  Lines m;
  t.set_max_line(8);
  t.feed(as_bytes("abcdefghijk\n"), m);
  EXPECT_EQ(m.seen, (Strings{"abcdefg", "jk"}));
}

TEST(Header, NameAndValue) {
  const auto h = parse_header("Content-Type \t:  text/html; a=b");
  ASSERT_TRUE(h);
  EXPECT_EQ(h->name, "Content-Type");
  EXPECT_EQ(h->value, "text/html; a=b");
  EXPECT_EQ(h->token(), "text");
  EXPECT_EQ(h->after_token(), "/html; a=b");
  EXPECT_FALSE(parse_header("no colon here"));
  EXPECT_FALSE(parse_header(": value"));
  EXPECT_FALSE(parse_header(""));
  EXPECT_EQ(parse_header("(a (nested) comment) X: y")->name, "X");
}

TEST(Header, ContentType) {
  EXPECT_EQ(parse_content_type("multipart/mixed; boundary=abc")->boundary, "abc");
  EXPECT_EQ(parse_content_type("multipart/mixed; charset=x; boundary=\"a b\\\"c\"; z=1")->boundary, "a b\"c");
  EXPECT_EQ(parse_content_type("multipart/mixed; boundary=a(b)/c=;d")->boundary, "a(b)/c=;d");
  EXPECT_FALSE(parse_content_type("multipart/mixed")->boundary_given);
  EXPECT_EQ(parse_content_type("Message / rfc822")->media, MediaType::Message);
  EXPECT_FALSE(parse_content_type("text"));
}

TEST(Header, Filename) {
  EXPECT_EQ(filename_parameter("attachment; filename=\"a b.txt\"; size=3"), "a b.txt");
  EXPECT_EQ(filename_parameter("attachment; filename=plain.txt"), "plain.txt");
  EXPECT_EQ(filename_parameter("attachment; filename*=UTF-8''na%20me.txt"), "na me.txt");
  EXPECT_EQ(filename_parameter("attachment; filename*=iso-8859-1'en'x.txt"), "x.txt");
  EXPECT_FALSE(filename_parameter("attachment"));
  EXPECT_TRUE(has_parameter("text/plain; NAME = x", "name", false));
  EXPECT_FALSE(has_parameter("text/plain; name*=x", "name", false));
}

struct Oddities : EscapeSink {
  Strings seen;
  void odd_escape(std::string_view name) override { seen.emplace_back(name); }
};

TEST(Percent, EscapesAndOddities) {
  Oddities o;
  EXPECT_EQ(unescape("/a%20b%41", &o), "/a bA");
  EXPECT_TRUE(o.seen.empty());
  EXPECT_EQ(unescape("%u0041%u4142", &o), "AAB");
  EXPECT_EQ(unescape("100%", &o), "100%");
  EXPECT_EQ(unescape("a%4", &o), "a%4");
  EXPECT_EQ(unescape("a%%41", &o), "aA");
  EXPECT_EQ(unescape("a%zzb", &o), "a%zzb");
  EXPECT_EQ(o.seen, (Strings{"illegal_%_at_end_of_URI", "partial_escape_at_end_of_URI", "double_%_in_URI", "unescaped_%_in_URI"}));
}

TEST(Base64, AnyDivision) {
  const std::string text = "SGVsbG8s\r\nIHdvcmxkIQ==";
  for (size_t cut = 0; cut <= text.size(); cut++) {
    Base64Decoder d;
    std::string out;
    d.feed(std::string_view(text).substr(0, cut), out);
    d.feed(std::string_view(text).substr(cut), out);
    d.finish(out);
    EXPECT_EQ(out, "Hello, world!") << cut;
  }
}

TEST(Base64, Oddities) {
  Base64Decoder d;
  std::string out;
  d.feed("QQ==QUJD", out);
  EXPECT_EQ(out, "A");
  EXPECT_EQ(d.oddity(), "extra base64 groups after '=' padding are ignored");
  Base64Decoder e;
  e.feed("QUI", out = "");
  e.finish(out);
  EXPECT_EQ(out, "AB");
  EXPECT_EQ(e.oddity(), "incomplete base64 group, padding with 6 bits of 0");
}

TEST(QuotedPrintable, Lines) {
  std::string out;
  decode_quoted_printable("a=3Db=", out);
  decode_quoted_printable("c  \t", out);
  decode_quoted_printable("bad =zz=4", out);
  EXPECT_EQ(out, "a=bc\r\nbad =zz=4\r\n");
}

std::string deflated(std::string_view text, int window_bits) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(text.size() + 100, '\0');
  std::string in(text);
  z.next_in = reinterpret_cast<Bytef*>(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

struct Inflated : InflateSink {
  std::string text;
  void on_inflated(Bytes bytes) override { text += as_chars(bytes); }
};

TEST(Inflater, GzipZlibAndRawInAnyDivision) {
  std::string text;
  for (int i = 0; i < 3000; i++) text += "line " + std::to_string(i) + "\n";
  for (int bits : {31, 15, -15}) {
    const std::string packed = deflated(text, bits);
    for (size_t cut : {size_t{20}, packed.size() / 2, packed.size()}) {
      Inflater inflater;
      Inflated out;
      inflater.feed(as_bytes(packed).first(cut), out);
      inflater.feed(as_bytes(packed).subspan(cut), out);
      EXPECT_EQ(out.text, text) << bits << " " << cut;
    }
  }
}

TEST(Inflater, GarbageFailsOnceAndTruncationIsQuiet) {
  Inflater bad;
  Inflated out;
  EXPECT_EQ(bad.feed(as_bytes("\xff\xff\xff\xff this is not compressed"), out), Inflater::Status::Failed);
  EXPECT_EQ(bad.feed(as_bytes("more"), out), Inflater::Status::Ended);
  const std::string packed = deflated("some text to pack, some text to pack", 31);
  for (size_t n = 0; n < packed.size(); n++) {
    Inflater cut;
    EXPECT_EQ(cut.feed(as_bytes(packed).first(n), out), Inflater::Status::Running) << n;
  }
}

/// Writes down what an entity says: "(" begins, ")" ends, fields as "name;", body bytes as they are.
struct Recorder : EntityOwner {
  std::string text;
  Strings weirds;
  void entity_begins(Entity&) override { text += "("; }
  void entity_ended(Entity&) override { text += ")"; }
  void entity_weird(std::string_view name, std::string_view) override { weirds.emplace_back(name); }
  void bad_encoding(std::string_view what) override { weirds.emplace_back(what); }
};
struct TestEntity final : Entity {
  TestEntity(Recorder& r, Entity* parent) : Entity(r, parent), recorder(r) {}
  std::unique_ptr<Entity> make_child() override { return std::make_unique<TestEntity>(recorder, this); }
  void on_header(const Header& h) override { recorder.text += std::string(h.name) + ";"; }
  void on_body(Bytes b) override { recorder.text += as_chars(b); }
  Recorder& recorder;
};

std::string read(const Strings& lines, Recorder& r) {
  TestEntity e(r, nullptr);
  for (const auto& l : lines) e.deliver(as_bytes(l), true);
  e.end_of_data();
  return r.text;
}

TEST(Entity, SimpleBody) {
  Recorder r;
  EXPECT_EQ(read({"A: 1", "B: 2", " folded", "", "line", ""}, r), "A;B;line\r\n\r\n)");
}

TEST(Entity, MultipartKeepsTheBoundarysLineEndOut) {
  Recorder r;
  EXPECT_EQ(
      read({"Content-Type: multipart/mixed; boundary=x", "", "preamble", "--x", "", "one", "--x", "Y: 1", "", "two", "2", "--x--"}, r),
      "Content-Type;(one)(Y;two\r\n2))");
}

TEST(Entity, NestedMessageAndMissingEnd) {
  Recorder r;
  EXPECT_EQ(read({"Content-Type: message/rfc822", "", "Subject: x", "", "text"}, r), "Content-Type;(Subject;text\r\n))");
}

TEST(Entity, TransferEncodings) {
  Recorder a, b;
  EXPECT_EQ(read({"Content-Transfer-Encoding: base64", "", "SGVs", "bG8="}, a), "Content-Transfer-Encoding;Hello)");
  EXPECT_EQ(read({"Content-Transfer-Encoding: quoted-printable", "", "a=", "b=3D"}, b), "Content-Transfer-Encoding;ab=\r\n)");
}

TEST(Entity, WhatIsNotBase64IsToldOnceForEachBody) {
  const std::string base64 = "Content-Transfer-Encoding: base64";
  Recorder cut, junk, part;
  EXPECT_EQ(read({base64, "", "SGVsbG8="}, part), "Content-Transfer-Encoding;Hello)");
  EXPECT_EQ(part.weirds, Strings{});
  read({base64, "", "SGVs", "bG"}, cut);
  EXPECT_EQ(cut.weirds, (Strings{"incomplete base64 group, padding with 12 bits of 0"}));
  read({base64, "", "SG*Vs", "b*G"}, junk);
  EXPECT_EQ(junk.weirds, (Strings{"character 42 ignored by Base64 decoding"}));
  read({"Content-Type: multipart/mixed; boundary=x", "", "--x", base64, "", "*", "--x", base64, "", "AA==", "AAAA", "--x--"}, part);
  EXPECT_EQ(part.weirds, (Strings{"character 42 ignored by Base64 decoding", "extra base64 groups after '=' padding are ignored"}));
}

TEST(Entity, DepthIsLimited) {
  Recorder r;
  Strings lines;
  for (uint32_t i = 0; i < kMaxDepth + 10; i++) {
    lines.push_back("Content-Type: message/rfc822");
    lines.push_back("");
  }
  read(lines, r);
  EXPECT_EQ(r.weirds, (Strings{"exceeded_mime_max_depth"}));
}

TEST(Entity, FoldedFieldIsLimited) {
  Recorder r;
  Strings lines{"X: y"};
  for (int i = 0; i < 80; i++) lines.push_back(" " + std::string(1000, 'a'));
  lines.push_back("");
  read(lines, r);
  EXPECT_FALSE(r.weirds.empty());
  EXPECT_EQ(r.weirds[0], "exceeded_mime_max_header_bytes");
}

}  // namespace
}  // namespace sensor::mime
