#include "dpi/modbus/body.h"

#include "dpi/modbus/modbus.h"

namespace sensor::modbus {
namespace {

enum Function : uint8_t {
  kReadCoils = 1,
  kReadDiscreteInputs = 2,
  kReadHoldingRegisters = 3,
  kReadInputRegisters = 4,
  kWriteSingleCoil = 5,
  kWriteSingleRegister = 6,
  kDiagnostics = 8,
  kWriteMultipleCoils = 15,
  kWriteMultipleRegisters = 16,
  kReadFileRecord = 20,
  kWriteFileRecord = 21,
  kMaskWriteRegister = 22,
  kReadWriteMultipleRegisters = 23,
  kReadFifoQueue = 24,
  kEncapsulatedInterface = 43,
};
constexpr size_t kRegisterBytes = 2;

Body good_if(bool good) {
  return good ? Body::Good : Body::Malformed;
}

Body at_least(const ByteReader& r, size_t n) {
  return good_if(r.remaining() >= n);
}

/// A length of one byte, and as many bytes.
Body counted(ByteReader& r) {
  r.skip(r.u8());
  return good_if(r.ok());
}

/// As `counted`, in registers.
Body counted_registers(ByteReader& r) {
  const bool odd = r.peek() % kRegisterBytes != 0;
  return counted(r) == Body::Good && odd ? Body::OddRegisters : good_if(r.ok());
}

/// The number of registers, a length of one byte, and no fewer bytes than the registers take.
Body numbered_registers(ByteReader& r) {
  const uint16_t registers = r.u16();
  const uint8_t length = r.u8();
  r.skip(length);
  const bool good = r.ok() && registers * kRegisterBytes <= length;
  return good && length % kRegisterBytes != 0 ? Body::OddRegisters : good_if(good);
}

/// The length of what follows, the number of registers, and they themselves.
Body queued_registers(ByteReader& r) {
  const bool odd = r.u16() % kRegisterBytes != 0;
  r.skip(r.u16() * kRegisterBytes);
  return r.ok() && odd ? Body::OddRegisters : good_if(r.ok());
}

/// A length of one byte, filled by what `record` reads.
template <class Record>
Body records(ByteReader& r, Record record) {
  ByteReader list = r.sub(r.u8());
  while (!list.empty()) record(list);
  return good_if(r.ok() && list.ok());
}
void file_reference(ByteReader& r) {
  r.skip(7);  // type, file, record, length
}
void file_content(ByteReader& r) {
  r.skip(r.u8() + size_t{1});
}
void file_reference_and_content(ByteReader& r) {
  r.skip(5);
  r.skip(r.u16() * kRegisterBytes);
}

Body check_request(uint8_t function, ByteReader& r) {
  switch (function) {
    case kWriteMultipleCoils:
      r.skip(4);
      return counted(r);
    case kWriteMultipleRegisters:
      r.skip(2);
      return numbered_registers(r);
    case kReadFileRecord:
      return records(r, file_reference);
    case kReadWriteMultipleRegisters:
      r.skip(6);
      return numbered_registers(r);
    case kReadFifoQueue:
      return at_least(r, 2);
    case kReadCoils:
    case kReadDiscreteInputs:
    case kReadHoldingRegisters:
    case kReadInputRegisters:
      return at_least(r, 4);
    default:
      return Body::Good;
  }
}

Body check_response(uint8_t function, ByteReader& r) {
  switch (function) {
    case kReadCoils:
    case kReadDiscreteInputs:
      return counted(r);
    case kReadHoldingRegisters:
    case kReadInputRegisters:
    case kReadWriteMultipleRegisters:
      return counted_registers(r);
    case kWriteMultipleCoils:
    case kWriteMultipleRegisters:
      return at_least(r, 4);
    case kReadFileRecord:
      return records(r, file_content);
    case kReadFifoQueue:
      return queued_registers(r);
    default:
      return Body::Good;
  }
}

}  // namespace

Body check_body(bool from_client, uint8_t function, ByteReader r) {
  if ((function & kExceptionBit) != 0) return from_client ? Body::Good : at_least(r, 1);
  switch (function) {
    case kWriteSingleCoil:
    case kWriteSingleRegister:
      return at_least(r, 4);
    case kMaskWriteRegister:
      return at_least(r, 6);
    case kDiagnostics:
      return at_least(r, 2);
    case kEncapsulatedInterface:
      return at_least(r, 1);
    case kWriteFileRecord:
      return records(r, file_reference_and_content);
    default:
      return from_client ? check_request(function, r) : check_response(function, r);
  }
}

}  // namespace sensor::modbus
