// POP3: its service, what is odd about it, the parts of mails as files, and the hand-over to TLS. It has no log, as in Zeek.
#pragma once

#include "dpi/pop3/reader.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/file_analysis.h"
#include "sensor/session/protocols.h"

namespace sensor {

class Pop3Analyzer final : public Analyzer, private pop3::Sink {
 public:
  Pop3Analyzer() : reader_(*this) {}

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_eof(AnalyzerContext& c, Direction d) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  void on_confirmed() override { c_->confirm("pop3"); }
  void on_starttls(size_t rest) override;
  void on_violation(std::string_view reason) override { c_->violation(reason); }
  void on_weird(std::string_view name, std::string_view addl, std::string_view source) override;

  void on_entity_begin() override { parts_++; }
  void on_body(Bytes bytes) override;
  void on_entity_end() override { close_file(); }
  void on_mail_end() override { close_file(); }
  void close_file();

  pop3::Reader reader_;
  AnalyzerContext* c_ = nullptr;  // valid during a call from the session
  Direction direction_ = Direction::Orig;
  Bytes piece_;
  uint64_t parts_ = 0;  // begun
  FileHandle file_;     // of the part at hand, once it has a body
};

Probe probe_pop3(const ProbeInput& in);

}  // namespace sensor
