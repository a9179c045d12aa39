// smtp.log: one row per mail, or per attempt to send one.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct SmtpRecord : ConnHeader {
  uint64_t trans_depth = 0;
  std::optional<std::string> helo, mailfrom;
  std::optional<Set<std::string>> rcptto;
  std::optional<std::string> date, from;
  std::optional<Set<std::string>> to, cc;
  std::optional<std::string> reply_to, msg_id, in_reply_to, subject;
  std::optional<IpAddress> x_originating_ip;
  std::optional<std::string> first_received, second_received, last_reply;
  std::vector<IpAddress> path;
  std::optional<std::string> user_agent;
  bool tls = false;
  std::vector<Uid> fuids;
};

template <>
struct LogSchema<SmtpRecord> {
  using R = SmtpRecord;
  static constexpr std::string_view path = "smtp";
  static constexpr std::string_view doc = "Mail that was sent by SMTP.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time when the transaction was first seen"),
      std::make_tuple(field("trans_depth", &R::trans_depth, "position of the mail in its connection, from 1"),
                      field("helo", &R::helo, "argument of HELO or EHLO"), field("mailfrom", &R::mailfrom, "address in MAIL FROM"),
                      field("rcptto", &R::rcptto, "addresses in RCPT TO"), field("date", &R::date, "value of the Date field"),
                      field("from", &R::from, "value of the From field"), field("to", &R::to, "addresses in the To field"),
                      field("cc", &R::cc, "addresses in the CC field"), field("reply_to", &R::reply_to, "value of the Reply-To field"),
                      field("msg_id", &R::msg_id, "value of the Message-ID field"),
                      field("in_reply_to", &R::in_reply_to, "value of the In-Reply-To field"),
                      field("subject", &R::subject, "value of the Subject field"),
                      field("x_originating_ip", &R::x_originating_ip, "address in the X-Originating-IP field"),
                      field("first_received", &R::first_received, "value of the last Received field, the first one to be added"),
                      field("second_received", &R::second_received, "value of the Received field before that"),
                      field("last_reply", &R::last_reply, "last reply of the server"),
                      field("path", &R::path, "hosts the mail came through, the last one first, by the connection and the Received fields"),
                      field("user_agent", &R::user_agent, "program that wrote the mail"),
                      field("tls", &R::tls, "whether the connection switched to TLS"),
                      field("fuids", &R::fuids, "parts of the mail, see files.log"), community_id_field()));
};

}  // namespace sensor
