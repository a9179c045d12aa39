#include "src/session/smtp_analyzer.h"

#include <algorithm>

#include "dpi/mime/text.h"
#include "dpi/smtp/addresses.h"

namespace sensor {
namespace {

constexpr std::string_view kSource = "SMTP";
constexpr size_t kPerString = 4;  // what a list member takes beyond its text

bool begins_nocase(std::string_view text, std::string_view prefix) {
  return mime::equals_nocase(text.substr(0, prefix.size()), prefix);
}

}  // namespace

void SmtpAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  if (stopped_) return;
  c_ = &c;
  direction_ = d;
  piece_ = bytes;
  reader_.feed(d == Direction::Orig, bytes);
  piece_ = {};
}

void SmtpAnalyzer::on_gap(AnalyzerContext& c, Direction, uint64_t bytes) {
  if (stopped_) return;
  c_ = &c;
  reader_.lost(bytes);
}

void SmtpAnalyzer::on_eof(AnalyzerContext& c, Direction d) {
  if (stopped_) return;
  c_ = &c;
  reader_.eof(d == Direction::Orig);
}

void SmtpAnalyzer::on_finish(AnalyzerContext& c) {
  c_ = &c;
  reader_.finish();
  if (row_) write();
}

void SmtpAnalyzer::on_weird(std::string_view name, std::string_view addl, std::string_view source) {
  if (name == "exceeded_mime_max_header_bytes") c_->add_history('X');
  c_->weird(name, addl, source);
}

void SmtpAnalyzer::begin_session() {
  if (!row_) new_row();
}

void SmtpAnalyzer::new_row() {
  static_cast<ConnHeader&>(row_.emplace()) = c_->conn();
  row_->ts = Time{c_->now()};
  row_->trans_depth = messages_ + 1;
  row_->path = {row_->resp_h, row_->orig_h};
  room_ = kMaxRowBytes;
  if (helo_) set_text(row_->helo, *helo_);
  client_active_ = false;
  row_parts_ = 0;
}

void SmtpAnalyzer::write() {
  if (!client_active_) return;
  c_->records().write(c_->now(), row_->uid, *row_);
  new_row();
}

bool SmtpAnalyzer::take_room(size_t bytes) {
  if (bytes > room_) return false;
  room_ -= bytes;
  return true;
}

void SmtpAnalyzer::set_text(std::optional<std::string>& field, std::string_view value) {
  if (field) room_ += field->size();
  field = value.substr(0, room_);
  room_ -= field->size();
}

void SmtpAnalyzer::add_addresses(std::optional<Set<std::string>>& set, std::vector<std::string> addresses, std::string_view weird) {
  if (!set) set.emplace();
  auto& items = set->items;
  for (std::string& a : addresses) {
    if (items.size() >= kMaxAddresses) return c_->weird(weird, {}, {});
    if (std::ranges::find(items, a) != items.end()) continue;
    if (take_room(a.size() + kPerString)) items.push_back(std::move(a));
  }
}

void SmtpAnalyzer::on_request(std::string_view word, std::string_view argument) {
  c_->confirm("smtp");
  begin_session();
  if (word == "HELO" || word == "EHLO") {
    helo_ = argument.substr(0, kMaxRowBytes);
    set_text(row_->helo, argument);
  } else if (word == "RCPT" && begins_nocase(argument, "to:")) {
    recipients(argument);
  } else if (word == "MAIL" && begins_nocase(argument, "from:")) {
    sender(argument);
  } else if (word == "DATA" || word == "BDAT") {
    data_begins(word, argument);
  } else if (word == ".") {
    mail_from_seen_ = rcpt_to_seen_ = false;
  }
}

void SmtpAnalyzer::recipients(std::string_view argument) {
  constexpr std::string_view kOriginal = "ORCPT=rfc822";  // RFC 3461 section 4.2
  auto addresses = smtp::mail_addresses(argument);
  for (std::string& a : addresses) {
    for (size_t at = a.find(kOriginal); at != std::string::npos; at = a.find(kOriginal, at)) {
      a.erase(at, kOriginal.size());
      if (at < a.size() && a[at] == ';') a.erase(at, 1);
    }
  }
  add_addresses(row_->rcptto, std::move(addresses), "smtp_too_many_rcptto_addresses");
  client_active_ = true;
  rcpt_to_seen_ = true;
  if (!mail_from_seen_) invalid_transaction("rcpt to missing mail from");
}

/// A mail whose acknowledgement was not seen is written when the next one begins.
void SmtpAnalyzer::sender(std::string_view argument) {
  write();
  const auto addresses = smtp::mail_addresses(argument);
  if (!addresses.empty() && !addresses[0].empty()) set_text(row_->mailfrom, addresses[0]);
  client_active_ = true;
  mail_from_seen_ = true;
  rcpt_to_seen_ = false;
}

void SmtpAnalyzer::data_begins(std::string_view word, std::string_view argument) {
  if (!rcpt_to_seen_) invalid_transaction("data missing rcpt to");
  if (word != "BDAT" || !argument.ends_with(" LAST")) return;
  mail_from_seen_ = rcpt_to_seen_ = false;
  last_chunk_seen_ = true;
}

void SmtpAnalyzer::invalid_transaction(std::string_view what) {
  c_->weird("smtp_mail_transaction_invalid", what, kSource);
  if (++invalid_transactions_ <= kMaxInvalidTransactions) return;
  c_->weird("smtp_excessive_invalid_mail_transactions", {}, kSource);
  stopped_ = true;
}

void SmtpAnalyzer::on_reply(const smtp::Reply& reply) {
  begin_session();
  set_text(row_->last_reply, std::to_string(reply.code) + " " + std::string(reply.text));
  const bool chunks_done = !reply.continued && reply.command == smtp::Command::Bdat && last_chunk_seen_;
  if (reply.command != smtp::Command::EndOfData && !chunks_done) return;
  messages_++;
  last_chunk_seen_ = false;
  write();
  new_row();
}

void SmtpAnalyzer::on_starttls(size_t rest) {
  if (row_) {
    row_->tls = true;
    client_active_ = true;
  }
  c_->start(ProtocolId::Tls, direction_, piece_.last(std::min(rest, piece_.size())));
}

Probe probe_smtp(const ProbeInput& in) {
  const smtp::Match server = smtp::looks_like_server(in.resp);
  if (server == smtp::Match::No) return Probe::NotForUs;
  return server == smtp::Match::Yes && smtp::looks_like_client(in.orig) == smtp::Match::Yes ? Probe::Certain : Probe::Unsure;
}

}  // namespace sensor
