#include "tools/logs/json_lines.h"

#include <simdjson.h>

namespace sensor::tools {
namespace {

namespace dom = simdjson::dom;

constexpr int kMaxDepth = 4;

/// A plain value as text; false for objects and arrays.
bool scalar(const dom::element& value, JsonMember& m) {
  std::string_view text;
  bool flag = false;
  if (value.get(text) == simdjson::SUCCESS) {
    m.items.emplace_back(text);
  } else if (value.get(flag) == simdjson::SUCCESS) {
    m.items.emplace_back(flag ? "T" : "F");
  } else if (value.is_number()) {
    m.items.push_back(simdjson::to_string(value));
    m.is_number = true;
  } else if (value.is_null()) {
    m.items.emplace_back("-");
  } else {
    return false;
  }
  return true;
}

bool add_members(const dom::object& object, const std::string& prefix, int depth, std::vector<JsonMember>& out) {
  if (depth > kMaxDepth) return false;
  for (const auto& [key, value] : object) {
    dom::object inner;
    dom::array array;
    JsonMember m;
    m.key = prefix + std::string(key);
    m.is_set = !value.is_null();
    if (value.get(inner) == simdjson::SUCCESS) {
      if (!add_members(inner, m.key + '.', depth + 1, out)) return false;
      continue;
    }
    if (value.get(array) == simdjson::SUCCESS) {
      m.is_array = true;
      for (const dom::element& item : array) {
        if (!scalar(item, m)) return false;
      }
    } else if (!scalar(value, m)) {
      return false;
    }
    out.push_back(std::move(m));
  }
  return true;
}

}  // namespace

struct JsonLines::Parser {
  dom::parser dom;
};

JsonLines::JsonLines() : parser_(std::make_unique<Parser>()) {}
JsonLines::~JsonLines() = default;

bool JsonLines::parse(std::string_view line, std::vector<JsonMember>& members) {
  members.clear();
  dom::object object;
  if (parser_->dom.parse(simdjson::padded_string(line)).get(object) != simdjson::SUCCESS) return false;
  return add_members(object, "", 0, members);
}

}  // namespace sensor::tools
