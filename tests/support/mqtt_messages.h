// Messages of MQTT made by hand; shorter than 128 bytes.
#pragma once

#include <string>
#include <string_view>

namespace sensor::test {

inline std::string mqtt_text(std::string_view s) {
  return std::string{'\0', static_cast<char>(s.size())} + std::string(s);
}
/// `head` is the type and its flags: 0x10 for CONNECT.
inline std::string mqtt_message(uint8_t head, std::string_view content) {
  return std::string{static_cast<char>(head), static_cast<char>(content.size())} + std::string(content);
}
inline std::string mqtt_id(uint8_t id) {
  return {'\0', static_cast<char>(id)};
}
inline std::string mqtt_connect(std::string_view client_id, char version = 4) {
  const std::string properties = version == 5 ? std::string("\5\x11\0\0\0\x0a", 6) : std::string();
  return mqtt_message(0x10, mqtt_text("MQTT") + version + std::string("\2\0\x3c", 3) + properties + mqtt_text(client_id));
}
inline std::string mqtt_connect_ack(char code = 0) {
  return mqtt_message(0x20, std::string{'\0', code});
}
inline std::string mqtt_publish(uint8_t qos, uint8_t id, std::string_view topic, std::string_view payload) {
  return mqtt_message(static_cast<uint8_t>(0x30 | qos << 1), mqtt_text(topic) + (qos != 0 ? mqtt_id(id) : "") + std::string(payload));
}

}  // namespace sensor::test
