// SMTP on one connection: rows of smtp.log, and the parts of mails handed to the file analysis.
#pragma once

#include <optional>
#include <string>

#include "dpi/smtp/reader.h"
#include "sensor/record/smtp.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/file_analysis.h"
#include "sensor/session/protocols.h"

namespace sensor {

class SmtpAnalyzer final : public Analyzer, private smtp::Sink {
 public:
  static constexpr size_t kMaxAddresses = 1000;  // in each of RCPT TO, To, CC and the path
  static constexpr size_t kMaxInvalidTransactions = 25;
  static constexpr size_t kMaxFiles = 1000;
  static constexpr size_t kSureFiles = 64;  // that a row has room for, whatever else it holds
  /// What the values of a row may take of a record batch; text beyond it is cut off, list members beyond it are left out.
  static constexpr size_t kMaxRowBytes = 62 * 1024;

  SmtpAnalyzer() : reader_(*this) {}

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;
  void on_eof(AnalyzerContext& c, Direction d) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  void on_request(std::string_view word, std::string_view argument) override;
  void on_reply(const smtp::Reply& reply) override;
  void on_starttls(size_t rest) override;
  void on_violation(std::string_view reason) override { c_->violation(reason); }
  void on_weird(std::string_view name, std::string_view addl, std::string_view source) override;
  void on_entity_begin() override;
  void on_header(const mime::Header& header) override;
  void on_body(bool from_client, Bytes bytes) override;
  void on_body_gap(bool from_client, uint64_t offset, uint64_t length) override;
  void on_entity_end() override;
  void on_mail_end() override;

  void begin_session();
  void new_row();
  void write();
  void recipients(std::string_view argument);
  void sender(std::string_view argument);
  void data_begins(std::string_view word, std::string_view argument);
  void invalid_transaction(std::string_view what);
  void row_header(std::string_view name, std::string_view value);
  void received(std::string_view value);
  void part_filename(const mime::Header& header);
  void add_addresses(std::optional<Set<std::string>>& set, std::vector<std::string> addresses, std::string_view weird);
  void set_text(std::optional<std::string>& field, std::string_view value);
  bool take_room(size_t bytes);
  Uid file_id() const;
  FileHandle open_file(bool from_client);
  void close_file();

  smtp::Reader reader_;
  AnalyzerContext* c_ = nullptr;  // valid during a call from the session
  Direction direction_ = Direction::Orig;
  Bytes piece_;

  // The session, once a command or reply was seen.
  std::optional<SmtpRecord> row_;
  size_t room_ = 0;  // bytes the row may still grow
  std::optional<std::string> helo_;
  uint64_t messages_ = 0;
  uint64_t parts_ = 0;      // begun in this session
  uint64_t row_parts_ = 0;  // begun since the row was
  uint64_t invalid_transactions_ = 0;
  bool client_active_ = false;  // the row is worth writing
  bool mail_from_seen_ = false, rcpt_to_seen_ = false, last_chunk_seen_ = false;
  bool stopped_ = false;  // too many mistakes: nothing more is read
  bool in_part_ = false;
  std::string filename_;  // of the part at hand
  FileHandle file_;
};

inline constexpr std::array<uint16_t, 2> kSmtpPorts{25, 587};
Probe probe_smtp(const ProbeInput& in);

}  // namespace sensor
