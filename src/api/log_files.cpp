#include "log_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

namespace sensor {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxName = 64;
/// After every day's name.
constexpr std::string_view kNow = "~";

/// What a file's name says: LOG[.BEGIN-END[.N]].(log|json)[.gz]
struct NameParts {
  std::string log, middle;
  bool json = false, compressed = false;
};

std::optional<NameParts> parts_of(std::string name) {
  NameParts p;
  const auto take = [&name](std::string_view suffix) {
    const bool there = name.ends_with(suffix);
    if (there) name.resize(name.size() - suffix.size());
    return there;
  };
  p.compressed = take(".gz");
  p.json = take(".json");
  if (!p.json && !take(".log")) return std::nullopt;
  const size_t dot = std::min(name.find('.'), name.size());
  p.log = name.substr(0, dot);
  p.middle = name.substr(dot);
  return is_log_name(p.log) ? std::optional(std::move(p)) : std::nullopt;
}

/// ".10:00:00-11:00:00.2" comes after ".10:00:00-11:00:00", and ".10" after ".9".
std::string age_of(const std::string& day, const std::string& middle) {
  const size_t number = middle.find('.', 1);
  if (number == std::string::npos) return day + middle;
  const std::string digits = middle.substr(number + 1);
  return day + middle.substr(0, number) + std::string(8 - std::min<size_t>(8, digits.size()), '0') + digits;
}

bool is_day(const std::string& name) {
  constexpr std::string_view kShape = "dddd-dd-dd";
  return name.size() == kShape.size() && std::equal(name.begin(), name.end(), kShape.begin(),
                                                    [](char c, char shape) { return shape == 'd' ? c >= '0' && c <= '9' : c == shape; });
}

void add_files(const fs::path& directory, const std::string& day, std::string_view log, std::vector<LogFilePlace>& out) {
  std::error_code error;
  std::vector<std::pair<NameParts, fs::path>> found;
  std::set<std::string> tsv;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    auto parts = parts_of(entry.path().filename().string());
    if (!parts || (!log.empty() && parts->log != log)) continue;
    if (!parts->json) tsv.insert(parts->log + parts->middle);
    found.emplace_back(std::move(*parts), entry.path());
  }
  for (const auto& [parts, path] : found) {
    struct stat s {};
    if (parts.json && tsv.contains(parts.log + parts.middle)) continue;
    if (::stat(path.c_str(), &s) != 0 || !S_ISREG(s.st_mode) || s.st_size == 0) continue;
    out.push_back({path.string(), parts.log, age_of(day, parts.middle), static_cast<uint64_t>(s.st_size),
                   static_cast<double>(s.st_mtim.tv_sec) + 1e-9 * static_cast<double>(s.st_mtim.tv_nsec), parts.compressed});
  }
}

}  // namespace

bool is_log_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::vector<LogFilePlace> log_files(const std::string& directory, const std::string& archive, std::string_view log) {
  std::vector<LogFilePlace> all;
  add_files(directory, std::string(kNow), log, all);
  std::error_code error;
  for (const auto& day : fs::directory_iterator(archive.empty() ? directory : archive, error)) {
    const std::string name = day.path().filename().string();
    if (is_day(name)) add_files(day.path(), name, log, all);
  }
  std::ranges::sort(all, [](const LogFilePlace& a, const LogFilePlace& b) { return a.log != b.log ? a.log < b.log : a.age > b.age; });
  return all;
}

}  // namespace sensor
