// http.log: one row per request and its response.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct HttpRecord : ConnHeader {
  uint64_t trans_depth = 0;
  std::optional<std::string> method, host, uri, referrer, version, user_agent, origin;
  uint64_t request_body_len = 0, response_body_len = 0;
  std::optional<uint64_t> status_code;
  std::optional<std::string> status_msg;
  std::optional<uint64_t> info_code;
  std::optional<std::string> info_msg;
  Set<EnumName> tags;
  std::optional<std::string> username, password;
  std::optional<Set<std::string>> proxied;
  std::optional<std::vector<Uid>> orig_fuids;
  std::optional<std::vector<std::string>> orig_filenames;
  std::optional<std::vector<std::string_view>> orig_mime_types;
  std::optional<std::vector<Uid>> resp_fuids;
  std::optional<std::vector<std::string>> resp_filenames;
  std::optional<std::vector<std::string_view>> resp_mime_types;
  std::optional<std::string> server, powered_by;  // once for each connection, for software.log
};

template <>
struct LogSchema<HttpRecord> {
  using R = HttpRecord;
  static constexpr std::string_view path = "http";
  static constexpr std::string_view doc = "HTTP/0.9 to HTTP/1.1: requests with their responses.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the request, or of the response where no request was seen"),
      std::make_tuple(
          field("trans_depth", &R::trans_depth, "position of the request in its connection, from 1"),
          field("method", &R::method, "method of the request"), field("host", &R::host, "value of the Host field"),
          field("uri", &R::uri, "target of the request, percent escapes decoded"),
          field("referrer", &R::referrer, "value of the Referer field"), field("version", &R::version, "HTTP version of the response"),
          field("user_agent", &R::user_agent, "value of the User-Agent field"), field("origin", &R::origin, "value of the Origin field"),
          field("request_body_len", &R::request_body_len, "bytes of the request's body, decompressed"),
          field("response_body_len", &R::response_body_len, "bytes of the response's body, decompressed"),
          field("status_code", &R::status_code, "status code of the response"),
          field("status_msg", &R::status_msg, "reason phrase of the response"),
          field("info_code", &R::info_code, "status code of the last interim (1xx) response"),
          field("info_msg", &R::info_msg, "reason phrase of the last interim response"),
          field("tags", &R::tags, "what detectors found in the request; none is built in"),
          field("username", &R::username, "user name of Basic authentication"),
          field("password", &R::password, "password of Basic authentication; not kept"),
          field("proxied", &R::proxied, "fields that proxies add, as NAME -> value"),
          field("orig_fuids", &R::orig_fuids, "files in the request's body, see files.log"),
          field("orig_filenames", &R::orig_filenames, "names the client gave those files"),
          field("orig_mime_types", &R::orig_mime_types, "types of those files, by content"),
          field("resp_fuids", &R::resp_fuids, "files in the response's body, see files.log"),
          field("resp_filenames", &R::resp_filenames, "names the server gave those files"),
          field("resp_mime_types", &R::resp_mime_types, "types of those files, by content"), community_id_field(),
          hidden_field("server", &R::server, "program of the server"),
          hidden_field("powered_by", &R::powered_by, "program behind the server")));
};

}  // namespace sensor
