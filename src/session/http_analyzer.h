// HTTP on one connection: joins requests with responses into rows of http.log, and hands bodies to the file analysis.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "dpi/http/reader.h"
#include "sensor/record/http.h"
#include "sensor/record/websocket.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/file_analysis.h"
#include "sensor/session/protocols.h"

namespace sensor {

/// What the Sec-WebSocket fields of both sides say (RFC 6455 section 4).
struct WebsocketHandshake {
  WebsocketRecord row;
  std::optional<std::string> key, accept;
};

/// A request, its response, and what is known of the files they carry. Rows are kept below the size of a record batch: text that would
/// exceed kMaxText in sum is cut off.
struct HttpTransaction {
  static constexpr size_t kMaxText = 48 * 1024;

  HttpRecord row;
  uint64_t serial = 0;  // tells the connection's transactions apart
  bool range_request = false;
  uint64_t orig_entities = 0, resp_entities = 0;  // begun so far
  bool in_entity = false;
  std::string entity_filename;
  size_t text_used = 0;

  /// The part of `text` that still fits.
  std::string take(std::string_view text);
};

/// What joins requests with responses. HTTP inside a connection that HTTP opened (CONNECT, WebSocket) goes on counting with it, as in Zeek.
struct HttpLog {
  std::map<uint64_t, HttpTransaction> pending;  // by number; number 0 is never written
  decltype(pending)::node_type detached;        // the current transaction, when it was written already
  HttpTransaction* current = nullptr;           // the one that was worked on last, in either direction; null: none yet
  std::optional<uint64_t> current_number;       // of the current one, while it is pending
  uint64_t current_request = 0, current_response = 0;
  uint64_t depth = 0;  // transactions so far
  size_t readers = 0;  // analyzers that may still add to it
  bool software_told = false;
  std::unique_ptr<WebsocketHandshake> websocket;  // once one of its fields was seen
};

class HttpAnalyzer final : public Analyzer, private http::Sink {
 public:
  static constexpr size_t kMaxPending = 100;
  static constexpr size_t kMaxFilesPerSide = 15;
  /// Bytes of a partial connection after which nothing odd is expected in its lines any more.
  static constexpr uint64_t kMaxPartialBytes = 65536;

  HttpAnalyzer();
  ~HttpAnalyzer() override;

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;
  void on_eof(AnalyzerContext& c, Direction d) override;
  void on_reset(AnalyzerContext& c) override;
  void on_finish(AnalyzerContext& c) override;
  bool on_violated(AnalyzerContext& c) override;
  bool at_rest() const override;
  uint64_t sleep() const override;
  void wake(AnalyzerContext& c, uint64_t memory) override;

 private:
  void on_request(std::string_view method, std::string_view uri) override;
  void on_response(http::Version version, uint32_t code, std::optional<std::string_view> reason) override;
  void on_entity_begin(http::Side side) override;
  void on_header(http::Side side, const mime::Header& header) override;
  void on_body(http::Side side, http::BodyTag& tag, Bytes bytes, const http::BodyPart& part) override;
  void on_body_gap(http::Side side, http::BodyTag& tag, uint64_t offset, uint64_t length) override;
  void on_entity_end(http::Side side) override;
  void on_body_end(http::Side side, http::BodyTag& tag) override;
  void on_message_done(http::Side side, uint64_t body_length) override;
  void on_tunnel(size_t rest) override;
  void on_upgrade(std::string_view protocol, size_t rest) override;
  void on_confirmed() override;
  void on_violation(std::string_view reason) override;
  void on_weird(std::string_view name, std::string_view addl, std::string_view source) override;

  void begin(AnalyzerContext& c) {
    c_ = &c;
    if (!log_) open_log(c);
  }
  void open_log(AnalyzerContext& c);
  void partial_lines(AnalyzerContext& c, Direction d, Bytes bytes);
  /// Makes the transaction current that this side works on.
  void select(http::Side side) {
    const uint64_t number = side == http::Side::Client ? log_->current_request : log_->current_response;
    if (log_->current_number != number) make_current(number);
  }
  void make_current(uint64_t number);
  void release(uint64_t number);
  void write(HttpTransaction& t);
  void flush_pipeline();
  void write_pending();
  void hand_on(size_t rest);
  void websocket_header(http::Side side, const mime::Header& header);
  void websocket_established();
  void client_header(const mime::Header& header);
  void server_header(const mime::Header& header);
  void entity_header(const mime::Header& header);
  void authorization(std::string_view value);
  Uid file_id(http::Side side) const;
  std::string url() const;
  void note_type(bool is_orig, uint64_t serial, std::string_view mime_type);
  void open_file(http::Side side, http::BodyTag& tag);
  void attach_file(http::Side side, FileHandle file);
  void apply(http::Side side, http::BodyTag& tag, const FileUpdate& update);

  http::Reader reader_;
  std::shared_ptr<HttpLog> log_;  // null before the first call from the session
  bool inner_ = false;            // within a connection that HTTP opened
  Bytes piece_;                   // what on_data() was given
  AnalyzerContext* c_ = nullptr;  // valid during a call from the session
  uint64_t partial_bytes_ = 0;
};

/// Whether a connection's first bytes are HTTP, by either side's.
Probe probe_http(const ProbeInput& input);
/// Responder ports on which Zeek expects HTTP.
std::span<const uint16_t> http_ports();
std::unique_ptr<Analyzer> make_http_analyzer();

}  // namespace sensor
