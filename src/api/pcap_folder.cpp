#include "pcap_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

#include "sensor/api/json_text.h"

namespace sensor {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxListed = 1000, kMaxName = 128;
constexpr int kMaxUploads = 2;

struct CaptureFile {
  std::string name;
  uint64_t bytes = 0;
  double modified = 0;
};

std::optional<CaptureFile> look_at(const std::string& folder, const std::string& name) {
  struct stat s {};
  if (::stat((folder + "/" + name).c_str(), &s) != 0 || !S_ISREG(s.st_mode)) return std::nullopt;
  return CaptureFile{name, static_cast<uint64_t>(s.st_size),
                     static_cast<double>(s.st_mtim.tv_sec) + 1e-9 * static_cast<double>(s.st_mtim.tv_nsec)};
}

void add_file(const CaptureFile& f, JsonWriter& w) {
  w.begin('{').member("name", f.name).member("bytes", f.bytes).key("modified").time(f.modified).end('}');
}

}  // namespace

bool is_capture_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= kMaxName && plain(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
}

/// A file on its way: under a name that is not listed, until it is whole.
class PcapFolder::Upload final : public BodySink {
 public:
  Upload(PcapFolder& folder, std::string name, uint64_t bytes)
      : folder_(folder), name_(std::move(name)), bytes_(bytes), path_(fmt::format("{}/.upload-{}", folder.folder_, random_hex(8))) {
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd_ < 0) error_ = errno;
  }
  ~Upload() override {
    if (fd_ >= 0) ::close(fd_);
    if (!done_) ::unlink(path_.c_str());
    folder_.uploads_--;
  }

  bool write(std::string_view piece) override {
    received_ += piece.size();
    while (error_ == 0 && !piece.empty()) {
      const ssize_t n = ::write(fd_, piece.data(), piece.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) error_ = errno;
      if (n > 0) piece.remove_prefix(static_cast<size_t>(n));
    }
    return error_ == 0;
  }

  HttpResponse finish() override {
    if (error_ == 0 && ::close(std::exchange(fd_, -1)) != 0) error_ = errno;
    if (error_ != 0) return failed(error_);
    if (received_ != bytes_) return http_error(400, "bad_request", "the file is not whole");
    if (const Status s = folder_.backend_.check_capture_file(path_); !s.ok())
      return http_error(422, "not_usable", "this is no capture file: pcap or pcapng, with gzip or zstd around it or not");
    const std::string target = folder_.folder_ + "/" + name_;
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) != 0)
      return errno == EEXIST ? http_error(409, "exists", "there is a file of this name; choose another one") : failed(errno);
    done_ = true;
    HttpResponse r;
    r.status = 201;
    JsonWriter w;
    add_file(look_at(folder_.folder_, name_).value_or(CaptureFile{name_, bytes_, 0}), w);
    r.body = w.take();
    return r;
  }

 private:
  HttpResponse failed(int error) const {
    return http_error(503, "failed", fmt::format("cannot write to {}: {}", folder_.folder_, std::strerror(error)));
  }

  PcapFolder& folder_;
  const std::string name_;
  const uint64_t bytes_;
  const std::string path_;
  uint64_t received_ = 0;
  int fd_ = -1, error_ = 0;
  bool done_ = false;
};

PcapFolder::PcapFolder(std::string folder, uint64_t upload_bytes, const ApiBackend& backend)
    : folder_(std::move(folder)), upload_bytes_(upload_bytes), backend_(backend) {}
PcapFolder::~PcapFolder() = default;

HttpResponse PcapFolder::list() const {
  std::vector<CaptureFile> files;
  std::error_code error;
  if (exists()) {
    for (const auto& entry : fs::directory_iterator(folder_, error)) {
      const std::string name = entry.path().filename().string();
      if (!is_capture_name(name)) continue;
      if (auto f = look_at(folder_, name)) files.push_back(std::move(*f));
    }
  }
  std::ranges::sort(files, [](const CaptureFile& a, const CaptureFile& b) {
    return a.modified != b.modified ? a.modified > b.modified : a.name < b.name;
  });
  if (files.size() > kMaxListed) files.resize(kMaxListed);
  JsonWriter w;
  w.begin('{').key("folder");
  exists() ? w.value(folder_) : w.null();
  w.member("max_bytes", upload_bytes_).key("files").begin('[');
  for (const CaptureFile& f : files) add_file(f, w);
  HttpResponse r;
  r.body = w.end(']').end('}').take();
  return r;
}

std::optional<std::string> PcapFolder::path_of(const std::string& name) const {
  if (!exists() || !is_capture_name(name) || !look_at(folder_, name)) return std::nullopt;
  return folder_ + "/" + name;
}

std::unique_ptr<BodySink> PcapFolder::open_upload(const HttpRequest& request, HttpResponse& refusal) {
  const auto refuse = [&](HttpResponse r) {
    refusal = std::move(r);
    return nullptr;
  };
  if (!exists()) return refuse(http_error(422, "not_configured", "there is no folder for capture files; set api.pcap_dir"));
  const auto name = request.query.find("name");
  if (name == request.query.end() || !is_capture_name(name->second))
    return refuse(http_error(400, "bad_request", "a name has letters, digits, '.', '_' and '-', and begins with a letter or digit"));
  if (request.body_bytes > upload_bytes_)
    return refuse(http_error(413, "too_large", fmt::format("an upload has at most {} bytes; api.upload_mib says so", upload_bytes_)));
  if (look_at(folder_, name->second)) return refuse(http_error(409, "exists", "there is a file of this name; choose another one"));
  if (uploads_.fetch_add(1) >= kMaxUploads) {
    uploads_--;
    return refuse(http_error(503, "overloaded", "other uploads are going on; try again when they are done"));
  }
  return std::make_unique<Upload>(*this, name->second, request.body_bytes);
}

}  // namespace sensor
