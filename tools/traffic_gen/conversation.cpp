#include "conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sensor::gen {
namespace {

/// How much is to be said in a connection of about `packets` packets: 6 for opening and closing, 3 to 10 for a handshake, and an
/// acknowledgement for every second segment.
uint64_t body_for_packets(uint32_t packets, uint32_t overhead, uint32_t messages) {
  const uint32_t left = packets > overhead + 2 * messages ? packets - overhead - 2 * messages : 0;
  return std::max<uint64_t>(uint64_t{left} * 2 / 3 * kSegmentBytes / messages, 64);
}

/// Between half and one and a half times n.
uint64_t around(Random& r, uint64_t n) {
  return std::max<uint64_t>(1, n / 2 + r.below(n + 1));
}

}  // namespace

std::string_view body_pool(bool text) {
  static const std::string words = [] {
    constexpr std::array<std::string_view, 16> list{"packet", "flow",  "the",     "sensor", "and",  "reads", "a",     "wire",
                                                    "of",     "every", "segment", "in",     "with", "order", "bytes", "answer"};
    Random r(7, 7);
    std::string s;
    while (s.size() < kPoolBytes) {
      s += list[r.below(list.size())];
      s += r.chance(0.1) ? ".\n" : " ";
    }
    s.resize(kPoolBytes);
    return s + s;
  }();
  static const std::string noise = [] {
    const std::string s = Random(7, 8).bytes(kPoolBytes);
    return s + s;
  }();
  return text ? words : noise;
}

std::string host_name(uint64_t seed) {
  constexpr std::array<std::string_view, 8> first{"www", "api", "cdn", "static", "mail", "login", "img", "app"};
  constexpr std::array<std::string_view, 8> domain{"example.com",      "example.net", "example.org", "wikipedia.org",
                                                   "shop.example.com", "github.com",  "youtube.com", "news.example.net"};
  Random r(seed, 99);
  const auto host = first[r.below(first.size())];
  return r.chance(0.5) ? fmt::format("{}.{}", host, domain[r.below(domain.size())])
                       : fmt::format("{}{}.{}", host, r.below(500), domain[r.below(domain.size())]);
}

Carrier carrier(const Character& c) {
  switch (c.app) {
    case App::Http:
      return Carrier::Http;
    case App::Tls:
      return Carrier::Tls;
    case App::Idle:
      return (c.seed & 1) != 0 ? Carrier::Http : Carrier::Tls;
    default: {
      const uint64_t n = c.seed % 5;
      return n < 2 ? Carrier::Http : n < 4 ? Carrier::Tls : Carrier::Opaque;
    }
  }
}

uint16_t server_port(const Character& c) {
  switch (c.app) {
    case App::Dns:
      return 53;
    case App::Syn:
      return 80;
    case App::Scan:
      return static_cast<uint16_t>(1 + c.seed % 1024);
    default:
      break;
  }
  switch (carrier(c)) {
    case Carrier::Http:
      return c.seed % 10 == 3 ? 8080 : 80;
    case Carrier::Tls:
      return c.seed % 20 == 7 ? 8443 : 443;
    case Carrier::Opaque:
      return static_cast<uint16_t>(20000 + c.seed % 20000);
  }
  return 0;
}

bool make_message(const Character& c, uint32_t number, Message& out) {
  out = Message{};
  Random r(c.seed, 1000);
  switch (c.app) {
    case App::Dns:
      return dns_message(c, number, out);
    case App::Http: {
      const auto transactions = static_cast<uint32_t>(r.between(1, c.packets == 0 ? 4 : 1 + c.packets / 20));
      const uint64_t body = c.packets == 0 ? r.heavy_tailed(12'000) : around(r, body_for_packets(c.packets, 6, transactions));
      return http_message(c, number, transactions, body, out);
    }
    case App::Tls: {
      const auto transactions = static_cast<uint32_t>(r.between(1, c.packets == 0 ? 3 : 1 + c.packets / 40));
      const uint64_t body = c.packets == 0 ? r.heavy_tailed(6'000) : around(r, body_for_packets(c.packets, 14, transactions));
      return tls_message(c, number, transactions, body, out);
    }
    case App::Bulk: {
      const uint64_t body = around(r, c.packets == 0 ? c.bulk_bytes : body_for_packets(c.packets, 8, 1));
      switch (carrier(c)) {
        case Carrier::Http:
          return http_message(c, number, 1, body, out);
        case Carrier::Tls:
          return tls_message(c, number, 1, body, out);
        case Carrier::Opaque:
          return opaque_message(c, number, body, out);
      }
      return false;
    }
    case App::Idle:
      return carrier(c) == Carrier::Http ? http_message(c, number, 1, 200, out) : tls_message(c, number, 0, 0, out);
    default:
      return false;
  }
}

/// Bytes without a protocol, sent by the client after a greeting of the server.
bool opaque_message(const Character& c, uint32_t number, uint64_t body_bytes, Message& out) {
  Random r(c.seed, number);
  out.from_client = number % 2 == 1;
  out.pool_offset = static_cast<uint32_t>(r.below(kPoolBytes));
  if (number == 0) out.head = r.bytes(16);
  if (number == 1) out.body_bytes = body_bytes;
  if (number == 2) out.head = r.bytes(4);
  return number < 3;
}

}  // namespace sensor::gen
