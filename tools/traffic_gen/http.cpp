// HTTP/1.1 (RFC 9112): requests with bodies, answers with a length or in chunks, several on a connection.
#include <fmt/format.h>

#include <array>

#include "conversation.h"

namespace sensor::gen {
namespace {

struct Content {
  std::string_view path, type, begin;
  bool text;
};
/// Bodies begin as files of their type do.
constexpr std::array<Content, 6> kContents{{
    {"index.html", "text/html; charset=utf-8", "<!DOCTYPE html>\n<html><head><title>Example</title></head><body>\n", true},
    {"style.css", "text/css", "body { margin: 0; color: #222 }\n", true},
    {"data.json", "application/json", "{\"status\": \"ok\", \"text\": \"", true},
    {"logo.png", "image/png", std::string_view("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\6\0\0\0", 29), false},
    {"photo.jpg", "image/jpeg", std::string_view("\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0", 20), false},
    {"update.bin", "application/octet-stream", "", false},
}};
constexpr std::array<std::string_view, 4> kAgents{
    "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "curl/7.88.1",
    "Wget/1.21.3",
};

struct Exchange {
  bool is_post;
  int status;
  bool chunked;
  const Content* content;
};

Exchange exchange(const Character& c, uint32_t n) {
  Random r(c.seed, 200 + n);
  const bool post = r.chance(0.15);
  const double s = r.unit();
  const bool chunked = r.chance(0.2);
  return {post, s < 0.9 ? 200 : s < 0.95 ? 304 : 404, chunked, &kContents[r.below(kContents.size())]};
}

void request(const Character& c, uint32_t n, const Exchange& x, Message& out) {
  Random r(c.seed, 300 + n);
  out.from_client = true;
  out.wait_s = n == 0 ? 0 : 0.02 + r.unit() * 0.3;
  out.head = fmt::format("{} /{}/{}?v={} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\nAccept: */*\r\nConnection: keep-alive\r\n",
                         x.is_post ? "POST" : "GET", r.below(1000), x.content->path, r.below(100000), host_name(c.seed),
                         kAgents[c.seed % kAgents.size()]);
  if (x.is_post) {
    const std::string form = fmt::format("user={}&token={:016x}&action=save", r.below(10000), r.next());
    out.head += fmt::format("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{}", form.size(), form);
  } else {
    out.head += "\r\n";
  }
}

void answer(const Character& c, uint32_t n, const Exchange& x, uint64_t body_bytes, Message& out) {
  Random r(c.seed, 400 + n);
  out.from_client = false;
  out.wait_s = r.unit() * 0.02;
  out.pool_offset = static_cast<uint32_t>(r.below(kPoolBytes));
  out.text = x.content->text;
  const std::string_view reason = x.status == 200 ? "OK" : x.status == 304 ? "Not Modified" : "Not Found";
  out.head = fmt::format("HTTP/1.1 {} {}\r\nServer: nginx/1.22.1\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n", x.status, reason);
  if (x.status == 304) {
    out.head += "ETag: \"5f3\"\r\n\r\n";
    return;
  }
  if (x.status == 404) {
    out.head += "Content-Type: text/html\r\nContent-Length: 45\r\n\r\n<html><body><h1>404 Not Found</h1></body>\n\n\n\n";
    return;
  }
  const uint64_t length = x.content->begin.size() + body_bytes;
  out.head += fmt::format("Content-Type: {}\r\n", x.content->type);
  if (x.chunked) {
    out.head += fmt::format("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", length);
    out.tail = "\r\n0\r\n\r\n";
  } else {
    out.head += fmt::format("Content-Length: {}\r\n\r\n", length);
  }
  out.head += x.content->begin;
  out.body_bytes = body_bytes;
}

}  // namespace

bool http_message(const Character& c, uint32_t number, uint32_t transactions, uint64_t body_bytes, Message& out) {
  const uint32_t n = number / 2;
  if (n >= transactions) return false;
  Exchange x = exchange(c, n);
  if (c.app == App::Bulk) x = {false, 200, x.chunked, &kContents[5]};
  if (c.app == App::Idle) x = {false, 200, false, &kContents[0]};
  if (number % 2 == 0)
    request(c, n, x, out);
  else
    answer(c, n, x, body_bytes, out);
  return true;
}

}  // namespace sensor::gen
