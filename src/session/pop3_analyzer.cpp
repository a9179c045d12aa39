#include "src/session/pop3_analyzer.h"

#include <algorithm>

#include "dpi/ndpi/ndpi_classifier.h"

namespace sensor {

void Pop3Analyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  c_ = &c;
  direction_ = d;
  piece_ = bytes;
  reader_.feed(d == Direction::Orig, bytes);
  piece_ = {};
}

void Pop3Analyzer::on_eof(AnalyzerContext& c, Direction d) {
  c_ = &c;
  direction_ = d;
  reader_.eof(d == Direction::Orig);
}

void Pop3Analyzer::on_finish(AnalyzerContext& c) {
  c_ = &c;
  reader_.finish();
}

void Pop3Analyzer::on_weird(std::string_view name, std::string_view addl, std::string_view source) {
  if (name == "exceeded_mime_max_header_bytes") c_->add_history('X');
  c_->weird(name, addl, source);
}

void Pop3Analyzer::on_body(Bytes bytes) {
  FileAnalysis& files = c_->files();
  if (!files.alive(file_)) {
    const Uid fuid = FileAnalysis::fuid(c_->conn().uid, "POP3", parts_, false);
    file_ = files.open(*c_, {.fuid = fuid, .source = "POP3"}).handle;
  }
  files.data(*c_, file_, bytes);
}

void Pop3Analyzer::close_file() {
  c_->files().close(*c_, file_);
  file_ = {};
}

void Pop3Analyzer::on_starttls(size_t rest) {
  c_->variant(ConfirmedProtocol::Pops);
  c_->start(ProtocolId::Tls, direction_, piece_.last(std::min(rest, piece_.size())));
  c_->done();
}

Probe probe_pop3(const ProbeInput& in) {
  switch (pop3::looks_like(in.orig, in.resp)) {
    case pop3::Match::Yes:
      return Probe::Certain;
    case pop3::Match::Unsure:
      return Probe::Unsure;
    case pop3::Match::No:
      break;
  }
  return Probe::NotForUs;
}

}  // namespace sensor
