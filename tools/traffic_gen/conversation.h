// What the two ends of a connection say to each other: a row of messages, each a function of the connection and its number, so that
// nothing has to be kept while a connection waits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "options.h"
#include "random.h"

namespace sensor::gen {

/// What is fixed when a connection begins.
struct Character {
  uint64_t seed = 0;  // all its choices follow from this
  App app = App::Dns;
  uint32_t packets = 0;     // about as many as it shall have; 0: natural sizes
  uint64_t bulk_bytes = 0;  // for bulk connections of natural size
};

/// head, then `body_bytes` of the pool, round and round from `pool_offset` on, then tail.
struct Message {
  bool from_client = true;
  std::string head;
  uint64_t body_bytes = 0;
  uint32_t pool_offset = 0;  // below kPoolBytes
  bool text = false;         // which pool
  std::string tail;
  double wait_s = 0;  // thinking time before it, besides the round trip

  uint64_t size() const { return head.size() + body_bytes + tail.size(); }
};

inline constexpr uint32_t kPoolBytes = 1 << 16;
/// What bodies are cut from: kPoolBytes of words or of noise, and the same again, so that a segment may begin anywhere in them.
std::string_view body_pool(bool text);

/// Numbered from 0. False when the conversation is over.
bool make_message(const Character& c, uint32_t number, Message& out);
/// Bytes of one segment.
inline constexpr uint32_t kSegmentBytes = 1448;

/// The protocols behind make_message(). A client asks `transactions` times and is answered with `body_bytes` each time.
bool dns_message(const Character& c, uint32_t number, Message& out);
bool http_message(const Character& c, uint32_t number, uint32_t transactions, uint64_t body_bytes, Message& out);
bool tls_message(const Character& c, uint32_t number, uint32_t transactions, uint64_t body_bytes, Message& out);
bool opaque_message(const Character& c, uint32_t number, uint64_t body_bytes, Message& out);

/// A host name, the same for the same seed.
std::string host_name(uint64_t seed);
/// How the bulk and idle connections are carried.
enum class Carrier : uint8_t { Http, Tls, Opaque };
Carrier carrier(const Character& c);
/// The port of the server.
uint16_t server_port(const Character& c);

}  // namespace sensor::gen
