// files.log: one row per file and connection that carried it.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct FilesRecord : ConnHeader {
  Uid fuid;
  std::string_view source;
  uint64_t depth = 0;
  Set<std::string_view> analyzers;
  std::optional<std::string_view> mime_type;
  std::optional<std::string> filename;
  Interval duration;
  std::optional<bool> local_orig, is_orig;
  uint64_t seen_bytes = 0;
  std::optional<uint64_t> total_bytes;
  uint64_t missing_bytes = 0, overflow_bytes = 0;
  bool timedout = false;
  std::optional<Uid> parent_fuid;
  std::optional<std::string> md5, sha1, sha256, extracted;
  std::optional<bool> extracted_cutoff;
  std::optional<uint64_t> extracted_size;
};

template <>
struct LogSchema<FilesRecord> {
  using R = FilesRecord;
  static constexpr std::string_view path = "files";
  static constexpr std::string_view doc = "Files that protocols carried.";
  static constexpr auto fields = std::make_tuple(
      field("ts", &R::ts, "time of the file's first byte"), field("fuid", &R::fuid, "unique id of the file"),
      field("uid", &R::uid, "unique id of the connection"), field("id.orig_h", &R::orig_h, "originator's address"),
      field("id.orig_p", &R::orig_p, "originator's port"), field("id.resp_h", &R::resp_h, "responder's address"),
      field("id.resp_p", &R::resp_p, "responder's port"), hidden_field("id.ip_proto", &R::ip_protocol, "protocol number of the IP header"),
      field("source", &R::source, "protocol that carried it"),
      field("depth", &R::depth, "position within the source, such as the nesting of a mail's parts"),
      field("analyzers", &R::analyzers, "what looked into the file"), field("mime_type", &R::mime_type, "type, by the file's first bytes"),
      field("filename", &R::filename, "name, when the source gave one"),
      field("duration", &R::duration, "time between the first and the last byte"),
      field("local_orig", &R::local_orig, "whether it came from a local network"),
      field("is_orig", &R::is_orig, "whether the connection's originator sent it"),
      field("seen_bytes", &R::seen_bytes, "bytes that were seen, in order"),
      field("total_bytes", &R::total_bytes, "size of the whole file, when the source told it"),
      field("missing_bytes", &R::missing_bytes, "bytes that were never seen"),
      field("overflow_bytes", &R::overflow_bytes, "bytes that could not be put in order"),
      field("timedout", &R::timedout, "whether it was given up because nothing more came"),
      field("parent_fuid", &R::parent_fuid, "file that contains this one"), field("md5", &R::md5, "MD5 of the file"),
      field("sha1", &R::sha1, "SHA-1 of the file"), field("sha256", &R::sha256, "SHA-256 of the file"),
      field("extracted", &R::extracted, "name under which the file was kept"),
      field("extracted_cutoff", &R::extracted_cutoff, "whether the kept file was cut off"),
      field("extracted_size", &R::extracted_size, "size at which it was cut off"), community_id_field(&file_community_id));
};

}  // namespace sensor
