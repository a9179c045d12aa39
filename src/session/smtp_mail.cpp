// The header of a mail in smtp.log, and its parts as files.
#include <algorithm>

#include "dpi/mime/text.h"
#include "dpi/smtp/addresses.h"
#include "src/session/smtp_analyzer.h"

namespace sensor {
namespace {

constexpr size_t kPerAddress = 17, kPerUid = 16;  // bytes in the row

}  // namespace

void SmtpAnalyzer::on_entity_begin() {
  parts_++;
  row_parts_++;
  in_part_ = true;
  filename_.clear();
  file_ = {};
}

void SmtpAnalyzer::on_header(const mime::Header& header) {
  if (!row_) return;
  part_filename(header);
  // Fields of a part describe that part, not the mail.
  if (row_parts_ <= 1) row_header(header.name, header.value);
}

void SmtpAnalyzer::part_filename(const mime::Header& header) {
  if (!in_part_) {
    c_->weird("missing_SMTP_entity", {}, "SMTP");
    return;
  }
  const bool disposition = mime::equals_nocase(header.name, "content-disposition") && mime::has_parameter(header.value, "filename", true);
  const bool type = mime::equals_nocase(header.name, "content-type") && mime::has_parameter(header.value, "name", false);
  if (disposition || type) filename_ = mime::filename_parameter(header.value).value_or("");
}

void SmtpAnalyzer::row_header(std::string_view name, std::string_view value) {
  const auto is = [name](std::string_view n) { return mime::equals_nocase(name, n); };
  if (is("message-id")) {
    set_text(row_->msg_id, value);
  } else if (is("received")) {
    received(value);
  } else if (is("in-reply-to")) {
    set_text(row_->in_reply_to, value);
  } else if (is("subject")) {
    set_text(row_->subject, value);
  } else if (is("from")) {
    set_text(row_->from, value);
  } else if (is("reply-to")) {
    set_text(row_->reply_to, value);
  } else if (is("date")) {
    set_text(row_->date, value);
  } else if (is("to")) {
    add_addresses(row_->to, smtp::address_list(value), "smtp_too_many_to_addresses");
  } else if (is("cc")) {
    add_addresses(row_->cc, smtp::address_list(value), "smtp_too_many_cc_addresses");
  } else if (is("x-originating-ip")) {
    const auto addresses = smtp::ip_addresses(value, false);
    if (!addresses.empty()) row_->x_originating_ip = addresses[0];
  } else if (is("x-mailer") || is("user-agent") || is("x-user-agent")) {
    set_text(row_->user_agent, value);
  }
}

/// Hosts add these fields on top, so the last one was the first.
void SmtpAnalyzer::received(std::string_view value) {
  if (row_->first_received) {
    const std::string before = *row_->first_received;
    set_text(row_->first_received, {});
    set_text(row_->second_received, before);
  }
  set_text(row_->first_received, value);
  const auto addresses = smtp::ip_addresses(value, true);
  if (addresses.empty()) return;
  const IpAddress& host = addresses[addresses.size() > 1 ? 1 : 0];
  if (row_->path.back() == host) return;
  if (row_->path.size() >= kMaxAddresses) return c_->weird("smtp_max_path_length_exceeded", {}, {});
  if (take_room(kPerAddress)) row_->path.push_back(host);
}

/// Parts are numbered through the session.
Uid SmtpAnalyzer::file_id() const {
  return FileAnalysis::fuid(c_->conn().uid, "SMTP", row_->trans_depth << 32 | parts_, true);
}

FileHandle SmtpAnalyzer::open_file(bool from_client) {
  FileAnalysis& files = c_->files();
  if (!row_ || files.alive(file_)) return file_;
  const auto opened =
      files.open(*c_, {.fuid = file_id(), .source = "SMTP", .is_orig = from_client, .depth = parts_, .filename = filename_});
  file_ = opened.handle;
  if (opened.over_new_connection && !row_->tls && row_->fuids.size() < kMaxFiles && (row_->fuids.size() < kSureFiles || take_room(kPerUid)))
    row_->fuids.push_back(files.fuid(file_));
  return file_;
}

void SmtpAnalyzer::on_body(bool from_client, Bytes bytes) {
  c_->files().data(*c_, open_file(from_client), bytes);
}

void SmtpAnalyzer::on_body_gap(bool from_client, uint64_t offset, uint64_t length) {
  c_->files().gap(*c_, open_file(from_client), offset, length);
}

void SmtpAnalyzer::close_file() {
  if (!row_) return;
  FileAnalysis& files = c_->files();
  files.close(*c_, files.alive(file_) ? file_ : files.find(file_id()));
  file_ = {};
}

void SmtpAnalyzer::on_entity_end() {
  in_part_ = false;
  close_file();
}

void SmtpAnalyzer::on_mail_end() {
  close_file();
}

}  // namespace sensor
