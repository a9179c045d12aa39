// What header fields put into http.log, and how bodies become files.
#include <algorithm>
#include <array>

#include "dpi/mime/text.h"
#include "dpi/mime/transfer_decoder.h"
#include "dpi/ndpi/ndpi_classifier.h"
#include "http_analyzer.h"

namespace sensor {
namespace {

using http::Side;
using mime::equals_nocase;

/// Fields that proxies add.
constexpr std::array<std::string_view, 7> kProxyFields{"Forwarded", "X-Forwarded-For",  "X-Forwarded-From", "Client-IP",
                                                       "Via",       "Xroxy-Connection", "Proxy-Connection"};

template <class T>
std::vector<T>& list(std::optional<std::vector<T>>& v) {
  return v ? *v : v.emplace();
}

}  // namespace

void HttpAnalyzer::on_header(Side side, const mime::Header& header) {
  select(side);
  if (side == Side::Client)
    client_header(header);
  else if (!log_->software_told)
    server_header(header);
  entity_header(header);
  websocket_header(side, header);
}

void HttpAnalyzer::client_header(const mime::Header& header) {
  HttpTransaction& t = *log_->current;
  const auto is = [&header](std::string_view name) { return equals_nocase(header.name, name); };
  if (is("Referer")) {
    t.row.referrer = t.take(header.value);
  } else if (is("Host")) {
    t.row.host = t.take(header.value);
    c_->hostname(header.value);
  } else if (is("Range")) {
    t.range_request = true;
  } else if (is("Origin")) {
    t.row.origin = t.take(header.value);
  } else if (is("User-Agent")) {
    t.row.user_agent = t.take(header.value);
  } else if (is("Authorization") || is("Proxy-Authorization")) {
    authorization(header.value);
  } else if (std::any_of(kProxyFields.begin(), kProxyFields.end(), is)) {
    if (!t.row.proxied) t.row.proxied.emplace();
    std::string item = t.take(mime::upper(header.name) + " -> " + std::string(header.value));
    auto& items = t.row.proxied->items;
    if (std::find(items.begin(), items.end(), item) == items.end()) items.push_back(std::move(item));
  }
}

/// RFC 9110 section 10.2.4, and what is in use. The first response of a connection that says so tells: servers seldom change.
void HttpAnalyzer::server_header(const mime::Header& header) {
  HttpTransaction& t = *log_->current;
  if (equals_nocase(header.name, "Server"))
    t.row.server = t.take(header.value);
  else if (equals_nocase(header.name, "X-Powered-By"))
    t.row.powered_by = t.take(header.value);
  else if (equals_nocase(header.name, "MicrosoftSharePointTeamServices"))
    t.row.powered_by = t.take("SharePoint/" + std::string(header.value));
}

/// RFC 7617. The password is not kept.
void HttpAnalyzer::authorization(std::string_view value) {
  constexpr std::string_view kScheme = "Basic ";
  if (!equals_nocase(value.substr(0, kScheme.size()), kScheme)) return;
  std::string credentials;
  mime::Base64Decoder decoder;
  decoder.feed(mime::skip_blanks(value.substr(kScheme.size())), credentials);
  if (decoder.odd()) {
    credentials.clear();
  } else {
    decoder.finish(credentials);
  }
  if (decoder.odd()) c_->weird("base64_illegal_encoding", decoder.oddity(), {});
  const size_t colon = credentials.find(':');
  log_->current->row.username =
      log_->current->take(colon == std::string::npos ? "<problem-decoding> (" + std::string(value) + ")" : credentials.substr(0, colon));
}

void HttpAnalyzer::entity_header(const mime::Header& header) {
  if (!log_->current->in_entity) {
    c_->weird("missing_HTTP_entity", {}, "HTTP");
    return;
  }
  const bool disposition = equals_nocase(header.name, "Content-Disposition") && mime::has_parameter(header.value, "filename", true);
  const bool is_type = equals_nocase(header.name, "Content-Type");
  const bool type = is_type && mime::has_parameter(header.value, "name", false);
  if (is_type && (header.value == "application/ocsp-request" || header.value == "application/ocsp-response"))
    c_->variant(ConfirmedProtocol::Ocsp);
  if (disposition || type) log_->current->entity_filename = mime::filename_parameter(header.value).value_or("");
}

std::string HttpAnalyzer::url() const {
  const HttpRecord& row = log_->current->row;
  std::string uri = row.uri.value_or("/<missed_request>");
  if (uri.find("://") != std::string::npos) return uri;
  std::string host = row.host.value_or(row.resp_h.is_v4() ? row.resp_h.to_string() : "[" + row.resp_h.to_string() + "]");
  if (row.resp_p.number != 80) host += ":" + std::to_string(row.resp_p.number);
  return host + uri;
}

/// Responses to range requests of one client for one URL are pieces of one file; any other body is a file of its own.
Uid HttpAnalyzer::file_id(Side side) const {
  const HttpTransaction& t = *log_->current;
  const bool is_orig = side == Side::Client;
  if (t.range_request && !is_orig) return FileAnalysis::fuid("HTTP", t.row.orig_h.to_string() + url(), is_orig);
  const uint64_t entity = is_orig ? t.orig_entities : t.resp_entities;
  return FileAnalysis::fuid(t.row.uid, "HTTP", t.row.trans_depth << 20 | entity, is_orig);
}

/// Gives a body that has no file, or none any more, one: the tag then holds its handle.
void HttpAnalyzer::open_file(Side side, http::BodyTag& tag) {
  if (log_->current == nullptr) return;
  const FileMeta meta{.fuid = file_id(side),
                      .source = "HTTP",
                      .is_orig = side == Side::Client,
                      .filename = log_->current->entity_filename,
                      .owner = log_->current->serial};
  const auto opened = c_->files().open(*c_, meta);
  if (opened.over_new_connection) attach_file(side, opened.handle);
  tag.cookie = opened.handle.value;
}

/// Notes the file in the row, as long as there are not too many.
void HttpAnalyzer::attach_file(Side side, FileHandle file) {
  HttpRecord& row = log_->current->row;
  const bool is_orig = side == Side::Client;
  auto& fuids = list(is_orig ? row.orig_fuids : row.resp_fuids);
  if (fuids.size() >= kMaxFilesPerSide) return;
  fuids.push_back(c_->files().fuid(file));
  if (log_->current->entity_filename.empty()) return;
  list(is_orig ? row.orig_filenames : row.resp_filenames).push_back(log_->current->take(log_->current->entity_filename));
}

/// Notes a file's type in the transaction that opened it, if its row is not written yet.
void HttpAnalyzer::note_type(bool is_orig, uint64_t serial, std::string_view mime_type) {
  for (auto& [number, t] : log_->pending) {
    if (t.serial != serial) continue;
    auto& types = list(is_orig ? t.row.orig_mime_types : t.row.resp_mime_types);
    if (types.size() < kMaxFilesPerSide) types.push_back(mime_type);
  }
}

void HttpAnalyzer::apply(Side side, http::BodyTag& tag, const FileUpdate& update) {
  if (update.closed) tag.cookie = 0;
  if (!update.mime_type.empty() && update.owner_uid == c_->conn().uid) note_type(side == Side::Client, update.owner, update.mime_type);
}

void HttpAnalyzer::on_body(Side side, http::BodyTag& tag, Bytes bytes, const http::BodyPart& part) {
  FileAnalysis& files = c_->files();
  if (!files.alive({tag.cookie})) open_file(side, tag);
  if (part.total) {
    apply(side, tag, files.set_total(*c_, {tag.cookie}, *part.total));
    if (!files.alive({tag.cookie})) open_file(side, tag);
  }
  const FileHandle file{tag.cookie};
  apply(side, tag, part.offset ? files.data_at(*c_, file, *part.offset, bytes) : files.data(*c_, file, bytes));
}

void HttpAnalyzer::on_body_gap(Side side, http::BodyTag& tag, uint64_t offset, uint64_t length) {
  FileAnalysis& files = c_->files();
  if (!files.alive({tag.cookie})) open_file(side, tag);
  apply(side, tag, files.gap(*c_, {tag.cookie}, offset, length));
}

void HttpAnalyzer::on_body_end(Side side, http::BodyTag& tag) {
  FileHandle file{tag.cookie};
  // Of a range others may have brought bytes.
  if (!file && log_->current != nullptr && log_->current->range_request) file = c_->files().find(file_id(side));
  apply(side, tag, c_->files().close(*c_, file));
}

}  // namespace sensor
