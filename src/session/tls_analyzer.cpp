#include "src/session/tls_analyzer.h"

#include <utility>

#include "src/session/ftp_analyzer.h"

namespace sensor {

void TlsAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  if (!std::exchange(begun_, true))
    if (const auto* before = static_cast<TlsAnalyzer*>(c.sibling(ProtocolId::Tls)); before != nullptr && before->row_.logged())
      row_.leave_out();
  stream_.on_data(c, d, bytes);
  if (row_.is_established() && !std::exchange(established_, true)) name_grid_ftp(c);
  // A violation ends the analysis, and what followed it in the same bytes may have begun a row.
  if (row_.violated()) row_.finish(c);
  if (stream_.finished()) c.done();
}

/// As in Zeek, FTP whose client asked for GSSAPI and that comes to TLS is taken for GridFTP (GFD.20).
void TlsAnalyzer::name_grid_ftp(AnalyzerContext& c) {
  const auto* ftp = static_cast<FtpAnalyzer*>(c.sibling(ProtocolId::Ftp));
  if (ftp != nullptr && ftp->asks_for_gssapi()) c.confirm_carried("gridftp");
}

void TlsAnalyzer::on_gap(AnalyzerContext& c, Direction, uint64_t) {
  row_.finish(c);
  c.done();
}

void TlsAnalyzer::on_finish(AnalyzerContext& c) {
  row_.finish(c);
}

/// Zeek's row stays with the connection: where TLS is found in it once more, there is no second one.
bool TlsAnalyzer::on_violated(AnalyzerContext& c) {
  row_.finish(c);
  return row_.logged();
}

Probe probe_tls(const ProbeInput& in) {
  const tls::Match client = tls::match_client(in.orig);
  const tls::Match server = tls::match_server(in.resp);
  if (client == tls::Match::Yes || server == tls::Match::Yes) return Probe::Certain;
  return client == tls::Match::No && server == tls::Match::No ? Probe::NotForUs : Probe::Unsure;
}

}  // namespace sensor
