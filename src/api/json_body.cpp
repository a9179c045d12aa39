#include "json_body.h"

#include <simdjson.h>

namespace sensor {

struct JsonBody::Parsed {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  bool good = false;
};

JsonBody::JsonBody(std::string_view text) : parsed_(std::make_unique<Parsed>()) {
  parsed_->good = parsed_->parser.parse(simdjson::padded_string(text)).get(parsed_->object) == simdjson::SUCCESS;
}
JsonBody::~JsonBody() = default;

bool JsonBody::is_object() const {
  return parsed_->good;
}

bool JsonBody::has(std::string_view name) const {
  return parsed_->good && parsed_->object.at_key(name).error() == simdjson::SUCCESS;
}

std::optional<std::string> JsonBody::text(std::string_view name) const {
  std::string_view value;
  if (!parsed_->good || parsed_->object.at_key(name).get(value) != simdjson::SUCCESS) return std::nullopt;
  return std::string(value);
}

std::optional<bool> JsonBody::flag(std::string_view name) const {
  bool value = false;
  if (!parsed_->good || parsed_->object.at_key(name).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<std::vector<std::string>> JsonBody::texts(std::string_view name) const {
  simdjson::dom::array array;
  if (!parsed_->good || parsed_->object.at_key(name).get(array) != simdjson::SUCCESS) return std::nullopt;
  std::vector<std::string> all;
  for (const simdjson::dom::element item : array) {
    std::string_view value;
    if (item.get(value) != simdjson::SUCCESS) return std::nullopt;
    all.emplace_back(value);
  }
  return all;
}

}  // namespace sensor
