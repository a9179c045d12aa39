// sip.log: requests and the responses to them.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct SipRecord : ConnHeader {
  uint64_t trans_depth = 0;
  std::optional<std::string> method, uri, date, request_from, request_to, response_from, response_to, reply_to, call_id, seq, subject;
  std::vector<std::string> request_path, response_path;
  std::optional<std::string> user_agent;
  std::optional<uint64_t> status_code;
  std::optional<std::string> status_msg, warning;
  std::optional<uint64_t> request_body_len, response_body_len;
  std::optional<std::string> content_type;
};

template <>
struct LogSchema<SipRecord> {
  using R = SipRecord;
  static constexpr std::string_view path = "sip";
  static constexpr std::string_view doc = "SIP requests, and every response to them.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the request"),
      std::make_tuple(
          field("trans_depth", &R::trans_depth, "0: transactions are not counted"), field("method", &R::method, "method of the request"),
          field("uri", &R::uri, "URI of the request"), field("date", &R::date, "value of the Date field"),
          field("request_from", &R::request_from, "From of the request, without its tag"),
          field("request_to", &R::request_to, "To of the request"),
          field("response_from", &R::response_from, "From of the response, without its tag"),
          field("response_to", &R::response_to, "To of the response"), field("reply_to", &R::reply_to, "value of the Reply-To field"),
          field("call_id", &R::call_id, "value of the Call-ID field"), field("seq", &R::seq, "value of the CSeq field"),
          field("subject", &R::subject, "value of the Subject field"),
          field("request_path", &R::request_path, "Via fields of the requests"),
          field("response_path", &R::response_path, "Via fields of the responses"),
          field("user_agent", &R::user_agent, "value of the User-Agent field"),
          field("status_code", &R::status_code, "status of the response"), field("status_msg", &R::status_msg, "its reason"),
          field("warning", &R::warning, "value of the Warning field"),
          field("request_body_len", &R::request_body_len, "Content-Length of the request"),
          field("response_body_len", &R::response_body_len, "Content-Length of the response"),
          field("content_type", &R::content_type, "Content-Type of the response"), community_id_field()));
};

}  // namespace sensor
