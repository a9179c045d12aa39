#include "src/session/mqtt_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "mqtt_messages.h"

namespace sensor {
namespace {

using namespace test;
using Rows = std::vector<std::string>;

struct MqttSession : testing::Test {
  FakeContext c;
  MqttAnalyzer mqtt;
  void client(const std::string& t) { mqtt.on_data(c, Direction::Orig, as_bytes(t)); }
  void server(const std::string& t) { mqtt.on_data(c, Direction::Resp, as_bytes(t)); }
  Rows published() {
    Rows out;
    for (const RowText& r : c.rows("mqtt_publish"))
      out.push_back(r.at("from_client") + " " + r.at("qos") + " " + r.at("status") + " " + r.at("topic") + " " + r.at("payload") + " " +
                    r.at("payload_len"));
    return out;
  }
  Rows subscribed() {
    Rows out;
    for (const RowText& r : c.rows("mqtt_subscribe"))
      out.push_back(r.at("action") + " " + r.at("topics") + " " + r.at("qos_levels") + " " + r.at("granted_qos_level") + " " + r.at("ack"));
    return out;
  }
};

TEST_F(MqttSession, Connect) {
  client(mqtt_message(0x10, mqtt_text("MQTT") + std::string("\4\4\0\x3c", 4) + mqtt_text("me") + mqtt_text("will") + mqtt_text("gone")));
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"mqtt"}));
  c.now_ns += kSecond;
  server(mqtt_connect_ack(4));
  const auto rows = c.rows("mqtt_connect");
  ASSERT_EQ(rows.size(), 1u);
  const RowText& r = rows[0];
  EXPECT_EQ(r.at("ts"), "1000000.000000");
  EXPECT_EQ(r.at("proto_name") + r.at("proto_version") + r.at("client_id"), "MQTT3.1.1me");
  EXPECT_EQ(r.at("connect_status"), "Refused: bad user name or password");
  EXPECT_EQ(r.at("will_topic") + r.at("will_payload"), "willgone");
}

TEST_F(MqttSession, Publish) {
  client(mqtt_publish(0, 0, "t", "a") + mqtt_publish(1, 1, "t", "b") + mqtt_publish(2, 2, "t", "c"));
  server(mqtt_publish(3, 3, "t", "d"));
  server(mqtt_message(0x40, mqtt_id(1)));
  server(mqtt_message(0x50, mqtt_id(2)));
  client(mqtt_message(0x62, mqtt_id(2)));
  server(mqtt_message(0x70, mqtt_id(2)) + mqtt_message(0x40, mqtt_id(99)));
  mqtt.on_finish(c);
  EXPECT_EQ(published(), (Rows{"T at most once ok t a 1", "T at least once ok t b 1", "T exactly once ok t c 1",
                               "F unknown-qos-level-3 incomplete_qos t d 1"}));
}

TEST_F(MqttSession, Subscribe) {
  client(mqtt_message(0x82, mqtt_id(1) + mqtt_text("a") + '\1' + mqtt_text("b") + '\2') + mqtt_message(0xa2, mqtt_id(2) + mqtt_text("b")));
  server(mqtt_message(0x90, mqtt_id(1) + "\1\1") + mqtt_message(0xb0, mqtt_id(2)));
  client(mqtt_message(0xa2, mqtt_id(3) + mqtt_text("c")));
  mqtt.on_finish(c);
  EXPECT_EQ(subscribed(), (Rows{"MQTT::SUBSCRIBE a,b 1,2 1 T", "MQTT::UNSUBSCRIBE b - - T", "MQTT::UNSUBSCRIBE c - - F"}));
}

TEST_F(MqttSession, WithoutAnAcknowledgementRowsAreWrittenAfterAWhile) {
  client(mqtt_publish(1, 1, "t", "a"));
  c.now_ns += 6 * kSecond;
  client(mqtt_publish(1, 2, "t", "b"));
  EXPECT_TRUE(published().empty());
  c.now_ns += 5 * kSecond;
  server(mqtt_message(0x40, mqtt_id(1)) + mqtt_message(0x40, mqtt_id(2)));
  EXPECT_EQ(published(), (Rows{"T at least once incomplete_qos t a 1", "T at least once ok t b 1"}));
}

TEST_F(MqttSession, WhatWaitsIsLimited) {
  for (int i = 0; i < 3000; i++)
    client(mqtt_message(0x82, std::string{static_cast<char>(i >> 8), static_cast<char>(i)} + mqtt_text("a") + '\1'));
  EXPECT_EQ(subscribed().size(), 2000u);
  mqtt.on_finish(c);
  EXPECT_EQ(subscribed().size(), 3000u);
}

TEST_F(MqttSession, Violations) {
  client(std::string("\0\0", 2));
  EXPECT_EQ(c.violations.size(), 1u);
}

}  // namespace
}  // namespace sensor
