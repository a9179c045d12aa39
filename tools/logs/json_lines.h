// Lines of JSON logs.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sensor::tools {

/// A member of a log line's object. Values as in TSV, before escaping: booleans are T and F, null and absent are unset.
struct JsonMember {
  std::string key;
  bool is_set = false;
  bool is_array = false;
  bool is_number = false;          // the value, or all elements
  std::vector<std::string> items;  // one for a plain value
};

/// Reads one object per line with simdjson. Nested objects are flattened with dots; deeper nesting than that of a log is refused.
class JsonLines {
 public:
  JsonLines();
  ~JsonLines();
  /// The members in their order. False when the line is no such object.
  bool parse(std::string_view line, std::vector<JsonMember>& members);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace sensor::tools
