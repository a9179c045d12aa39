#include "src/session/rfb_analyzer.h"

namespace sensor {

void RfbAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  c_ = &c;
  reader_.feed(d == Direction::Orig, bytes);
  if (!reader_.stopped() || violated_) return;
  if (tls_follows_) c.start(ProtocolId::Tls, d, reader_.rest());
  finish(c);
}

void RfbAnalyzer::on_gap(AnalyzerContext& c, Direction, uint64_t) {
  finish(c);
}

void RfbAnalyzer::on_finish(AnalyzerContext& c) {
  if (row_) c.records().write(c.now(), row_->uid, *row_);
  row_.reset();
}

void RfbAnalyzer::finish(AnalyzerContext& c) {
  on_finish(c);
  c.done();
}

RfbRecord& RfbAnalyzer::row() {
  if (row_) return *row_;
  static_cast<ConnHeader&>(row_.emplace()) = c_->conn();
  row_->ts = Time{c_->now()};
  return *row_;
}

void RfbAnalyzer::on_version(bool from_client, std::string_view major, std::string_view minor) {
  RfbRecord& r = row();
  (from_client ? r.client_major_version : r.server_major_version) = major;
  (from_client ? r.client_minor_version : r.server_minor_version) = minor;
  if (from_client) c_->confirm("rfb");
}

void RfbAnalyzer::on_desktop(std::string_view name, uint16_t width, uint16_t height) {
  RfbRecord& r = row();
  r.desktop_name = name.substr(0, kMaxName);
  r.width = width;
  r.height = height;
}

void RfbAnalyzer::on_violation(std::string_view reason) {
  violated_ = true;
  c_->violation(reason);
}

Probe probe_rfb(const ProbeInput& in) {
  switch (rfb::looks_like(in.orig, in.resp)) {
    case rfb::Match::Yes:
      return Probe::Certain;
    case rfb::Match::Unsure:
      return Probe::Unsure;
    case rfb::Match::No:
      break;
  }
  return Probe::NotForUs;
}

}  // namespace sensor
