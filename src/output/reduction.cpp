#include "reduction.h"

#include "arp_reduction.h"
#include "dhcp_join.h"
#include "sensor/record/refused.h"
#include "sensor/record/unfilterable_link.h"
#include "weird_reduction.h"

namespace sensor {

std::unique_ptr<Reduction> make_reduction(const LogInfo& log, RowSink& rows) {
  if (log.path == "arp") return std::make_unique<ArpReduction>(log);
  if (log.path == "x509") return std::make_unique<CertificateReduction>(log);
  if (log.path == "weird") return std::make_unique<WeirdReduction>(log);
  if (log.path == log_info<DhcpEventRecord>().path) return std::make_unique<DhcpJoin>(log, rows);
  if (log.path == log_info<RefusedRecord>().path || log.path == log_info<UnfilterableLinkRecord>().path) return std::make_unique<NoRow>();
  return nullptr;
}

CertificateReduction::CertificateReduction(const LogInfo& log)
    : fingerprint_(column_index(log.columns, "fingerprint")),
      host_(column_index(log.columns, "host_cert")),
      client_(column_index(log.columns, "client_cert")) {}

bool CertificateReduction::keep(TimeNs due_ns, std::span<Cell> cells) {
  Fingerprint key(cells[fingerprint_].chars());
  key.add(cells[host_].number).add(cells[client_].number);
  return seen_.insert(key, due_ns);
}

}  // namespace sensor
