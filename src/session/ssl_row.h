// The row of ssl.log that a connection's handshake adds up to, whatever carries it: TCP, DTLS or QUIC.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "dpi/tls/extensions.h"
#include "dpi/tls/handshake.h"
#include "dpi/x509/x509.h"
#include "sensor/record/ssl.h"
#include "sensor/session/analyzer.h"

namespace sensor {

/// Of one handshake: the client's first hello, the server's one that is no request to begin anew. Empty: not seen whole.
struct HelloFingerprints {
  std::string ja3, ja3s, ja4;
};

/// Takes what the handshake shows in the order of the wire and writes one row: when the handshake is done, when the protocol is violated,
/// or when the connection ends, whichever comes first. What comes after that changes nothing.
class SslRow {
 public:
  bool started() const { return started_; }
  bool logged() const { return logged_; }

  void extensions(AnalyzerContext& c, tls::Hello hello, const tls::Extensions& e);
  void client_hello(AnalyzerContext& c, const tls::SessionId& session_id);
  void server_hello(AnalyzerContext& c, const tls::ServerHello& hello);
  /// SSLv2 has neither sessions to resume nor a handshake layer.
  void ssl2_client_hello(AnalyzerContext& c, const tls::SessionId& session_id);
  void ssl2_server_hello(AnalyzerContext& c, uint16_t version, uint32_t cipher);
  void fingerprints(const HelloFingerprints& f);
  /// A whole handshake message was read, hellos included.
  void handshake_message(AnalyzerContext& c, bool from_client, uint8_t type);
  void change_cipher_spec(AnalyzerContext& c, bool from_client);
  void alert(AnalyzerContext& c, bool from_client, uint32_t description);
  void heartbeat(AnalyzerContext& c, bool from_client);
  /// A record that was not encrypted was read.
  void plaintext_record(AnalyzerContext& c, uint16_t content_type);
  void curve(AnalyzerContext& c, uint16_t group);
  /// nullptr: the bytes were no certificate.
  void certificate(AnalyzerContext& c, bool from_client, const Uid& file, std::shared_ptr<const x509::Certificate> certificate);
  /// Client and server are the other way round than originator and responder.
  void direction_flipped(AnalyzerContext& c);
  void established(AnalyzerContext& c);
  bool is_established() const { return record_.established; }
  /// The client has said which server it calls.
  bool server_named() const { return record_.server_name.has_value(); }
  /// The bytes contradict the protocol.
  void violation(AnalyzerContext& c, std::string_view reason);
  bool violated() const { return violated_; }
  /// The connection's row was written already: there will be none of this one.
  void leave_out() { logged_ = true; }
  /// Writes the row if there is one and it is not yet written.
  void finish(AnalyzerContext& c);

 private:
  using Chain = std::vector<std::shared_ptr<const x509::Certificate>>;

  void start(AnalyzerContext& c);
  void add_history(AnalyzerContext& c, bool from_client, char letter);
  void set_version(uint16_t version);
  void add_chains();

  SslRecord record_;
  Chain server_chain_, client_chain_;
  tls::SessionId session_id_{};
  uint16_t version_ = 0;
  bool started_ = false;
  bool logged_ = false;
  bool violated_ = false;
  bool has_version_ = false;
  bool has_session_id_ = false;
  bool has_certificates_ = false;
  bool retry_request_ = false;
  bool ticket_without_session_id_ = false;
  bool client_key_exchange_ = false;
  bool client_psk_ = false;
};

}  // namespace sensor
