// mqtt_connect.log, mqtt_publish.log, mqtt_subscribe.log: who speaks to brokers of messages, what is published, and who listens.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct MqttConnectRecord : ConnHeader {
  std::optional<std::string> proto_name, proto_version, client_id, connect_status, will_topic, will_payload;
};

template <>
struct LogSchema<MqttConnectRecord> {
  using R = MqttConnectRecord;
  static constexpr std::string_view path = "mqtt_connect";
  static constexpr std::string_view doc = "Clients of MQTT brokers, and whether they were let in.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the first message"),
      std::make_tuple(field("proto_name", &R::proto_name, "name of the protocol"), field("proto_version", &R::proto_version, "its version"),
                      field("client_id", &R::client_id, "the client's identifier"),
                      field("connect_status", &R::connect_status, "the broker's answer"),
                      field("will_topic", &R::will_topic, "topic of the message that is published when the client is lost"),
                      field("will_payload", &R::will_payload, "that message"), community_id_field()));
};

struct MqttPublishRecord : ConnHeader {
  bool from_client = false, retain = false;
  std::string qos;
  std::string_view status;
  std::string topic, payload;
  uint64_t payload_len = 0;
};

template <>
struct LogSchema<MqttPublishRecord> {
  using R = MqttPublishRecord;
  static constexpr std::string_view path = "mqtt_publish";
  static constexpr std::string_view doc = "Messages published over MQTT, to the broker and by it.";
  static constexpr auto fields =
      std::tuple_cat(conn_header_fields("time of the message"),
                     std::make_tuple(field("from_client", &R::from_client, "whether the client sent it"),
                                     field("retain", &R::retain, "whether the broker keeps it for later subscribers"),
                                     field("qos", &R::qos, "how often it is to be delivered"),
                                     field("status", &R::status, "ok: delivered as that asks for, incomplete_qos: that was not seen"),
                                     field("topic", &R::topic, "where it was published"), field("payload", &R::payload, "its beginning"),
                                     field("payload_len", &R::payload_len, "its whole length in bytes"), community_id_field()));
};

struct MqttSubscribeRecord : ConnHeader {
  EnumName action;
  std::vector<std::string> topics;
  std::optional<std::vector<uint64_t>> qos_levels;
  std::optional<uint64_t> granted_qos_level;
  bool ack = false;
};

template <>
struct LogSchema<MqttSubscribeRecord> {
  using R = MqttSubscribeRecord;
  static constexpr std::string_view path = "mqtt_subscribe";
  static constexpr std::string_view doc = "Subscriptions to topics over MQTT, and their ends.";
  static constexpr auto fields =
      std::tuple_cat(conn_header_fields("time of the request"),
                     std::make_tuple(field("action", &R::action, "MQTT::SUBSCRIBE or MQTT::UNSUBSCRIBE"),
                                     field("topics", &R::topics, "topics, or patterns of topics"),
                                     field("qos_levels", &R::qos_levels, "quality of service asked for, by topic"),
                                     field("granted_qos_level", &R::granted_qos_level, "quality of service granted for the first topic"),
                                     field("ack", &R::ack, "whether the broker answered"), community_id_field()));
};

}  // namespace sensor
