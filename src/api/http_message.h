// HTTP requests and answers as libmicrohttpd has them, and as the API's parts see them.
#pragma once

#include <microhttpd.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "sensor/api/http_server.h"

namespace sensor {

/// Everything but the body, which comes later.
HttpRequest read_request(MHD_Connection* c, const char* path, const char* method, bool encrypted);
/// Length of the body as the request says; nothing: it does not.
std::optional<uint64_t> body_length(MHD_Connection* c);
/// What every answer says: where its content may come from and go to.
void add_common_headers(MHD_Response* r);
/// Queues the answer.
MHD_Result send_response(MHD_Connection* c, const HttpResponse& r);
/// libmicrohttpd's callback: percent signs are decoded in place (RFC 3986 section 2.1); gives the length. %00 stays as it is: decoded, it
/// would end the text for whoever reads it.
size_t unescape(void*, MHD_Connection*, char* text);

}  // namespace sensor
