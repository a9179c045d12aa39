#include "dpi/mqtt/mqtt.h"

#include <gtest/gtest.h>

#include "mqtt_messages.h"

namespace sensor::mqtt {
namespace {

using namespace test;
using Words = std::vector<std::string>;

/// Keeps what it is told as words.
struct Told final : Sink {
  void on_connect(const Connect& m) override {
    std::string w = "connect:" + std::string(m.protocol_name) + std::to_string(m.protocol_version) + ":" + std::string(m.client_id);
    if (m.will_topic) w += ":" + std::string(*m.will_topic) + ":" + std::string(*m.will_payload);
    words.push_back(w);
  }
  void on_connect_ack(uint8_t code) override { words.push_back("connack:" + std::to_string(code)); }
  void on_publish(bool from_client, const Publish& m) override {
    words.push_back((from_client ? ">" : "<") + std::to_string(m.qos) + ":" + std::to_string(m.id) + ":" + std::string(m.topic) + ":" +
                    std::string(m.payload.substr(0, 8)) + ":" + std::to_string(m.payload_length));
  }
  void on_publish_step(Step s, uint16_t id) override {
    words.push_back("step" + std::to_string(static_cast<int>(s)) + ":" + std::to_string(id));
  }
  void on_subscribe(uint16_t id, const std::vector<Topic>& t) override { words.push_back("sub:" + std::to_string(id) + list(t)); }
  void on_subscribe_ack(uint16_t id, uint8_t granted) override {
    words.push_back("suback:" + std::to_string(id) + ":" + std::to_string(granted));
  }
  void on_unsubscribe(uint16_t id, const std::vector<Topic>& t) override { words.push_back("unsub:" + std::to_string(id) + list(t)); }
  void on_unsubscribe_ack(uint16_t id) override { words.push_back("unsuback:" + std::to_string(id)); }
  void on_violation(std::string_view) override { words.emplace_back("violation"); }
  static std::string list(const std::vector<Topic>& topics) {
    std::string out;
    for (const Topic& t : topics) out += ":" + std::string(t.filter) + (t.qos ? std::to_string(*t.qos) : "");
    return out;
  }
  Words words;
};

Words told(bool from_client, const std::string& stream, const std::string& before = {}) {
  Told t;
  Reader r(t);
  if (!before.empty()) r.feed(true, as_bytes(before));
  t.words.clear();
  r.feed(from_client, as_bytes(stream));
  return t.words;
}

const std::string& all_messages() {
  static const std::string all = mqtt_message(0x10, mqtt_text("MQIsdp") + std::string("\3\xc4\0\x3c", 4) + mqtt_text("me") +
                                                        mqtt_text("will") + mqtt_text("gone") + mqtt_text("user") + mqtt_text("password")) +
                                 mqtt_connect_ack(5) + mqtt_publish(0, 0, "t", "hello") + mqtt_publish(1, 7, "t", "") +
                                 mqtt_message(0x40, mqtt_id(7)) + mqtt_message(0x50, mqtt_id(8)) + mqtt_message(0x62, mqtt_id(8)) +
                                 mqtt_message(0x70, mqtt_id(8)) +
                                 mqtt_message(0x82, mqtt_id(9) + mqtt_text("a/#") + '\1' + mqtt_text("b") + '\2') +
                                 mqtt_message(0x90, mqtt_id(9) + "\1\2") + mqtt_message(0xa2, mqtt_id(10) + mqtt_text("b")) +
                                 mqtt_message(0xb0, mqtt_id(10)) + mqtt_message(0xc0, "") + mqtt_message(0xd0, "") + mqtt_message(0xe0, "");
  return all;
}
const Words kAllWords{"connect:MQIsdp3:me:will:gone",
                      "connack:5",
                      ">0:0:t:hello:5",
                      ">1:7:t::0",
                      "step0:7",
                      "step1:8",
                      "step2:8",
                      "step3:8",
                      "sub:9:a/#1:b2",
                      "suback:9:1",
                      "unsub:10:b",
                      "unsuback:10"};

TEST(Mqtt, EveryMessageInAnyDivision) {
  EXPECT_EQ(told(true, all_messages()), kAllWords);
  for (size_t cut = 0; cut <= all_messages().size(); cut++) {
    Told t;
    Reader r(t);
    r.feed(true, as_bytes(all_messages()).first(cut));
    r.feed(true, as_bytes(all_messages()).subspan(cut));
    EXPECT_EQ(t.words, kAllWords) << cut;
  }
}

TEST(Mqtt, Version5HasProperties) {
  const std::string hello = mqtt_connect("me", 5);
  EXPECT_EQ(told(true, hello), Words{"connect:MQTT5:me"});
  EXPECT_EQ(told(false, mqtt_message(0x32, mqtt_text("t") + mqtt_id(3) + std::string("\2\1\1hi", 5)), hello), Words{"<1:3:t:hi:2"});
  EXPECT_EQ(told(true, mqtt_message(0x82, mqtt_id(9) + '\0' + mqtt_text("a") + '\x2d'), hello), Words{"sub:9:a1"});
  EXPECT_EQ(told(false, mqtt_message(0x90, mqtt_id(9) + std::string("\0\x87", 2)), hello), Words{"suback:9:135"});
}

TEST(Mqtt, Malformed) {
  const Words violation{"violation"};
  EXPECT_EQ(told(true, std::string("\0\0", 2)), violation);
  EXPECT_EQ(told(true, "\x30\x80\x80\x80\x80\x01"), violation);
  // Shorter contents than the messages need.
  for (const std::string& content : {std::string(), std::string(1, 'x')})
    for (const uint8_t head : std::initializer_list<uint8_t>{0x10, 0x20, 0x30, 0x40, 0x50, 0x62, 0x70, 0x82, 0x90, 0xa2, 0xb0})
      EXPECT_EQ(told(true, mqtt_message(head, content) + mqtt_connect("me")), violation) << int{head};
  const std::string connect = mqtt_connect("me");
  for (size_t n = 2; n < connect.size(); n++)
    EXPECT_EQ(told(true, mqtt_message(0x10, std::string_view(connect).substr(2, n - 2))), violation) << n;
}

TEST(Mqtt, ReadingGoesOnWithTheNextPiece) {
  Told t;
  Reader r(t);
  const std::string bad = mqtt_message(0x40, "x"), good = mqtt_message(0x40, mqtt_id(1));
  r.feed(true, as_bytes(bad + good));
  r.feed(true, as_bytes(good).first(2));
  r.gap(true);
  r.feed(true, as_bytes(good));
  EXPECT_EQ(t.words, (Words{"violation", "step0:1"}));
}

TEST(Mqtt, LongMessagesArePassedOver) {
  // 0x7fffff bytes of content.
  std::string stream = "\x30\xff\xff\xff\x03" + mqtt_text("t");
  stream.resize(5 + 0x7fffff, 'p');
  stream += mqtt_message(0x40, mqtt_id(1));
  const Words expected{">0:0:t:pppppppp:8388604", "step0:1"};
  EXPECT_EQ(told(true, stream), expected);
  Told t;
  Reader r(t);
  for (size_t at = 0; at < stream.size(); at += 50'000)
    r.feed(true, as_bytes(stream).subspan(at, std::min<size_t>(50'000, stream.size() - at)));
  EXPECT_EQ(t.words, expected);
}

TEST(MqttProbe, BeginsWithConnect) {
  const std::string connect = mqtt_connect("me");
  EXPECT_EQ(looks_like(as_bytes(connect)), Match::Yes);
  for (size_t n = 0; n < 8; n++) EXPECT_EQ(looks_like(as_bytes(connect).first(n)), Match::Unsure) << n;
  for (const std::string_view other : {"GET / HTTP/1.0", "\x10\x0c\1\4MQTT", "\x10\xff\xff\xff\xff\1"})
    EXPECT_EQ(looks_like(as_bytes(other)), Match::No);
}

}  // namespace
}  // namespace sensor::mqtt
