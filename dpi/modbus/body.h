// What stands behind the function code of a Modbus message.
#pragma once

#include "sensor/base/byte_reader.h"

namespace sensor::modbus {

enum class Body : uint8_t {
  Good,
  OddRegisters,  // a number of bytes that is no number of registers
  Malformed      // its lengths contradict each other, or its message's
};

/// MODBUS Application Protocol Specification section 6. What is too long is good, and so are functions that the specification leaves open.
Body check_body(bool from_client, uint8_t function, ByteReader body);

}  // namespace sensor::modbus
