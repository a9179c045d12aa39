// The folder of capture files that the API knows. Nothing outside of it can be named.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "sensor/api/api_server.h"

namespace sensor {

/// Letters, digits, '.', '_' and '-'; begins with a letter or digit; at most 128 characters.
bool is_capture_name(std::string_view name);

/// All functions: any thread.
class PcapFolder {
 public:
  PcapFolder(std::string folder, uint64_t upload_bytes, const ApiBackend& backend);
  ~PcapFolder();

  HttpResponse list() const;
  /// Of a file that is there; nothing: there is none of this name.
  std::optional<std::string> path_of(const std::string& name) const;
  bool exists() const { return !folder_.empty(); }
  /// Takes a file; null and a refusal: it is not wanted.
  std::unique_ptr<BodySink> open_upload(const HttpRequest& request, HttpResponse& refusal);

 private:
  class Upload;

  const std::string folder_;
  const uint64_t upload_bytes_;
  const ApiBackend& backend_;
  std::atomic<int> uploads_{0};
};

}  // namespace sensor
