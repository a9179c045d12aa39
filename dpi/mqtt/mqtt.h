// MQTT 3.1, 3.1.1 and 5 (OASIS MQTT Version 3.1.1 and Version 5.0; IBM's and Eurotech's "MQTT V3.1 Protocol Specification").
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::mqtt {

/// The views of all messages live during the call that brings them.
struct Connect {
  std::string_view protocol_name;
  uint8_t protocol_version = 0;
  std::string_view client_id;
  std::optional<std::string_view> will_topic, will_payload;
};
struct Publish {
  uint8_t qos = 0;
  bool retain = false;
  uint16_t id = 0;  // 0 where qos is 0
  std::string_view topic;
  std::string_view payload;  // at most Reader::kMaxKept of it
  uint64_t payload_length = 0;
};
struct Topic {
  std::string_view filter;
  std::optional<uint8_t> qos;  // of a subscription
};
/// How the delivery of a published message goes on. QoS 1: Ack; QoS 2: Received, Release, Complete.
enum class Step : uint8_t { Ack, Received, Release, Complete };

/// What a reader finds, in the order of the wire.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void on_connect(const Connect& m) = 0;
  virtual void on_connect_ack(uint8_t return_code) = 0;
  virtual void on_publish(bool from_client, const Publish& m) = 0;
  virtual void on_publish_step(Step step, uint16_t id) = 0;
  virtual void on_subscribe(uint16_t id, const std::vector<Topic>& topics) = 0;
  /// `granted` is the answer to the first topic.
  virtual void on_subscribe_ack(uint16_t id, uint8_t granted) = 0;
  virtual void on_unsubscribe(uint16_t id, const std::vector<Topic>& topics) = 0;
  virtual void on_unsubscribe_ack(uint16_t id) = 0;
  virtual void on_violation(std::string_view reason) = 0;
};

/// Both directions of a connection. Keeps at most kMaxKept bytes of one message of each; what is behind them is passed over. After a
/// malformed message, or a gap, the next piece of stream is taken for the beginning of a message.
class Reader {
 public:
  static constexpr size_t kMaxKept = 64 * 1024;
  /// Of one subscription; more are not told.
  static constexpr size_t kMaxTopics = 1000;

  explicit Reader(Sink& sink) : sink_(sink) {}
  void feed(bool from_client, Bytes piece);
  void gap(bool from_client);

 private:
  struct Side {
    std::vector<uint8_t> held;  // of an unfinished message
    uint64_t to_skip = 0;       // bytes left of a message whose beginning was enough
  };
  struct Packet {
    uint8_t type = 0, flags = 0;
    uint32_t length = 0;  // of all its content
    ByteReader content;   // at most kMaxKept of it
  };

  bool read_one(bool from_client, Side& side, ByteReader& r);
  bool packet(bool from_client, Packet& p);
  bool connect(ByteReader& r);
  bool publish(bool from_client, Packet& p);
  bool step(Step step, ByteReader& r);
  bool topics(ByteReader& r, bool subscribe);
  bool subscribe_ack(ByteReader& r);

  Sink& sink_;
  std::array<Side, 2> sides_;
  bool has_properties_ = false;  // MQTT 5
};

enum class Match : uint8_t { No, Unsure, Yes };
/// Whether the client begins with a CONNECT.
Match looks_like(Bytes client);

}  // namespace sensor::mqtt
