#include <algorithm>

#include "assets.h"
#include "sensor/record/encoder.h"
#include "sensor/record/ftp.h"
#include "sensor/record/http.h"
#include "sensor/record/mysql.h"
#include "sensor/record/smtp.h"
#include "sensor/record/ssh.h"
#include "software_version.h"

namespace sensor {
namespace {

/// Without the protocol's name and version, such as "SSH-2.0-" (RFC 4253 section 4.2).
std::string_view without_protocol(std::string_view identification) {
  constexpr std::string_view kHead = "SSH";
  if (!identification.starts_with(kHead)) return identification;
  identification.remove_prefix(kHead.size());
  identification.remove_prefix(std::min(identification.find_first_not_of("0123456789.-"), identification.size()));
  return identification;
}

/// Programs of web pages on which people write mail.
bool is_webmail(std::string_view agent) {
  const auto has = [agent](std::string_view part) { return agent.find(part) != std::string_view::npos; };
  return agent.starts_with("iPlanet Messenger") || agent.starts_with("Sun Java(tm) System Messenger Express") || has("(IMP)") ||
         agent.starts_with("SquirrelMail") || agent.starts_with("NeoMail") || has("ZimbraWebClient");
}

/// The addresses of a vector.
std::vector<IpAddress> addresses(const Cell& vector) {
  std::vector<IpAddress> out;
  ByteReader in(vector.data);
  Cell item;
  for (uint64_t i = 0; i < vector.number && decode_value(FieldType::Addr, in, item); i++) out.push_back(item.address());
  return out;
}

}  // namespace

SoftwareFinder::SoftwareFinder(const AssetOptions& options, RowSink& rows, WatchList& watch) : options_(options), rows_(rows) {
  watch.add<HttpRecord>([this](const SeenRecord& r) { see_http(r); });
  watch.add<SshRecord>([this](const SeenRecord& r) { see_ssh(r); });
  watch.add<SmtpRecord>([this](const SeenRecord& r) { see_smtp(r); });
  watch.add<FtpRecord>([this](const SeenRecord& r) {
    found(r.due_ns, "FTP::CLIENT", r.cells[column<FtpRecord>("id.orig_h")].address(), std::nullopt,
          r.cells[column<FtpRecord>("client")].chars());
  });
  watch.add<MysqlRecord>([this](const SeenRecord& r) {
    found(r.due_ns, "MySQL::SERVER", r.cells[column<MysqlRecord>("id.resp_h")].address(), std::nullopt,
          r.cells[column<MysqlRecord>("server")].chars());
  });
}

void SoftwareFinder::found(TimeNs now, std::string_view type, const IpAddress& host, std::optional<Port> port, std::string_view text) {
  text = text.substr(0, kMaxTextBytes);
  if (text.empty() || !matches(options_.hosts, host)) return;
  if (!told_.insert(Fingerprint(text).add(host.hi()).add(host.lo()), now)) return;
  SoftwareVersion v = parse_software(text);
  SoftwareRecord row;
  row.ts = {now};
  row.host = host;
  row.host_p = port;
  row.software_type = {type};
  row.name = std::move(v.name);
  row.major = v.major;
  row.minor = v.minor;
  row.minor2 = v.minor2;
  row.minor3 = v.minor3;
  row.addl = std::move(v.addl);
  row.unparsed_version = text;
  put_row(rows_, now, row);
}

void SoftwareFinder::see_http(const SeenRecord& r) {
  const IpAddress server = r.cells[column<HttpRecord>("id.resp_h")].address();
  const Port port{static_cast<uint16_t>(r.cells[column<HttpRecord>("id.resp_p")].number)};
  found(r.due_ns, "HTTP::BROWSER", r.cells[column<HttpRecord>("id.orig_h")].address(), std::nullopt,
        r.cells[column<HttpRecord>("user_agent")].chars());
  found(r.due_ns, "HTTP::SERVER", server, port, r.cells[column<HttpRecord>("server")].chars());
  found(r.due_ns, "HTTP::APPSERVER", server, port, r.cells[column<HttpRecord>("powered_by")].chars());
}

void SoftwareFinder::see_ssh(const SeenRecord& r) {
  const Port port{static_cast<uint16_t>(r.cells[column<SshRecord>("id.resp_p")].number)};
  found(r.due_ns, "SSH::CLIENT", r.cells[column<SshRecord>("id.orig_h")].address(), std::nullopt,
        without_protocol(r.cells[column<SshRecord>("client")].chars()));
  found(r.due_ns, "SSH::SERVER", r.cells[column<SshRecord>("id.resp_h")].address(), port,
        without_protocol(r.cells[column<SshRecord>("server")].chars()));
}

/// The mail's path ends where it was written. Mail from elsewhere may say what it likes, and is not believed.
void SoftwareFinder::see_smtp(const SeenRecord& r) {
  const std::string_view agent = r.cells[column<SmtpRecord>("user_agent")].chars();
  if (agent.empty() || !matches(HostChoice::Local, r.cells[column<SmtpRecord>("id.orig_h")].address())) return;
  const std::vector<IpAddress> path = addresses(r.cells[column<SmtpRecord>("path")]);
  if (path.empty()) return;
  const bool webmail = is_webmail(agent);
  // The host before the last one is the web server, where the first hop was HTTP.
  const bool over_http =
      webmail && path.size() > 1 && r.cells[column<SmtpRecord>("first_received")].chars().find("via HTTP") != std::string_view::npos;
  found(r.due_ns, webmail ? "SMTP::WEBMAIL_SERVER" : "SMTP::MAIL_CLIENT", path[path.size() - (over_http ? 2 : 1)], std::nullopt, agent);
}

}  // namespace sensor
