// JSON, written.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace sensor {

/// Text between quotes (RFC 8259 section 7). Control characters are escaped; bytes that are no UTF-8 stand as the characters \xNN.
std::string json_string(std::string_view text);
void add_json_string(std::string_view text, std::string& out);

/// Builds objects and arrays; commas come by themselves.
///   JsonWriter w; w.begin('{'); w.key("a"); w.value(1); w.end('}'); w.take()
class JsonWriter {
 public:
  JsonWriter& begin(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
    return *this;
  }
  JsonWriter& end(char bracket) {
    out_ += bracket;
    first_ = false;
    return *this;
  }
  JsonWriter& key(std::string_view name) {
    separate();
    add_json_string(name, out_);
    out_ += ':';
    first_ = true;
    return *this;
  }
  JsonWriter& value(std::string_view text) {
    separate();
    add_json_string(text, out_);
    return *this;
  }
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool b) { return raw(b ? "true" : "false"); }
  template <std::integral Number>
  JsonWriter& value(Number n) {
    return raw(fmt::format("{}", n));
  }
  JsonWriter& value(double n) { return std::isfinite(n) ? raw(fmt::format("{:.6g}", n)) : null(); }
  /// Seconds since 1970, to the microsecond.
  JsonWriter& time(double seconds) { return raw(fmt::format("{:.6f}", seconds)); }
  JsonWriter& null() { return raw("null"); }
  /// JSON as it is.
  JsonWriter& raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
  }
  template <class Value>
  JsonWriter& member(std::string_view name, const Value& v) {
    return key(name).value(v);
  }
  size_t size() const { return out_.size(); }
  std::string take() { return std::move(out_); }

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::string out_;
  bool first_ = true;
};

}  // namespace sensor
