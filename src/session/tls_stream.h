// TLS over a stream of bytes: TCP, or the crypto frames of QUIC made into records.
#pragma once

#include <array>

#include "dpi/tls/record.h"
#include "src/session/carry_over.h"
#include "src/session/tls_records.h"

namespace sensor {

/// Cuts the stream into records and feeds them to the handshake. The row and the observer outlive it.
class TlsStream {
 public:
  explicit TlsStream(SslRow& row, HelloObserver* observer = nullptr)
      : row_(row), handshake_(row, TlsHandshake::Flavor::Tls, observer), records_(row, handshake_) {}

  /// After it returns, finished() tells whether anything that comes can still change the row.
  void on_data(AnalyzerContext& c, Direction d, Bytes bytes);
  bool finished() const { return finished_; }

 private:
  struct Side {
    CarryOver held;        // the beginning of a record, never more than one
    uint32_t to_skip = 0;  // bytes left of an encrypted record
  };

  /// Reads whole records; what is left over is too short for the next one. False: malformed.
  bool consume(AnalyzerContext& c, Direction d, ByteReader& r);
  bool pass_over(AnalyzerContext& c, Direction d, ByteReader& r);
  bool read_record(AnalyzerContext& c, Direction d, const tls::RecordHeader& h, ByteReader r);
  bool read_piece(AnalyzerContext& c, Direction d, const tls::RecordHeader& h, ByteReader& r);
  bool ssl2_client_hello(AnalyzerContext& c, uint16_t head, ByteReader& r);
  bool ssl2_server_hello(AnalyzerContext& c, Direction d, ByteReader& r);
  bool ssl2_client_master_key(AnalyzerContext& c, ByteReader& r);
  /// Data before any sign of encryption means TLS 1.3, where nothing else announces it.
  void begin_encryption_with_data(Direction d, uint16_t content_type);
  void give_up(AnalyzerContext& c, std::string_view reason);

  SslRow& row_;
  TlsHandshake handshake_;
  TlsRecords records_;
  tls::RecordLayer layer_;
  std::array<Side, 2> sides_;
  bool finished_ = false;
};

}  // namespace sensor
