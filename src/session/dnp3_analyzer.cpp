#include "src/session/dnp3_analyzer.h"

namespace sensor {

void Dnp3Analyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  c_ = &c;
  reader_.feed(d == Direction::Orig, bytes);
}

void Dnp3Analyzer::on_finish(AnalyzerContext& c) {
  c_ = &c;
  if (row_) write();
}

void Dnp3Analyzer::on_frame() {
  c_->confirm(c_->transport() == Transport::Tcp ? "dnp3_tcp" : "dnp3_udp");
}

void Dnp3Analyzer::weird(std::string_view name) {
  c_->weird(name, {}, c_->transport() == Transport::Tcp ? "DNP3_TCP" : "DNP3_UDP");
}

Dnp3Record& Dnp3Analyzer::row() {
  if (!row_) static_cast<ConnHeader&>(row_.emplace()) = c_->conn();
  row_->ts = Time{c_->now()};
  return *row_;
}

void Dnp3Analyzer::write() {
  c_->records().write(c_->now(), row_->uid, *row_);
  row_.reset();
}

void Dnp3Analyzer::on_request(uint8_t function) {
  row().fc_request = dnp3::function_name(function);
}

void Dnp3Analyzer::on_response(uint8_t function, uint16_t indications) {
  row().fc_reply = dnp3::function_name(function);
  row_->iin = indications;
  write();
}

void Dnp3Analyzer::on_problem(dnp3::Problem problem) {
  switch (problem) {
    case dnp3::Problem::NoStart:
      return weird("dnp3_header_lacks_magic");
    case dnp3::Problem::HeaderChecksum:
      weird("dnp3_corrupt_header_checksum");
      return c_->violation("wrong checksum of a DNP3 frame");
    case dnp3::Problem::BlockChecksum:
      return weird("dnp3_corrupt_app_chunk_checksum");
    case dnp3::Problem::Length:
      return weird("dnp3_negative_or_zero_length_link_layer");
    case dnp3::Problem::MissingSegment:
      return weird("dnp3_first_application_layer_chunk_missing");
    case dnp3::Problem::Fragment:
      return c_->violation("DNP3 fragment without a header");
  }
}

Probe probe_dnp3(const ProbeInput& in) {
  const auto orig = dnp3::looks_like(in.orig), resp = dnp3::looks_like(in.resp);
  if (orig == dnp3::Match::Yes || resp == dnp3::Match::Yes) return Probe::Certain;
  return orig == dnp3::Match::Unsure && resp == dnp3::Match::Unsure ? Probe::Unsure : Probe::NotForUs;
}

}  // namespace sensor
