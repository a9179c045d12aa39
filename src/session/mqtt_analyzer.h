// MQTT on one connection: rows of mqtt_connect.log, mqtt_publish.log and mqtt_subscribe.log, joined with what acknowledges them.
#pragma once

#include <array>
#include <map>
#include <optional>

#include "dpi/mqtt/mqtt.h"
#include "sensor/record/mqtt.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

class MqttAnalyzer final : public Analyzer, private mqtt::Sink {
 public:
  /// Longer texts are cut off, so that a row fits into a record batch; the list of topics of one row holds kMaxTopicBytes.
  static constexpr size_t kMaxText = 8 * 1024, kMaxPayload = 100, kMaxTopicBytes = 32 * 1024;
  /// Rows that wait for an acknowledgement, and the bytes of their texts: where there are more, all are written as they are.
  static constexpr size_t kMaxPending = 1000, kMaxPendingBytes = 1024 * 1024;

  MqttAnalyzer() : reader_(*this) {}

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_gap(AnalyzerContext&, Direction d, uint64_t) override { reader_.gap(d == Direction::Orig); }
  void on_finish(AnalyzerContext& c) override;

 private:
  struct PendingPublish {
    MqttPublishRecord row;
    uint8_t qos = 0;
    bool received = false, released = false;
  };

  void on_connect(const mqtt::Connect& m) override;
  void on_connect_ack(uint8_t return_code) override;
  void on_publish(bool from_client, const mqtt::Publish& m) override;
  void on_publish_step(mqtt::Step step, uint16_t id) override;
  void on_subscribe(uint16_t id, const std::vector<mqtt::Topic>& topics) override;
  void on_subscribe_ack(uint16_t id, uint8_t granted) override;
  void on_unsubscribe(uint16_t id, const std::vector<mqtt::Topic>& topics) override;
  void on_unsubscribe_ack(uint16_t id) override;
  void on_violation(std::string_view reason) override { c_->violation(reason); }

  void begin();
  void remember(uint16_t id, MqttSubscribeRecord&& row, const std::vector<mqtt::Topic>& topics);
  void acknowledge(uint16_t id, std::optional<uint8_t> granted);
  void make_room(size_t bytes);
  void write_expired();
  void write_pending(TimeNs begun_until);
  template <class Record>
  void write(const Record& row) {
    c_->records().write(c_->now(), row.uid, row);
  }

  mqtt::Reader reader_;
  AnalyzerContext* c_ = nullptr;  // valid during a call from the session
  std::optional<MqttConnectRecord> connect_;
  std::map<uint16_t, PendingPublish> publishes_;
  std::map<uint16_t, MqttSubscribeRecord> subscribes_;
  size_t pending_bytes_ = 0;  // remembered since the tables were empty
};

inline constexpr std::array<uint16_t, 1> kMqttPorts{1883};
Probe probe_mqtt(const ProbeInput& in);

}  // namespace sensor
