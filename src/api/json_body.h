// The JSON body of a request.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sensor {

/// An object of plain members. Nothing: the member is missing or of another kind, or the body is no object.
class JsonBody {
 public:
  explicit JsonBody(std::string_view text);
  ~JsonBody();

  bool is_object() const;
  bool has(std::string_view name) const;
  std::optional<std::string> text(std::string_view name) const;
  std::optional<bool> flag(std::string_view name) const;
  std::optional<std::vector<std::string>> texts(std::string_view name) const;

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace sensor
