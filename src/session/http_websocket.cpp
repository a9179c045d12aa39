// The handshake by which HTTP becomes a WebSocket: websocket.log.
#include "dpi/mime/text.h"
#include "dpi/websocket/websocket.h"
#include "http_analyzer.h"

namespace sensor {
namespace {

using http::Side;
using mime::equals_nocase;

constexpr std::string_view kSource = "WebSocket";
constexpr size_t kMaxListItems = 100;

/// Adds the items of a comma-separated list, blanks around the commas removed.
void add_items(std::optional<std::vector<std::string>>& list, std::string_view value) {
  if (!list) list.emplace();
  while (list->size() < kMaxListItems) {
    const size_t comma = value.find(',');
    std::string_view item = value.substr(0, comma);
    if (comma != std::string_view::npos)
      while (item.ends_with(' ')) item.remove_suffix(1);
    list->emplace_back(item);
    if (comma == std::string_view::npos) return;
    value.remove_prefix(comma + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
  }
}

}  // namespace

void HttpAnalyzer::websocket_header(Side side, const mime::Header& header) {
  constexpr std::string_view kPrefix = "Sec-WebSocket-";
  if (!equals_nocase(header.name.substr(0, kPrefix.size()), kPrefix)) return;
  if (!log_->websocket) log_->websocket = std::make_unique<WebsocketHandshake>();
  WebsocketHandshake& ws = *log_->websocket;
  const std::string_view name = header.name.substr(kPrefix.size());
  const std::string value = log_->current->take(header.value);
  const auto set = [&](std::optional<std::string>& field, std::string_view weird) {
    if (field) c_->weird(weird, {}, kSource);
    field = value;
  };
  if (side == Side::Client) {
    if (equals_nocase(name, "Protocol")) add_items(ws.row.client_protocols, value);
    if (equals_nocase(name, "Extensions")) add_items(ws.row.client_extensions, value);
    if (equals_nocase(name, "Key")) set(ws.key, "websocket_multiple_key_headers");
  } else {
    if (equals_nocase(name, "Protocol")) set(ws.row.subprotocol, "websocket_multiple_protocol_headers");
    if (equals_nocase(name, "Extensions")) add_items(ws.row.server_extensions, value);
    if (equals_nocase(name, "Accept")) set(ws.accept, "websocket_multiple_accept_headers");
  }
}

void HttpAnalyzer::websocket_established() {
  WebsocketHandshake nothing;
  WebsocketHandshake& ws = log_->websocket ? *log_->websocket : nothing;
  if (!log_->websocket) c_->weird("websocket_established_unexpected", {}, kSource);
  if (!ws.key) c_->weird("websocket_missing_key_header", {}, kSource);
  if (!ws.accept) c_->weird("websocket_missing_accept_header", {}, kSource);
  if (ws.key && ws.accept) {
    const std::string expected = websocket::accept_for(*ws.key);
    if (*ws.accept != expected) c_->weird("websocket_wrong_accept_header", "expected=" + expected + ", found=" + *ws.accept, kSource);
  }
  static_cast<ConnHeader&>(ws.row) = c_->conn();
  ws.row.ts = {c_->now()};
  if (log_->current != nullptr) {
    const HttpRecord& http = log_->current->row;
    ws.row.host = http.host;
    ws.row.uri = http.uri;
    ws.row.user_agent = http.user_agent;
  }
  c_->records().write(c_->now(), ws.row.uid, ws.row);
}

}  // namespace sensor
