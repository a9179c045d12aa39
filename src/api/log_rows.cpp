#include "log_rows.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "sensor/record/registry.h"

namespace sensor {
namespace {

int hex_digit(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// The escapes of TSV: a double backslash is one, \xNN the character where it can be shown; others stay as they are.
std::string unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    const std::string_view rest = text.substr(i);
    const int high = rest.size() >= 4 && rest.starts_with("\\x") ? hex_digit(rest[2]) : -1, low = high < 0 ? -1 : hex_digit(rest[3]);
    if (rest.starts_with("\\\\")) {
      out += '\\';
      i++;
    } else if (low >= 0 && high * 16 + low >= 0x20 && high * 16 + low < 0x7f) {
      out += static_cast<char>(high * 16 + low);
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// "addr" of "set[addr]" and of "addr".
std::string_view element_type(std::string_view type) {
  const size_t open = type.find('[');
  return open == std::string_view::npos ? type : type.substr(open + 1, type.size() - open - 2);
}

bool is_container(std::string_view type) {
  return type.ends_with(']');
}

/// RFC 8259 section 6.
bool is_json_number(std::string_view t) {
  const auto digits = [&t] {
    const size_t n = std::min(t.find_first_not_of("0123456789"), t.size());
    t.remove_prefix(n);
    return n;
  };
  const auto take = [&t](std::string_view any) {
    const bool there = !t.empty() && any.find(t.front()) != std::string_view::npos;
    if (there) t.remove_prefix(1);
    return there;
  };
  (void)take("-");
  const bool zero = t.starts_with('0');
  const size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (take(".") && digits() == 0) return false;
  if (take("eE") && (take("+-"), digits() == 0)) return false;
  return t.empty();
}

/// Whether readers of JSON can keep it: 64 bits, or a double (RFC 8259 section 6 leaves it to them).
bool fits(std::string_view number) {
  const char* end = number.data() + number.size();
  const auto reads = [&](auto value) { return std::from_chars(number.data(), end, value) == std::from_chars_result{end, std::errc{}}; };
  const bool whole = number.find_first_of(".eE") == std::string_view::npos;
  return whole ? reads(uint64_t{}) || reads(int64_t{}) : reads(double{});
}

void add_scalar(std::string_view type, std::string_view text, JsonWriter& w) {
  const bool number = type == "time" || type == "interval" || type == "double" || type == "count" || type == "int" || type == "port";
  if (number && is_json_number(text) && fits(text))
    w.raw(text);
  else if (type == "bool")
    w.value(text == "T");
  else
    w.value(unescape(text));
}

constexpr auto kLower = [] {
  std::array<char, 256> table{};
  for (size_t i = 0; i < table.size(); i++) table[i] = static_cast<char>(i >= 'A' && i <= 'Z' ? i - 'A' + 'a' : i);
  return table;
}();

char lower(char c) {
  return kLower[static_cast<uint8_t>(c)];
}

/// `needle` is in lower case.
bool contains_folded(std::string_view text, std::string_view needle) {
  return std::search(text.begin(), text.end(), needle.begin(), needle.end(), [](char a, char b) { return lower(a) == b; }) != text.end();
}

/// Neither TSV nor JSON escapes these; a lone '-' is.
bool is_never_escaped(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view("-._:/@ ").find(c) != std::string_view::npos;
  };
  return text.size() > 1 && std::ranges::all_of(text, plain);
}

const LogInfo* find_log(std::string_view name) {
  for (const LogInfo* log : all_logs())
    if (log->path == name) return log;
  return nullptr;
}

}  // namespace

bool contains(std::string_view text, std::string_view needle) {
  return ::memmem(text.data(), text.size(), needle.data(), needle.size()) != nullptr;
}

uint64_t fnv1a(std::string_view text) {
  uint64_t h = 0xcbf29ce484222325;
  for (const char c : text) h = (h ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return h;
}

LogHead LogHead::read(std::string_view text) {
  LogHead h;
  h.json = text.starts_with('{');
  const std::string_view first = text.substr(0, text.find('\n'));
  h.identity = fnv1a(first);
  if (h.json) return h;
  size_t at = 0;
  while (at < text.size() && text[at] == '#') {
    const size_t end = std::min(text.find('\n', at), text.size());
    const auto parts = split(text.substr(at, end - at), h.separator);
    at = end + 1;
    const std::string_view value = parts.size() > 1 ? parts[1] : std::string_view();
    if (parts[0] == "#set_separator" && value.size() == 1) h.set_separator = value[0];
    if (parts[0] == "#empty_field") h.empty = value;
    if (parts[0] == "#unset_field") h.unset = value;
    if (parts[0] == "#open") h.identity = fnv1a(text.substr(0, end));
    if (parts[0] == "#fields") h.fields.assign(parts.begin() + 1, parts.end());
    if (parts[0] == "#types") h.types.assign(parts.begin() + 1, parts.end());
  }
  h.types.resize(h.fields.size(), "string");
  return h;
}

size_t LogHead::find(std::string_view field) const {
  return static_cast<size_t>(std::ranges::find(fields, field) - fields.begin());
}

struct LogRowReader::State {
  const LogHead* head = nullptr;
  std::vector<std::string_view> parts;
  size_t at = 0;
  simdjson::dom::parser parser;
  std::vector<std::pair<std::string_view, simdjson::dom::element>> members;
};

LogRowReader::LogRowReader() : state_(std::make_unique<State>()) {}
LogRowReader::~LogRowReader() = default;

bool LogRowReader::open(const LogHead& head, std::string_view line) {
  State& s = *state_;
  s.head = &head;
  s.at = 0;
  if (!head.json) {
    s.parts = split(line, head.separator);
    return s.parts.size() == head.fields.size();
  }
  simdjson::dom::object object;
  s.members.clear();
  if (s.parser.parse(simdjson::padded_string(line)).get(object) != simdjson::SUCCESS) return false;
  for (const auto member : object) s.members.emplace_back(member.key, member.value);
  return true;
}

bool LogRowReader::next(LogCell& cell) {
  State& s = *state_;
  cell.values.clear();
  if (s.head->json) {
    if (s.at == s.members.size()) return false;
    const auto& [name, value] = s.members[s.at++];
    cell.name = name;
    cell.type = {};
    const auto add = [&cell](const simdjson::dom::element& e) {
      std::string_view text;
      cell.values.push_back(e.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::to_string(e));
    };
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS)
      add(value);
    else
      for (const auto e : array) add(e);
    return true;
  }
  while (s.at < s.parts.size() && s.parts[s.at] == s.head->unset) s.at++;
  if (s.at == s.parts.size()) return false;
  const size_t i = s.at++;
  cell.name = s.head->fields[i];
  cell.type = s.head->types[i];
  if (s.parts[i] == s.head->empty) return true;
  if (!is_container(cell.type))
    cell.values.push_back(unescape(s.parts[i]));
  else
    for (const std::string_view v : split(s.parts[i], s.head->set_separator)) cell.values.push_back(unescape(v));
  return true;
}

std::string row_json(const LogHead& head, std::string_view line) {
  if (head.json) {
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    return parser.parse(simdjson::padded_string(line)).get(object) == simdjson::SUCCESS ? std::string(line) : "";
  }
  const auto parts = split(line, head.separator);
  if (parts.size() != head.fields.size()) return {};
  JsonWriter w;
  w.begin('{');
  for (size_t i = 0; i < parts.size(); i++) {
    if (parts[i] == head.unset) continue;
    w.key(head.fields[i]);
    const bool several = is_container(head.types[i]);
    if (!several) {
      add_scalar(head.types[i], parts[i] == head.empty ? std::string_view() : parts[i], w);
      continue;
    }
    w.begin('[');
    if (parts[i] != head.empty)
      for (const std::string_view v : split(parts[i], head.set_separator))
        v == head.unset ? w.null() : (add_scalar(element_type(head.types[i]), v, w), w);
    w.end(']');
  }
  return w.end('}').take();
}

void add_fields(std::string_view log, const LogHead* head, JsonWriter& w) {
  w.begin('[');
  if (head != nullptr && !head->json) {
    for (size_t i = 0; i < head->fields.size(); i++) w.begin('{').member("name", head->fields[i]).member("type", head->types[i]).end('}');
  } else if (const LogInfo* info = find_log(log); info != nullptr) {
    for (const ColumnInfo& c : info->columns)
      if (!c.hidden) w.begin('{').member("name", c.name).member("type", zeek_type_name(c)).end('}');
  }
  w.end(']');
}

bool is_known_log(std::string_view log) {
  return find_log(log) != nullptr;
}

/// ts is the first column of every log.
bool LogMatcher::time_fits(const LogHead& head, std::string_view line) const {
  if (!filter_.from && !filter_.to) return true;
  constexpr std::string_view kKey = "{\"ts\":";
  if (head.json) line.remove_prefix(line.starts_with(kKey) ? kKey.size() : 0);
  double ts = 0;
  if (std::from_chars(line.data(), line.data() + line.size(), ts).ec != std::errc{}) return false;
  return (!filter_.from || ts >= *filter_.from) && (!filter_.to || ts <= *filter_.to);
}

LogMatcher::LogMatcher(const LogFilter& filter)
    : filter_(filter), port_(filter.port ? std::to_string(*filter.port) : ""), text_stands_as_it_is_(is_never_escaped(filter.text)) {}

bool LogMatcher::may_match(std::string_view lines) {
  if (!contains(lines, filter_.value) || !contains(lines, filter_.address) || !contains(lines, port_)) return false;
  if (!text_stands_as_it_is_) return true;
  folded_.resize(lines.size());
  // Written so that compilers make vector instructions of it.
  for (size_t i = 0; i < lines.size(); i++) {
    const auto c = static_cast<uint8_t>(lines[i]);
    folded_[i] = static_cast<char>(c + (static_cast<uint8_t>(c - 'A') < 26 ? 'a' - 'A' : 0));
  }
  return contains(folded_, filter_.text);
}

bool LogMatcher::matches(const LogHead& head, std::string_view line) {
  if (!time_fits(head, line)) return false;
  if (!contains(line, filter_.value) || !contains(line, filter_.address) || !contains(line, port_)) return false;
  if (filter_.value.empty() && filter_.address.empty() && filter_.text.empty() && !filter_.port) return true;
  // In TSV the text may stand as it is; the escapes of JSON and the names of its members are not looked into.
  bool text = filter_.text.empty() || (!head.json && contains_folded(line, filter_.text));
  bool value = filter_.value.empty(), address = filter_.address.empty(), port = !filter_.port;
  reader_.for_each(head, line, [&](const LogCell& cell) {
    for (const std::string& v : cell.values) {
      value = value || v == filter_.value;
      address = address || v == filter_.address;
      text = text || contains_folded(v, filter_.text);
      port = port || ((cell.name == "id.orig_p" || cell.name == "id.resp_p") && v == port_);
    }
    return !(value && address && text && port);
  });
  return value && address && text && port;
}

}  // namespace sensor
