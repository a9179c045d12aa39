#include "src/session/http_analyzer.h"

#include <gtest/gtest.h>

#include "dpi/ndpi/ndpi_classifier.h"
#include "fake_context.h"

namespace sensor {
namespace {

struct Http : testing::Test {
  FakeContext c;
  FileAnalysis files;
  HttpAnalyzer http;

  Http() { c.file_analysis = &files; }
  void client(std::string_view t) { http.on_data(c, Direction::Orig, as_bytes(t)); }
  void server(std::string_view t) { http.on_data(c, Direction::Resp, as_bytes(t)); }
  std::string cell(size_t row, std::string_view column) { return c.rows("http").at(row).find(column)->second; }
};

TEST_F(Http, OneRowPerTransaction) {
  client("GET /a%20b HTTP/1.1\r\nHost: example.com\r\nUser-Agent: ua\r\nReferer: r\r\nOrigin: o\r\nVia: p\r\n\r\n");
  c.now_ns += kSecond;
  server("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\n<html>hello!");
  ASSERT_EQ(c.rows("http").size(), 1u);
  EXPECT_EQ(cell(0, "ts"), "1000000.000000");
  EXPECT_EQ(cell(0, "trans_depth"), "1");
  EXPECT_EQ(cell(0, "method"), "GET");
  EXPECT_EQ(cell(0, "uri"), "/a b");
  EXPECT_EQ(cell(0, "host"), "example.com");
  EXPECT_EQ(cell(0, "referrer"), "r");
  EXPECT_EQ(cell(0, "user_agent"), "ua");
  EXPECT_EQ(cell(0, "origin"), "o");
  EXPECT_EQ(cell(0, "proxied"), "VIA -> p");
  EXPECT_EQ(cell(0, "version"), "1.1");
  EXPECT_EQ(cell(0, "status_code"), "200");
  EXPECT_EQ(cell(0, "status_msg"), "OK");
  EXPECT_EQ(cell(0, "response_body_len"), "12");
  EXPECT_EQ(cell(0, "resp_mime_types"), "text/html");
  EXPECT_EQ(cell(0, "tags"), "(empty)");
  EXPECT_EQ(cell(0, "username"), "-");
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"http"}));
  EXPECT_EQ(c.hostnames, (std::vector<std::string>{"example.com"}));
  ASSERT_EQ(c.rows("files").size(), 1u);
  const auto file = c.rows("files")[0];
  EXPECT_EQ(file.at("fuid"), cell(0, "resp_fuids"));
  EXPECT_EQ(file.at("source"), "HTTP");
  EXPECT_EQ(file.at("mime_type"), "text/html");
  EXPECT_EQ(file.at("seen_bytes"), "12");
  EXPECT_EQ(file.at("total_bytes"), "12");
  EXPECT_EQ(file.at("is_orig"), "F");
  EXPECT_EQ(file.at("timedout"), "F");
}

TEST_F(Http, WhatProxiesAreAskedForIsTold) {
  client("GET / HTTP/1.1\r\nHost: example.com\r\n\r\nGET HTTP://example.com/ HTTP/1.1\r\n\r\nCONNECT example.com:443 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(c.variants, (std::vector{ConfirmedProtocol::HttpProxy, ConfirmedProtocol::HttpConnect}));
}

TEST_F(Http, FilesOfGnutellaAreTold) {
  client("GET /uri-res/N2R?urn:sha1:LXIP2A72T5H3BU3GRUMZFYNU3OYDK6FI HTTP/1.1\r\nX-Queue: 1.1\r\n\r\n");
  EXPECT_EQ(c.variants, std::vector{ConfirmedProtocol::Gnutella});
}

TEST_F(Http, RestsBetweenTransactionsAndGoesOnFromWhatItRemembers) {
  EXPECT_FALSE(http.at_rest()) << "nothing was read";
  client("GET /1 HTTP/1.1\r\n");
  EXPECT_FALSE(http.at_rest());
  client("\r\n");
  EXPECT_FALSE(http.at_rest()) << "a response is due";
  server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
  EXPECT_FALSE(http.at_rest());
  server("k");
  ASSERT_TRUE(http.at_rest());
  HttpAnalyzer awake;
  awake.wake(c, http.sleep());
  EXPECT_TRUE(awake.at_rest());
  awake.on_data(c, Direction::Orig, as_bytes("GET /2 HTTP/1.1\r\n\r\n"));
  awake.on_data(c, Direction::Resp, as_bytes("HTTP/1.1 204 No Content\r\n\r\n"));
  ASSERT_EQ(c.rows("http").size(), 2u);
  EXPECT_EQ(cell(1, "uri"), "/2");
  EXPECT_EQ(cell(1, "trans_depth"), "2");
  EXPECT_TRUE(c.weirds.empty());
  awake.on_finish(c);
  EXPECT_EQ(c.rows("http").size(), 2u);
}

TEST_F(Http, PartialResponseDoesNotRest) {
  client("GET /1 HTTP/1.1\r\nRange: bytes=0-1\r\n\r\n");
  server("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_FALSE(http.at_rest()) << "its file goes on";
}

TEST_F(Http, PipelinedRequestsMeetTheirResponses) {
  client("GET /1 HTTP/1.1\r\n\r\nHEAD /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n");
  server(
      "HTTP/1.1 200 A\r\nContent-Length: 0\r\n\r\nHTTP/1.1 201 B\r\nContent-Length: 9\r\n\r\nHTTP/1.1 404 C\r\nContent-Length: 0\r\n\r\n");
  ASSERT_EQ(c.rows("http").size(), 3u);
  EXPECT_EQ(cell(1, "uri"), "/2");
  EXPECT_EQ(cell(1, "status_code"), "201");
  EXPECT_EQ(cell(2, "uri"), "/3");
  EXPECT_EQ(cell(2, "trans_depth"), "3");
}

TEST_F(Http, InterimResponseStaysInTheRow) {
  client("PUT / HTTP/1.1\r\nContent-Length: 12\r\n\r\n");
  server("HTTP/1.1 100 Continue\r\n\r\n");
  client("some content");
  server("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  ASSERT_EQ(c.rows("http").size(), 1u);
  EXPECT_EQ(cell(0, "info_code"), "100");
  EXPECT_EQ(cell(0, "info_msg"), "Continue");
  EXPECT_EQ(cell(0, "status_code"), "201");
  EXPECT_EQ(cell(0, "request_body_len"), "12");
  EXPECT_EQ(cell(0, "orig_mime_types"), "text/plain");
}

TEST_F(Http, UnansweredRequestIsWrittenAtTheEnd) {
  client("GET / HTTP/1.1\r\nAuthorization: Basic dXNlcjpwYXNz\r\n\r\n");
  EXPECT_TRUE(c.rows("http").empty());
  http.on_finish(c);
  ASSERT_EQ(c.rows("http").size(), 1u);
  EXPECT_EQ(cell(0, "status_code"), "-");
  EXPECT_EQ(cell(0, "username"), "user");
  EXPECT_EQ(cell(0, "password"), "-");
}

TEST_F(Http, ResponseWithoutRequest) {
  server("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n");
  client("GET / HTTP/1.0\r\n\r\n");
  ASSERT_EQ(c.rows("http").size(), 1u);
  EXPECT_EQ(cell(0, "method"), "-");
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "HTTP_response_before_request");
}

TEST_F(Http, FilenameFromDisposition) {
  client("GET / HTTP/1.1\r\n\r\n");
  server("HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=\"x.bin\"\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(cell(0, "resp_filenames"), "x.bin");
  EXPECT_EQ(c.rows("files").at(0).at("filename"), "x.bin");
}

TEST_F(Http, RangesOfOneUrlAreOneFile) {
  const std::string head = "HTTP/1.1 206 Partial\r\nContent-Range: bytes ";
  client("GET /big HTTP/1.1\r\nHost: h\r\nRange: bytes=0-4\r\n\r\n");
  server(head + "0-4/10\r\n\r\n01234");
  EXPECT_TRUE(c.rows("files").empty());
  client("GET /big HTTP/1.1\r\nHost: h\r\nRange: bytes=5-9\r\n\r\n");
  server(head + "5-9/10\r\n\r\n56789");
  ASSERT_EQ(c.rows("files").size(), 1u);
  EXPECT_EQ(c.rows("files")[0].at("seen_bytes"), "10");
  EXPECT_EQ(c.rows("files")[0].at("total_bytes"), "10");
  ASSERT_EQ(c.rows("http").size(), 2u);
  EXPECT_NE(cell(0, "resp_fuids"), "-");
  EXPECT_EQ(cell(1, "resp_fuids"), "-");
}

TEST_F(Http, TooManyPendingRequests) {
  for (int i = 0; i < 105; i++) client("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(c.rows("http").size(), 100u);
  http.on_finish(c);
  EXPECT_EQ(c.rows("http").size(), 105u);
  EXPECT_EQ(c.weirds.at(0).name, "HTTP_excessive_pipelining");
}

TEST_F(Http, TunnelIsHandedOn) {
  client("CONNECT a:443 HTTP/1.1\r\n\r\n");
  server("HTTP/1.1 200 Connected\r\n\r\n");
  EXPECT_EQ(c.detection_starts, 1);
  EXPECT_EQ(c.handed_on, "");
  http.on_finish(c);
  EXPECT_EQ(cell(0, "method"), "CONNECT");
}

TEST_F(Http, BytesBehindTheResponseBelongToTheTunnel) {
  client("CONNECT a:443 HTTP/1.1\r\n\r\n");
  server("HTTP/1.1 200 Connected\r\n\r\nSSH-2.0-x\r\n");
  EXPECT_EQ(c.handed_on, "SSH-2.0-x\r\n");
  EXPECT_EQ(c.weirds.at(0).name, "protocol_data_with_HTTP_CONNECT_reply");
  EXPECT_EQ(c.weirds.at(0).addl, "11");
}

TEST_F(Http, WebSocketHandshake) {
  client(
      "GET /chat HTTP/1.1\r\nHost: h\r\nUser-Agent: u\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Protocol: a , b\r\nSec-WebSocket-Extensions: x; y=1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  server(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: b\r\n\r\n");
  EXPECT_EQ(c.started, (std::vector<ProtocolId>{ProtocolId::Websocket}));
  ASSERT_EQ(c.rows("websocket").size(), 1u);
  const auto row = c.rows("websocket")[0];
  EXPECT_EQ(row.at("host"), "h");
  EXPECT_EQ(row.at("uri"), "/chat");
  EXPECT_EQ(row.at("user_agent"), "u");
  EXPECT_EQ(row.at("subprotocol"), "b");
  EXPECT_EQ(row.at("client_protocols"), "a,b");
  EXPECT_EQ(row.at("client_extensions"), "x; y=1");
  EXPECT_EQ(row.at("server_extensions"), "-");
  EXPECT_TRUE(c.weirds.empty());
  http.on_finish(c);
  EXPECT_EQ(cell(0, "info_code"), "101");
}

TEST_F(Http, WrongWebSocketAnswerIsWeird) {
  client("GET / HTTP/1.1\r\nSec-WebSocket-Key: abc\r\n\r\n");
  server("HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n");
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "websocket_wrong_accept_header");
}

TEST_F(Http, InnerHttpGoesOnCounting) {
  client("CONNECT a:80 HTTP/1.1\r\n\r\n");
  server("HTTP/1.1 200 Connected\r\n\r\n");
  HttpAnalyzer inner;
  c.siblings[ProtocolId::Http] = &http;
  inner.on_data(c, Direction::Orig, as_bytes("GET /x HTTP/1.1\r\n\r\n"));
  http.on_finish(c);
  inner.on_finish(c);
  ASSERT_EQ(c.rows("http").size(), 2u);
  EXPECT_EQ(cell(1, "trans_depth"), "2");
  EXPECT_EQ(cell(1, "uri"), "/x");
}

TEST_F(Http, PartialConnectionsAreReadForOddLineEndsOnly) {
  c.partial_connection = true;
  client("GET / HTTP/1.1\r\n\r\nabc");
  server("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_TRUE(c.confirmed.empty());
  http.on_eof(c, Direction::Orig);
  EXPECT_TRUE(c.weirds.empty());
  client("a\rb\rc");
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "line_terminated_with_single_CR");
  EXPECT_EQ(c.done_calls, 1);
  http.on_finish(c);
  EXPECT_TRUE(c.rows("http").empty());
}

TEST_F(Http, TypeOfAFileThatWasGivenUpReachesTheRow) {
  client("GET / HTTP/1.1\r\n\r\n");
  server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nGIF89a");
  c.now_ns += 300 * kSecond;
  http.on_finish(c);
  EXPECT_EQ(cell(0, "resp_mime_types"), "image/gif");
  EXPECT_EQ(c.rows("files").at(0).at("timedout"), "T");
}

TEST_F(Http, HugeFieldsStayWithinARecord) {
  client("GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\nUser-Agent: " + std::string(100'000, 'b') + "\r\n\r\n");
  http.on_finish(c);
  ASSERT_EQ(c.rows("http").size(), 1u);
  EXPECT_EQ(cell(0, "uri").size(), HttpTransaction::kMaxText - 3);
}

TEST_F(Http, FieldOfTooManyFoldedLinesShowsInTheHistory) {
  std::string field = "X-Long: a\r\n";
  for (int i = 0; i < 70; i++) field += " " + std::string(1000, 'a') + "\r\n";
  client("GET / HTTP/1.1\r\n" + field + "\r\n");
  EXPECT_EQ(c.weirds.at(0).name, "exceeded_mime_max_header_bytes");
  EXPECT_EQ(c.history, "X");
}

TEST(HttpProbe, EitherSide) {
  EXPECT_EQ(probe_http({.orig = as_bytes("GET /"), .resp = {}}), Probe::Certain);
  EXPECT_EQ(probe_http({.orig = {}, .resp = as_bytes("HTTP/1.1 ")}), Probe::Certain);
  EXPECT_EQ(probe_http({.orig = as_bytes("GE"), .resp = {}}), Probe::Unsure);
  EXPECT_EQ(probe_http({.orig = as_bytes("EHLO"), .resp = as_bytes("220 x")}), Probe::NotForUs);
}

}  // namespace
}  // namespace sensor
