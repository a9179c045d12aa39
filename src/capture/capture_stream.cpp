#include "capture_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "buffered_stream.h"
#include "file_descriptor.h"

namespace sensor {
namespace {

Error cannot_open(const std::string& path, int error) {
  const char* remedy = error == EACCES ? "; read permission is needed" : error == ENOENT ? "; check the path" : "";
  return {Error::Usage, fmt::format("cannot open the capture file {}: {}{}", display_name(path), std::strerror(error), remedy)};
}

}  // namespace

std::string display_name(const std::string& path) {
  return path == "-" ? "standard input" : fmt::format("'{}'", path);
}

Result<FileKind> inspect_path(const std::string& path) {
  if (path == "-") {
    if (::isatty(STDIN_FILENO) == 1)
      return Error{Error::Usage, "standard input is a terminal; pipe a capture into it, as in tcpdump -w - | sensor --pcap -"};
    return FileKind{};
  }
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return cannot_open(path, errno);
  if (S_ISDIR(st.st_mode))
    return Error{Error::Usage, fmt::format("{} is a directory; name the capture files in it, as in {}/*.pcap", display_name(path), path)};
  if (::access(path.c_str(), R_OK) != 0) return cannot_open(path, errno);
  if (!S_ISREG(st.st_mode)) return FileKind{};
  return FileKind{.regular = true, .bytes = static_cast<uint64_t>(st.st_size)};
}

Result<std::unique_ptr<CaptureStream>> open_stream(const std::string& path, ChunkPool& pool) {
  FileDescriptor fd(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.ok()) return cannot_open(path, errno);
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return cannot_open(path, errno);
  const bool regular = S_ISREG(st.st_mode);
  // Standard input may have been read from before.
  const uint64_t bytes = regular && path != "-" ? static_cast<uint64_t>(st.st_size) : 0;
  return std::unique_ptr<CaptureStream>(std::make_unique<BufferedStream>(std::move(fd), regular, bytes, pool));
}

}  // namespace sensor
