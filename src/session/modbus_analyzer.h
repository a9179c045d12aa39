// Modbus on one connection: a row of modbus.log for each message.
#pragma once

#include <array>

#include "dpi/modbus/modbus.h"
#include "sensor/record/modbus.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

class ModbusAnalyzer final : public Analyzer, private modbus::Sink {
 public:
  ModbusAnalyzer() : reader_(*this) {}

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;

 private:
  void on_header(bool from_client, const modbus::Header& header) override;
  void on_exception(uint8_t code) override;
  void on_message() override { c_->confirm("modbus"); }
  void on_violation(std::string_view reason) override { c_->violation(reason); }

  modbus::Reader reader_;
  AnalyzerContext* c_ = nullptr;  // valid during a call from the session
  ModbusRecord row_;              // of the last header
};

inline constexpr std::array<uint16_t, 1> kModbusPorts{502};
Probe probe_modbus(const ProbeInput& in);

}  // namespace sensor
