// A line of a log as the API reads it: whatever it is, what is answered is JSON.
#include <simdjson.h>

#include <cstdlib>

#include "src/api/log_rows.h"

using namespace sensor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const LogHead head = LogHead::read(text);
  LogFilter filter;
  filter.text = "ab";
  filter.port = 80;
  LogMatcher matcher(filter);
  simdjson::dom::parser parser;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.empty() || line.front() == '#') continue;
    (void)matcher.may_match(line);
    (void)matcher.matches(head, line);
    const std::string json = row_json(head, line);
    simdjson::dom::element parsed;
    if (!json.empty() && parser.parse(simdjson::padded_string(json)).get(parsed) != simdjson::SUCCESS) std::abort();
  }
  return 0;
}
