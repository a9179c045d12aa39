#include "src/session/mqtt_analyzer.h"

#include <limits>
#include <utility>

namespace sensor {
namespace {

// As in Zeek: what is not acknowledged for this long is written at the next tick of a clock that starts with the connection's first
// message.
constexpr DurationNs kAckTimeout = 5 * kSecond, kTick = 10 * kSecond;

std::string unknown(std::string_view what, uint8_t code) {
  return "unknown-" + std::string(what) + "-" + std::to_string(code);
}

std::string version_name(uint8_t version) {
  constexpr std::string_view kNames[] = {"3.1", "3.1.1", "5.0"};
  return version >= 3 && version <= 5 ? std::string(kNames[version - 3]) : unknown("version", version);
}

std::string qos_name(uint8_t qos) {
  constexpr std::string_view kNames[] = {"at most once", "at least once", "exactly once"};
  return qos < std::size(kNames) ? std::string(kNames[qos]) : unknown("qos-level", qos);
}

std::string return_code_name(uint8_t code) {
  constexpr std::string_view kNames[] = {
      "Connection Accepted",         "Refused: unacceptable protocol version", "Refused: identifier rejected",
      "Refused: server unavailable", "Refused: bad user name or password",     "Refused: not authorized"};
  return code < std::size(kNames) ? std::string(kNames[code]) : unknown("return-code", code);
}

}  // namespace

void MqttAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  c_ = &c;
  write_expired();
  reader_.feed(d == Direction::Orig, bytes);
}

void MqttAnalyzer::on_finish(AnalyzerContext& c) {
  c_ = &c;
  write_pending(std::numeric_limits<TimeNs>::max());
}

/// The connection's row has the time of its first message.
void MqttAnalyzer::begin() {
  if (connect_) return;
  static_cast<ConnHeader&>(connect_.emplace()) = c_->conn();
  connect_->ts = Time{c_->now()};
}

void MqttAnalyzer::on_connect(const mqtt::Connect& m) {
  begin();
  c_->confirm("mqtt");
  connect_->proto_name = m.protocol_name.substr(0, kMaxText);
  connect_->proto_version = version_name(m.protocol_version);
  connect_->client_id = m.client_id.substr(0, kMaxText);
  if (m.will_topic) connect_->will_topic = m.will_topic->substr(0, kMaxText);
  if (m.will_payload) connect_->will_payload = m.will_payload->substr(0, kMaxText);
}

void MqttAnalyzer::on_connect_ack(uint8_t return_code) {
  begin();
  connect_->connect_status = return_code_name(return_code);
  write(*connect_);
}

void MqttAnalyzer::on_publish(bool from_client, const mqtt::Publish& m) {
  begin();
  c_->confirm("mqtt");
  PendingPublish p;
  static_cast<ConnHeader&>(p.row) = c_->conn();
  p.row.ts = Time{c_->now()};
  p.row.from_client = from_client;
  p.row.retain = m.retain;
  p.qos = m.qos;
  p.row.qos = qos_name(m.qos);
  p.row.status = m.qos == 0 ? "ok" : "incomplete_qos";
  p.row.topic = m.topic.substr(0, kMaxText);
  p.row.payload = m.payload.substr(0, kMaxPayload);
  p.row.payload_len = m.payload_length;
  if (m.qos == 0) return write(p.row);
  make_room(p.row.topic.size() + p.row.payload.size());
  publishes_.insert_or_assign(m.id, std::move(p));
}

void MqttAnalyzer::on_publish_step(mqtt::Step step, uint16_t id) {
  begin();
  const auto it = publishes_.find(id);
  if (it == publishes_.end()) return;
  PendingPublish& p = it->second;
  p.received |= step == mqtt::Step::Received;
  p.released |= step == mqtt::Step::Release;
  const bool delivered =
      (step == mqtt::Step::Ack && p.qos == 1) || (step == mqtt::Step::Complete && p.qos == 2 && p.received && p.released);
  if (!delivered) return;
  p.row.status = "ok";
  write(p.row);
  publishes_.erase(it);
}

void MqttAnalyzer::on_subscribe(uint16_t id, const std::vector<mqtt::Topic>& topics) {
  MqttSubscribeRecord row;
  row.action = {"MQTT::SUBSCRIBE"};
  row.qos_levels.emplace();
  remember(id, std::move(row), topics);
}

void MqttAnalyzer::on_unsubscribe(uint16_t id, const std::vector<mqtt::Topic>& topics) {
  MqttSubscribeRecord row;
  row.action = {"MQTT::UNSUBSCRIBE"};
  remember(id, std::move(row), topics);
}

void MqttAnalyzer::remember(uint16_t id, MqttSubscribeRecord&& row, const std::vector<mqtt::Topic>& topics) {
  begin();
  static_cast<ConnHeader&>(row) = c_->conn();
  row.ts = Time{c_->now()};
  size_t bytes = 0;
  for (const mqtt::Topic& t : topics) {
    if (bytes + t.filter.size() > kMaxTopicBytes) break;
    bytes += t.filter.size();
    row.topics.emplace_back(t.filter);
    if (row.qos_levels) row.qos_levels->push_back(t.qos.value_or(0));
  }
  make_room(bytes);
  subscribes_.insert_or_assign(id, std::move(row));
}

void MqttAnalyzer::on_subscribe_ack(uint16_t id, uint8_t granted) {
  acknowledge(id, granted);
}

void MqttAnalyzer::on_unsubscribe_ack(uint16_t id) {
  acknowledge(id, std::nullopt);
}

void MqttAnalyzer::acknowledge(uint16_t id, std::optional<uint8_t> granted) {
  begin();
  const auto it = subscribes_.find(id);
  if (it == subscribes_.end()) return;
  if (granted) it->second.granted_qos_level = *granted;
  it->second.ack = true;
  write(it->second);
  subscribes_.erase(it);
}

void MqttAnalyzer::make_room(size_t bytes) {
  if (publishes_.empty() && subscribes_.empty()) pending_bytes_ = 0;
  pending_bytes_ += bytes;
  if (publishes_.size() + subscribes_.size() < kMaxPending && pending_bytes_ <= kMaxPendingBytes) return;
  write_pending(std::numeric_limits<TimeNs>::max());
  pending_bytes_ = bytes;
}

void MqttAnalyzer::write_expired() {
  if (publishes_.empty() && subscribes_.empty()) return;
  const TimeNs begun = connect_->ts.ns, last_tick = begun + (c_->now() - begun) / kTick * kTick;
  write_pending(last_tick - kAckTimeout);
}

/// Rows that no acknowledgement came for, of what was sent up to a time.
void MqttAnalyzer::write_pending(TimeNs begun_until) {
  const auto old = [&](const ConnHeader& row) { return row.ts.ns <= begun_until; };
  std::erase_if(publishes_, [&](const auto& p) {
    if (!old(p.second.row)) return false;
    write(p.second.row);
    return true;
  });
  std::erase_if(subscribes_, [&](const auto& s) {
    if (!old(s.second)) return false;
    write(s.second);
    return true;
  });
}

Probe probe_mqtt(const ProbeInput& in) {
  switch (mqtt::looks_like(in.orig)) {
    case mqtt::Match::Yes:
      return Probe::Certain;
    case mqtt::Match::Unsure:
      return Probe::Unsure;
    case mqtt::Match::No:
      break;
  }
  return Probe::NotForUs;
}

}  // namespace sensor
