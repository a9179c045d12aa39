#include "src/session/radius_analyzer.h"

namespace sensor {
namespace {

namespace attribute = radius::attribute;

void set_text(std::optional<std::string>& member, const std::optional<Bytes>& value) {
  if (!member && value) member = as_chars(*value);
}

/// "00-14-22-E9-54-5E:network" and its like: the hexadecimal digits in pairs, if there are as many as an EUI-48 or EUI-64 has.
std::string mac_address(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (char ch : text) {
    if (ch >= 'A' && ch <= 'F') ch = static_cast<char>(ch - 'A' + 'a');
    if (kDigits.find(ch) != std::string_view::npos) digits += ch;
  }
  if (digits.size() != 12 && digits.size() != 16) return {};
  for (size_t i = digits.size() - 2; i > 0; i -= 2) digits.insert(i, 1, ':');
  return digits;
}

void add_request(RadiusRecord& r, const radius::Message& m) {
  set_text(r.username, radius::find(m, attribute::kUserName));
  if (const auto station = radius::find(m, attribute::kCallingStationId); !r.mac && station) r.mac = mac_address(as_chars(*station));
  set_text(r.tunnel_client, radius::find(m, attribute::kTunnelClientEndpoint));
  set_text(r.connect_info, radius::find(m, attribute::kConnectInfo));
}

void add_challenge(RadiusRecord& r, const radius::Message& m) {
  constexpr size_t kAddress = 4;
  if (const auto address = radius::find(m, attribute::kFramedIpAddress); !r.framed_addr && address)
    r.framed_addr = address->size() < kAddress ? IpAddress::v4(0) : IpAddress::from_bytes(address->first(kAddress));
  set_text(r.reply_msg, radius::find(m, attribute::kReplyMessage));
}

}  // namespace

void RadiusAnalyzer::on_data(AnalyzerContext& c, Direction, Bytes datagram) {
  radius::Message m;
  if (!radius::parse(datagram, m)) return c.violation("malformed RADIUS message");
  c.confirm("radius");
  confirmed_ = true;
  if (!row_) {
    row_.emplace();
    static_cast<ConnHeader&>(*row_) = c.conn();
    row_->ts = Time{c.now()};
  }
  switch (m.code) {
    case radius::Code::AccessRequest:
      return add_request(*row_, m);
    case radius::Code::AccessChallenge:
      return add_challenge(*row_, m);
    case radius::Code::AccessAccept:
      return answer(c, "success");
    case radius::Code::AccessReject:
      return answer(c, "failed");
  }
}

void RadiusAnalyzer::answer(AnalyzerContext& c, std::string_view result) {
  if (c.now() != row_->ts.ns) row_->ttl = Interval{c.now() - row_->ts.ns};
  write(c, result);
}

void RadiusAnalyzer::write(AnalyzerContext& c, std::string_view result) {
  row_->result = result;
  c.records().write(c.now(), row_->uid, *row_);
  row_.reset();
}

void RadiusAnalyzer::on_finish(AnalyzerContext& c) {
  if (row_) write(c, "unknown");
}

Probe probe_radius(const ProbeInput& in) {
  return radius::looks_like_request(in.orig.empty() ? in.resp : in.orig) ? Probe::Certain : Probe::NotForUs;
}

}  // namespace sensor
