#include "http_message.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <charconv>
#include <map>
#include <string>

namespace sensor {
namespace {

/// On every answer. The page loads nothing from elsewhere, runs no inline script and stands in no frame.
constexpr std::pair<const char*, const char*> kHeaders[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; "
     "frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

std::string address_text(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address == nullptr) return {};
  if (address->sa_family == AF_INET)
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof(text));
  else if (address->sa_family == AF_INET6)
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text, sizeof(text));
  return text;
}

std::string header(MHD_Connection* c, const char* name, MHD_ValueKind kind = MHD_HEADER_KIND) {
  const char* value = ::MHD_lookup_connection_value(c, kind, name);
  return value == nullptr ? "" : value;
}

MHD_Result add_argument(void* query, MHD_ValueKind, const char* key, const char* value) {
  (*static_cast<std::map<std::string, std::string>*>(query))[key] = value == nullptr ? "" : value;
  return MHD_YES;
}

}  // namespace

void add_common_headers(MHD_Response* r) {
  for (const auto& [name, value] : kHeaders) ::MHD_add_response_header(r, name, value);
}

HttpRequest read_request(MHD_Connection* c, const char* path, const char* method, bool encrypted) {
  HttpRequest r;
  r.method = method;
  r.path = path;
  ::MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, &add_argument, &r.query);
  r.host = header(c, "Host");
  r.origin = header(c, "Origin");
  r.fetch_site = header(c, "Sec-Fetch-Site");
  r.content_type = header(c, "Content-Type");
  r.authorization = header(c, "Authorization");
  r.if_none_match = header(c, "If-None-Match");
  r.accept_encoding = header(c, "Accept-Encoding");
  r.session_cookie = header(c, "sensor_session", MHD_COOKIE_KIND);
  const auto* info = ::MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  if (info != nullptr) r.client = address_text(info->client_addr);
  r.encrypted = encrypted;
  return r;
}

std::optional<uint64_t> body_length(MHD_Connection* c) {
  const std::string text = header(c, "Content-Length");
  uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return text.empty() || error != std::errc{} ? std::nullopt : std::optional(n);
}

MHD_Result send_response(MHD_Connection* c, const HttpResponse& r) {
  const std::string_view body = r.fixed.empty() ? std::string_view(r.body) : std::string_view();
  MHD_Response* response =
      r.fixed.empty() ? ::MHD_create_response_from_buffer(body.size(), const_cast<char*>(body.data()), MHD_RESPMEM_MUST_COPY)
                      : ::MHD_create_response_from_buffer(r.fixed.size(), const_cast<uint8_t*>(r.fixed.data()), MHD_RESPMEM_PERSISTENT);
  if (response == nullptr) return MHD_NO;
  bool caching = false;
  add_common_headers(response);
  if (r.status != 204) ::MHD_add_response_header(response, "Content-Type", r.content_type.c_str());
  for (const auto& [name, value] : r.headers) {
    ::MHD_add_response_header(response, name.c_str(), value.c_str());
    caching = caching || name == "Cache-Control";
  }
  if (!caching) ::MHD_add_response_header(response, "Cache-Control", "no-store");
  const MHD_Result queued = ::MHD_queue_response(c, r.status, response);
  ::MHD_destroy_response(response);
  return queued;
}

size_t unescape(void*, MHD_Connection*, char* text) {
  size_t out = 0;
  for (size_t in = 0; text[in] != 0; out++) {
    unsigned code = 0;
    const char* digits = text + in + 1;
    const bool escape = text[in] == '%' && digits[0] != 0 && digits[1] != 0;
    const bool whole = escape && std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2;
    text[out] = whole && code != 0 ? static_cast<char>(code) : text[in];
    in += whole && code != 0 ? 3 : 1;
  }
  text[out] = 0;
  return out;
}

}  // namespace sensor
