#include "sensor/api/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "temp_dir.h"

namespace sensor {
namespace {

using testing::HasSubstr;

constexpr const char* kToken = "0123456789abcdef0123";

HttpRequest get(std::string path) {
  HttpRequest r;
  r.method = "GET";
  r.path = std::move(path);
  r.host = "127.0.0.1:9047";
  r.client = "127.0.0.1";
  return r;
}

HttpRequest post(std::string body = "{}") {
  HttpRequest r = get("/api/v1/capture");
  r.method = "POST";
  r.content_type = "application/json; charset=utf-8";
  r.body = std::move(body);
  return r;
}

Route route(Access access, bool upload = false) {
  Route r{"POST", "/", access, {}};
  if (upload) r.upload = [](const HttpRequest&, HttpResponse&) { return nullptr; };
  return r;
}

unsigned status_of(const Gate& gate, const HttpRequest& r, const Route& to) {
  const auto no = gate.admit(r, to);
  return no ? no->status : 200;
}

/// Logs in and gives back the session's id.
std::string log_in(Gate& gate) {
  const HttpResponse r = gate.log_in(post(std::string(R"({"token":")") + kToken + "\"}"));
  EXPECT_EQ(r.status, 200U) << r.body;
  const std::string cookie = r.headers.at(0).second;
  EXPECT_THAT(cookie, HasSubstr("; HttpOnly; SameSite=Strict"));
  return cookie.substr(cookie.find('=') + 1, cookie.find(';') - cookie.find('=') - 1);
}

TEST(Gate, ReadingAndControlTakeASession) {
  Gate gate({kToken, false, {}, std::chrono::hours(1)});
  EXPECT_EQ(status_of(gate, get("/"), route(Access::Open)), 200U);
  EXPECT_EQ(status_of(gate, get("/"), route(Access::Read)), 401U);
  EXPECT_EQ(status_of(gate, post(), route(Access::Control)), 401U);
  HttpRequest with_cookie = post();
  with_cookie.session_cookie = log_in(gate);
  EXPECT_EQ(status_of(gate, with_cookie, route(Access::Control)), 200U);
  EXPECT_TRUE(gate.may_read(with_cookie));
  (void)gate.log_out(with_cookie);
  EXPECT_EQ(status_of(gate, with_cookie, route(Access::Control)), 401U);
  HttpRequest bearer = get("/");
  bearer.authorization = std::string("Bearer ") + kToken;
  EXPECT_EQ(status_of(gate, bearer, route(Access::Read)), 200U);
  bearer.authorization += "x";
  EXPECT_EQ(status_of(gate, bearer, route(Access::Read)), 401U);
}

TEST(Gate, OpenReadingLeavesControlsClosed) {
  Gate gate({kToken, true, {}, std::chrono::hours(1)});
  EXPECT_EQ(status_of(gate, get("/"), route(Access::Read)), 200U);
  EXPECT_EQ(status_of(gate, post(), route(Access::Control)), 401U);
  EXPECT_THAT(gate.state(get("/")).body, HasSubstr(R"("logged_in":false,"may_read":true,"may_control":false)"));
}

TEST(Gate, TheSocketIsTheOperator) {
  Gate gate({kToken, false, {}, std::chrono::hours(1)});
  HttpRequest r = post();
  r.client.clear();
  r.host = "whatever";
  EXPECT_EQ(status_of(gate, r, route(Access::Control)), 200U);
}

TEST(Gate, SessionsEnd) {
  Gate gate({kToken, false, {}, std::chrono::seconds(0)});
  HttpRequest r = get("/");
  r.session_cookie = log_in(gate);
  EXPECT_EQ(status_of(gate, r, route(Access::Read)), 401U);
}

TEST(Gate, OtherSitesAreRefused) {
  Gate gate({kToken, false, {"sensor.example"}, std::chrono::hours(1)});
  HttpRequest good = post();
  good.session_cookie = log_in(gate);
  good.origin = "http://127.0.0.1:9047";
  good.fetch_site = "same-origin";
  const Route control = route(Access::Control);
  EXPECT_EQ(status_of(gate, good, control), 200U);
  for (const char* origin : {"http://evil.example", "https://127.0.0.1:9047", "http://127.0.0.1:80", "null"}) {
    HttpRequest r = good;
    r.origin = origin;
    EXPECT_EQ(status_of(gate, r, control), 403U) << origin;
  }
  for (const char* site : {"cross-site", "same-site", "x"}) {
    HttpRequest r = good;
    r.fetch_site = site;
    EXPECT_EQ(status_of(gate, r, control), 403U) << site;
  }
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx"}) {
    HttpRequest r = good;
    r.content_type = type;
    EXPECT_EQ(status_of(gate, r, control), 400U) << type;
    EXPECT_EQ(status_of(gate, r, route(Access::Control, true)), 400U) << type;
  }
}

TEST(Gate, NamesThatAreNotOursAreRefused) {
  Gate gate({kToken, true, {"Sensor.Example"}, std::chrono::hours(1)});
  for (const auto& [host, status] : {std::pair("evil.example:9047", 403U), std::pair("", 403U), std::pair("localhost:9047", 200U),
                                     std::pair("[::1]:9047", 200U), std::pair("192.0.2.1", 200U), std::pair("sensor.EXAMPLE:1", 200U),
                                     std::pair("127.0.0.1.evil.example", 403U), std::pair("[", 403U)}) {
    HttpRequest r = get("/");
    r.host = host;
    EXPECT_EQ(status_of(gate, r, route(Access::Read)), status) << host;
  }
}

TEST(Gate, GuessingIsSlow) {
  Gate gate({kToken, false, {}, std::chrono::hours(1)});
  EXPECT_EQ(gate.log_in(post("[]")).status, 400U);
  EXPECT_EQ(gate.log_in(post(R"({"token":1})")).status, 400U);
  unsigned wrong = 0;
  while (gate.log_in(post(R"({"token":"guess"})")).status == 401) wrong++;
  EXPECT_EQ(wrong, 5U);
  HttpRequest elsewhere = post(std::string(R"({"token":")") + kToken + "\"}");
  EXPECT_EQ(gate.log_in(elsewhere).status, 429U);
  elsewhere.client = "192.0.2.1";
  EXPECT_EQ(gate.log_in(elsewhere).status, 200U);
}

TEST(Token, IsMadeOnceAndForItsOwner) {
  const test::TempDir dir;
  const std::string path = dir.path("token");
  const auto made = load_token(path);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made.value().size(), 64U);
  struct stat s {};
  ASSERT_EQ(::stat(path.c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0600U);
  EXPECT_EQ(load_token(path).value(), made.value());
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  EXPECT_THAT(load_token(path).error().message, HasSubstr("others may read"));
  EXPECT_EQ(load_token(dir.path("no/where")).error().kind, Error::Usage);
  ASSERT_EQ(::chmod(dir.write("short", "abc\n").c_str(), 0600), 0);
  EXPECT_THAT(load_token(dir.path("short")).error().message, HasSubstr("shorter"));
}

}  // namespace
}  // namespace sensor
