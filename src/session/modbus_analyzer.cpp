#include "src/session/modbus_analyzer.h"

namespace sensor {

void ModbusAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  c_ = &c;
  reader_.feed(d == Direction::Orig, bytes);
}

/// The row of an exception is written when its code is known.
void ModbusAnalyzer::on_header(bool from_client, const modbus::Header& header) {
  static_cast<ConnHeader&>(row_) = c_->conn();
  row_.ts = Time{c_->now()};
  row_.tid = header.transaction;
  row_.unit = header.unit;
  row_.func = modbus::function_name(header.function);
  row_.pdu_type = from_client ? "REQ" : "RESP";
  if ((header.function & modbus::kExceptionBit) == 0) c_->records().write(c_->now(), row_.uid, row_);
}

void ModbusAnalyzer::on_exception(uint8_t code) {
  row_.exception = modbus::exception_name(code);
  c_->records().write(c_->now(), row_.uid, row_);
  row_.exception.reset();
}

Probe probe_modbus(const ProbeInput& in) {
  switch (modbus::looks_like(in.orig, in.resp)) {
    case modbus::Match::Yes:
      return Probe::Certain;
    case modbus::Match::Unsure:
      return Probe::Unsure;
    case modbus::Match::No:
      break;
  }
  return Probe::NotForUs;
}

}  // namespace sensor
