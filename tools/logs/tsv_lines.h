// Lines of Zeek's TSV logs, for the tools that read them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sensor::tools {

/// What the lines before the data say. Fields and types have the same length unless the log is damaged.
struct TsvHeader {
  char separator = '\t';
  std::string set_separator = ",";
  std::string empty_field = "(empty)";
  std::string unset_field = "-";
  std::string path;
  std::vector<std::string> fields;
  std::vector<std::string> types;

  /// Takes one line that begins with '#'; unknown ones are ignored.
  void take(std::string_view line);
  /// Position of a field; fields.size() when there is none.
  size_t find(std::string_view field) const;
  /// The type of field i, empty when the header does not say.
  std::string_view type(size_t i) const { return i < types.size() ? std::string_view(types[i]) : std::string_view(); }
};

/// The parts between separators; one empty part for an empty text.
std::vector<std::string_view> split(std::string_view text, char separator);
/// Undoes \xHH and \\; a backslash before anything else stays.
std::string unescape(std::string_view text);

}  // namespace sensor::tools
