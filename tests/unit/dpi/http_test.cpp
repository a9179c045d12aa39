#include "dpi/http/http.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dpi/http/reader.h"

namespace sensor::http {
namespace {

/// Writes down what a reader says, one word each.
struct Script : Sink {
  std::string text;
  std::string bodies[2];
  std::vector<std::string> weirds;
  std::vector<std::string> violations;
  size_t tunnel_rest = 0;

  void say(Side s, std::string_view what) { text += std::string(s == Side::Client ? ">" : "<") + std::string(what) + " "; }
  void on_request(std::string_view method, std::string_view uri) override { say(Side::Client, std::string(method) + uri.data()); }
  void on_response(Version v, uint32_t code, std::optional<std::string_view>) override {
    say(Side::Server, std::to_string(v.major) + "." + std::to_string(v.minor) + ":" + std::to_string(code));
  }
  void on_entity_begin(Side s) override { say(s, "("); }
  void on_header(Side, const mime::Header&) override {}
  void on_body(Side s, BodyTag&, Bytes b, const BodyPart&) override { bodies[static_cast<int>(s)] += as_chars(b); }
  void on_body_gap(Side s, BodyTag&, uint64_t offset, uint64_t length) override {
    say(s, "gap" + std::to_string(offset) + "+" + std::to_string(length));
  }
  void on_entity_end(Side s) override { say(s, ")"); }
  void on_body_end(Side, BodyTag&) override {}
  void on_message_done(Side s, uint64_t n) override { say(s, "done" + std::to_string(n)); }
  void on_tunnel(size_t rest) override { say(Side::Server, "tunnel"), tunnel_rest = rest; }
  void on_upgrade(std::string_view protocol, size_t) override { say(Side::Server, "upgrade:" + std::string(protocol)); }
  void on_confirmed() override {}
  void on_violation(std::string_view reason) override { violations.emplace_back(reason); }
  void on_weird(std::string_view name, std::string_view, std::string_view) override { weirds.emplace_back(name); }
};

using Strings = std::vector<std::string>;

constexpr std::string_view kGet = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

struct HttpReader : testing::Test {
  Script s;
  Reader reader{s};
  void client(std::string_view t) { reader.feed(Side::Client, as_bytes(t)); }
  void server(std::string_view t) { reader.feed(Side::Server, as_bytes(t)); }
};

TEST(HttpLines, Request) {
  RequestLine r;
  EXPECT_EQ(parse_request_line("GET /a b HTTP/1.0", r), LineError::None);
  EXPECT_EQ(r.method, "GET");
  EXPECT_EQ(r.uri, "/a b");
  EXPECT_EQ(r.version, (Version{1, 0}));
  EXPECT_EQ(parse_request_line("GET /plain", r), LineError::None);
  EXPECT_EQ(r.version, (Version{0, 9}));
  EXPECT_EQ(parse_request_line("GET HTTP/1.1", r), LineError::None);
  EXPECT_TRUE(r.missing_uri);
  EXPECT_EQ(r.uri, "");
  EXPECT_EQ(parse_request_line("GET / http/1.1", r), LineError::None);
  EXPECT_TRUE(r.lowercase_keyword);
  EXPECT_EQ(parse_request_line("", r), LineError::Malformed);
  EXPECT_EQ(parse_request_line("GET", r), LineError::Malformed);
  EXPECT_EQ(parse_request_line("\x01\x02 / HTTP/1.1", r), LineError::MalformedWithVersion);
}

TEST_F(HttpReader, RemembersInANumberWhatMattersBetweenMessages) {
  client("GET / HTTP/1.0\n\r\n");
  server("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r");
  ASSERT_TRUE(reader.at_rest());
  const uint64_t memory = reader.memory();
  EXPECT_LT(memory, uint64_t{1} << Reader::kMemoryBits);
  Script t;
  Reader other(t);
  other.restore(memory);
  EXPECT_EQ(other.memory(), memory);
  s.weirds.clear();
  for (Reader* r : {&reader, &other}) {
    r->feed(Side::Server, as_bytes("\n"));  // the end of a line that was read already
    r->feed(Side::Client, as_bytes("GET / HTTP/1.1\r\n\r\n"));
  }
  EXPECT_EQ(t.weirds, s.weirds);
  EXPECT_EQ(t.weirds, (Strings{"HTTP_version_mismatch"}));
}

TEST(HttpUnanswered, AnsweredInTheOrderOfTheRequests) {
  Unanswered u;
  EXPECT_TRUE(u.empty());
  const size_t pairs = 3 * Unanswered::kMax;  // never empty meanwhile
  u.push(true);
  for (size_t i = 1; i <= pairs; i++) {
    u.push(i % 3 == 0);
    EXPECT_EQ(u.front(), (i - 1) % 3 == 0);
    u.pop();
  }
  EXPECT_EQ(u.size(), 1u);
  u.pop();
  EXPECT_TRUE(u.empty());
}

TEST(HttpUnanswered, ForgetsWhatIsTooMany) {
  Unanswered u;
  for (size_t i = 0; i < Unanswered::kMax + 5; i++) u.push(i == 0);
  EXPECT_EQ(u.size(), Unanswered::kMax);
  EXPECT_TRUE(u.front());
  for (size_t i = 0; i < Unanswered::kMax; i++) u.pop();
  EXPECT_TRUE(u.empty());
}

TEST(HttpLines, Status) {
  const auto s = parse_status_line("HTTP/1.1 404 Not Found");
  ASSERT_TRUE(s);
  EXPECT_EQ(s->code, 404u);
  EXPECT_EQ(s->reason, "Not Found");
  EXPECT_FALSE(parse_status_line("HTTP/1.1 200")->reason);
  EXPECT_EQ(parse_status_line("HTTP/1.1 200 ")->reason, "");
  EXPECT_EQ(parse_status_line("HTTP/1.1 abc x")->code, 0u);
  EXPECT_FALSE(parse_status_line("HTTP/1.1"));
  EXPECT_FALSE(parse_status_line("HTTP/1.1 20"));
  EXPECT_FALSE(parse_status_line("SSH-2.0-x"));
}

TEST(HttpLines, Likeness) {
  EXPECT_EQ(looks_like_request(as_bytes(" \r\nGET /")), Likeness::Yes);
  EXPECT_EQ(looks_like_request(as_bytes("PROPF")), Likeness::Undecided);
  EXPECT_EQ(looks_like_request({}), Likeness::Undecided);
  EXPECT_EQ(looks_like_request(as_bytes("EHLO x")), Likeness::No);
  EXPECT_EQ(looks_like_response(as_bytes("hTTp/1")), Likeness::Yes);
  EXPECT_EQ(looks_like_response(as_bytes("HTTP/")), Likeness::Undecided);
  EXPECT_EQ(looks_like_response(as_bytes("HTTP/x")), Likeness::No);
}

TEST_F(HttpReader, RequestAndResponseWithLength) {
  client(kGet);
  server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
  server("loHTTP/1.1 304 X\r\n\r\n");
  EXPECT_EQ(s.text, ">GET/x >( >) >done0 <1.1:200 <( <) <done5 <1.1:304 <( <) <done0 ");
  EXPECT_EQ(s.bodies[1], "hello");
  EXPECT_TRUE(s.weirds.empty());
}

TEST_F(HttpReader, ChunkedWithExtensionAndTrailer) {
  client(kGet);
  server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n");
  server("A\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\n");
  EXPECT_EQ(s.bodies[1], "abc0123456789");
  EXPECT_TRUE(s.text.ends_with("<done13 "));
  EXPECT_TRUE(s.weirds.empty());
}

TEST_F(HttpReader, BadChunkSizeEndsTheBody) {
  client(kGet);
  server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n");
  EXPECT_EQ(s.weirds, (Strings{"HTTP_bad_chunk_size"}));
  EXPECT_TRUE(s.text.ends_with("<done0 "));
}

TEST_F(HttpReader, HeadHasNoBody) {
  client("HEAD / HTTP/1.1\r\n\r\n");
  server("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_TRUE(s.text.ends_with("<done0 "));
}

TEST_F(HttpReader, BodyUntilTheConnectionEnds) {
  client(kGet);
  server("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nab\r\ncd");
  EXPECT_EQ(s.bodies[1], "ab\r\ncd");
  reader.eof(Side::Server);
  EXPECT_TRUE(s.text.ends_with("<done6 "));
}

TEST_F(HttpReader, GapInsideABodyIsSurvived) {
  client(kGet);
  server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  reader.lost(Side::Server, 4);
  server("xyzHTTP/1.1 204 N\r\n\r\n");
  EXPECT_EQ(s.text, ">GET/x >( >) >done0 <1.1:200 <( <gap3+4 <) <done10 <1.1:204 <( <) <done0 ");
}

TEST_F(HttpReader, GapOutsideABodyEndsTheDirection) {
  client(kGet);
  server("HTTP/1.1 200 OK\r\nContent-");
  reader.lost(Side::Server, 4);
  server("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(s.text, ">GET/x >( >) >done0 <1.1:200 <( <) <done0 ");
}

TEST_F(HttpReader, InterimResponse) {
  client("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  server("HTTP/1.1 100 Continue\r\n\r\n");
  client("hi");
  server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(s.bodies[0], "hi");
  EXPECT_EQ(s.text, ">POST/ >( <1.1:100 <( <) <done0 >) >done2 <1.1:200 <( <) <done0 ");
}

TEST_F(HttpReader, ConnectOpensATunnel) {
  client("CONNECT a:443 HTTP/1.1\r\n\r\n");
  server("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_TRUE(reader.handed_over());
  client("\x16\x03\x01");
  EXPECT_TRUE(s.violations.empty());
  EXPECT_TRUE(s.text.ends_with("<tunnel "));
}

TEST_F(HttpReader, RefusedConnectDoesNot) {
  client("CONNECT a:443 HTTP/1.1\r\n\r\n");
  server("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
  EXPECT_FALSE(reader.handed_over());
}

TEST_F(HttpReader, Upgrade) {
  client("GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  server("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  EXPECT_TRUE(s.text.ends_with("<upgrade:websocket "));
  EXPECT_TRUE(reader.handed_over());
}

TEST_F(HttpReader, Http09) {
  client("GET /old\r\n");
  server("<html>\r\nraw");
  reader.eof(Side::Server);
  EXPECT_EQ(s.bodies[1], "<html>\r\nraw");
  EXPECT_EQ(s.text, ">GET/old >( <0.9:0 <( <) <done11 ");
}

TEST_F(HttpReader, NotHttp) {
  client("\x16\x03\x01\x02\r\n");
  EXPECT_EQ(s.violations.size(), 1u);
  EXPECT_EQ(s.weirds, (Strings{"bad_HTTP_request"}));
}

constexpr std::string_view kFormHeader = "POST /u HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 63\r\n\r\n";
constexpr std::string_view kForm = "--b\r\nContent-Disposition: form-data\r\n\r\none\ntwo\r\n--b\r\n\r\n2\r\n--b--";

TEST_F(HttpReader, MultipartRequest) {
  client(kFormHeader);
  client(kForm);
  // The last line has no end, but the length says that it is complete; it counts with an end of its own.
  EXPECT_EQ(s.bodies[0], "one\ntwo2");
  EXPECT_EQ(s.text, ">POST/u >( >( >) >( >) >) >done65 ");
  EXPECT_EQ(s.weirds, (Strings{"line_terminated_without_CRLF"}));
}

TEST_F(HttpReader, UnfinishedMultipartRequestEndsWithTheConnection) {
  client(std::string(kFormHeader) + std::string(kForm));
  EXPECT_EQ(s.text, ">POST/u >( >( >) >( ");
  reader.eof(Side::Client);
  EXPECT_EQ(s.text, ">POST/u >( >( >) >( >) >) >done58 ");
}

TEST_F(HttpReader, EveryPrefixOfAConversation) {
  const std::string request =
      "POST /a%20b HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/mixed; boundary=q\r\nContent-Length: "
      "24\r\n\r\n--q\r\n\r\nbody\r\n--q--\r\n\r\n\r\n";
  const std::string response =
      "HTTP/1.1 206 P\r\nContent-Range: bytes 0-4/10\r\nContent-Encoding: gzip\r\n\r\nabcdeHTTP/1.1 200 OK\r\n\r\nrest";
  for (size_t n = 0; n <= request.size(); n++) {
    for (size_t m : {size_t{0}, response.size() / 3, response.size() - n % response.size()}) {
      Script script;
      Reader r(script);
      r.feed(Side::Client, as_bytes(request).first(n));
      r.feed(Side::Server, as_bytes(response).first(m));
      r.lost(Side::Server, 3);
      r.eof(Side::Client);
      r.finish();
      // A start line that is cut short is no HTTP; whatever began must have ended.
      EXPECT_LE(script.violations.size(), 2u) << n << " " << m;
      EXPECT_EQ(std::count(script.text.begin(), script.text.end(), '('), std::count(script.text.begin(), script.text.end(), ')'));
    }
  }
}

}  // namespace
}  // namespace sensor::http
