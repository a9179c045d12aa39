#include "src/session/rdp_analyzer.h"

#include "dpi/rdp/names.h"
#include "dpi/text/utf16.h"
#include "sensor/session/file_analysis.h"
#include "src/session/documents.h"

namespace sensor {
namespace {

constexpr std::string_view kService = "rdp";
constexpr size_t kMaxChannels = 31;  // MS-RDPBCGR section 2.2.1.3.4

}  // namespace

void RdpAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  c_ = &c;
  if (row_ && c.now() - row_->ts.ns >= kWatchNs) write(c);
  if (stopped_) return finish(c);
  CarryOver& held = held_[index(d)];
  ByteReader r(held.join(bytes));
  if (!read_packets(r)) {
    stopped_ = true;
    held.clear();
    write(c);
    return c.violation("malformed RDP packet");
  }
  held.keep(r.rest());
  if (!encrypted_) return;
  if (tls_follows_) c.start(ProtocolId::Tls, d, {});
  finish(c);
}

void RdpAnalyzer::on_gap(AnalyzerContext& c, Direction, uint64_t) {
  finish(c);
}

void RdpAnalyzer::on_finish(AnalyzerContext& c) {
  write(c);
}

void RdpAnalyzer::finish(AnalyzerContext& c) {
  write(c);
  c.done();
}

bool RdpAnalyzer::read_packets(ByteReader& r) {
  while (r.remaining() >= rdp::kHeaderBytes) {
    ByteReader ahead = r;
    const size_t length = rdp::packet_length(ahead.rest().first(rdp::kHeaderBytes));
    if (length < rdp::kHeaderBytes) return false;
    if (ahead.remaining() < length) return true;
    const Bytes packet = ahead.bytes(length);
    r = ahead;
    if (!rdp::parse_packet(packet, *this)) return false;
  }
  return true;
}

RdpRecord& RdpAnalyzer::row() {
  if (row_) return *row_;
  static_cast<ConnHeader&>(row_.emplace()) = c_->conn();
  row_->ts = Time{c_->now()};
  return *row_;
}

/// A row that says nothing is not worth writing.
void RdpAnalyzer::write(AnalyzerContext& c) {
  if (!row_ || written_) return;
  written_ = true;
  if (row_->cookie || row_->keyboard_layout || row_->result) c.records().write(c.now(), row_->uid, *row_);
}

void RdpAnalyzer::confirm() {
  row();
  c_->confirm(kService);
}

void RdpAnalyzer::begin_encryption(uint32_t protocol) {
  encrypted_ = true;
  tls_follows_ = protocol != 0;
  if (!row().result) row().result = "encrypted";
  row().security_protocol = rdp::security_protocol_name(protocol);
}

std::string RdpAnalyzer::utf8(Bytes utf16) {
  if (auto text = text::utf16_to_utf8(utf16)) return *text;
  c_->weird("utf16_conversion_failed", "utf16 conversion failed in utf16_to_utf8_val", {});
  return std::string(as_chars(utf16));
}

void RdpAnalyzer::on_connect_request(std::string_view cookie) {
  row().cookie = cookie.substr(0, kMaxCookie);
}

void RdpAnalyzer::on_security_protocol(uint32_t protocol) {
  if (protocol != 0) begin_encryption(protocol);
  row().security_protocol = rdp::security_protocol_name(protocol);
}

void RdpAnalyzer::on_negotiation_failure(uint32_t code) {
  row().result = rdp::failure_name(code);
}

void RdpAnalyzer::on_client_core(const rdp::ClientCore& core) {
  confirm();
  RdpRecord& r = row();
  r.keyboard_layout = rdp::keyboard_name(core.keyboard_layout);
  r.client_build = rdp::build_name(core.client_build);
  r.client_name = utf8(core.client_name);
  r.client_dig_product_id = utf8(core.product_id);
  r.desktop_width = core.desktop_width;
  r.desktop_height = core.desktop_height;
  r.requested_color_depth = core.wants_32_bits ? "32bit" : rdp::color_depth_name(core.high_color_depth);
}

void RdpAnalyzer::on_client_channels(const std::vector<std::string_view>& names) {
  auto& channels = row().client_channels;
  if (!channels) channels.emplace();
  if (channels->size() < names.size()) channels->resize(names.size());
  for (size_t i = 0; i < names.size(); i++) (*channels)[i] = names[i].substr(0, names[i].find_last_not_of('\0') + 1);
  if (names.size() > kMaxChannels) c_->weird("RDP_channels_requested_exceeds_max", std::to_string(names.size()), {});
}

void RdpAnalyzer::on_create_response(uint8_t result) {
  confirm();
  row().result = rdp::result_name(result);
}

void RdpAnalyzer::on_server_security(uint32_t method, uint32_t level) {
  confirm();
  row().encryption_method = rdp::encryption_method_name(method);
  row().encryption_level = rdp::encryption_level_name(level);
  if (method != 0 && level != 0) begin_encryption(0);
}

void RdpAnalyzer::on_certificate(Bytes der) {
  const Uid& conn = c_->conn().uid;
  const DocumentOrigin origin{FileAnalysis::fuid(conn, "RDP", certificates_++, false), conn, c_->now(), c_->now(), false};
  log_certificate(c_->records(), origin, {.host = true, .client = false}, der);
  row().cert_count++;
}

void RdpAnalyzer::on_server_certificate(uint32_t type, bool permanent) {
  constexpr uint32_t kProprietary = 1;
  row().cert_type = rdp::certificate_type_name(type);
  row().cert_permanent = permanent;
  if (type == kProprietary) row().cert_count++;
}

Probe probe_rdp(const ProbeInput& in) {
  switch (rdp::looks_like(in.orig, in.resp)) {
    case rdp::Match::Yes:
      return Probe::Certain;
    case rdp::Match::Unsure:
      return Probe::Unsure;
    case rdp::Match::No:
      break;
  }
  return Probe::NotForUs;
}

}  // namespace sensor
