// A row of dns.log as a record.
#pragma once

#include "dns_rows.h"
#include "sensor/session/analyzer.h"

namespace sensor {

/// Whether names on this connection are NetBIOS names: UDP to port 137.
bool is_netbios_name_service(AnalyzerContext& c);

/// Writes the row, due now. The row stays as it is.
void write_dns_row(AnalyzerContext& c, const DnsRow& row);

}  // namespace sensor
