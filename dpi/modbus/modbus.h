// Modbus over TCP (MODBUS Messaging on TCP/IP Implementation Guide V1.0b, MODBUS Application Protocol Specification V1.1b3).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::modbus {

/// Beginning of a message: the MBAP header, and the function code behind it.
struct Header {
  uint16_t transaction = 0;
  uint8_t unit = 0;      // the device behind a gateway
  uint8_t function = 0;  // above 0x80: an exception to the function without that bit
};

inline constexpr uint8_t kExceptionBit = 0x80;

/// What a reader finds, in the order of the wire.
class Sink {
 public:
  virtual ~Sink() = default;
  /// Once the header is there; its message may still turn out to be malformed, or never become whole.
  virtual void on_header(bool from_client, const Header& header) = 0;
  /// The server's answer says why the function failed.
  virtual void on_exception(uint8_t code) = 0;
  /// A message is whole, and well-formed.
  virtual void on_message() = 0;
  virtual void on_violation(std::string_view reason) = 0;
};

/// Both directions of a connection. Keeps at most one message of each, 64 KiB. After a malformed message the rest of its piece of stream is
/// dropped: the next one is taken for the beginning of a message.
class Reader {
 public:
  explicit Reader(Sink& sink) : sink_(sink) {}
  void feed(bool from_client, Bytes piece);

 private:
  struct Side {
    std::vector<uint8_t> held;  // of an unfinished message
    bool header_told = false;
  };

  bool read_one(bool from_client, Side& side, ByteReader& r);

  Sink& sink_;
  std::array<Side, 2> sides_;
};

/// Zeek's names. "READ_COILS", "READ_COILS_EXCEPTION", "unknown-99".
std::string function_name(uint8_t function);
/// "ILLEGAL_FUNCTION", "unknown-9".
std::string exception_name(uint8_t code);

enum class Match : uint8_t { No, Unsure, Yes };
/// Whether the first bytes of both sides are a request and its answer.
Match looks_like(Bytes client, Bytes server);

}  // namespace sensor::modbus
