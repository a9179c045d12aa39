// The API of a sensor that serves: docs/openapi.json says what it answers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sensor/api/gate.h"
#include "sensor/api/http_server.h"
#include "sensor/api/live_status.h"
#include "sensor/base/result.h"
#include "sensor/stats/report.h"

namespace sensor {

struct CaptureOrder {
  RunMode mode = RunMode::Idle;  // Idle: stop
  std::string interfaces, filter;
  std::vector<std::string> files;  // paths
  std::optional<bool> ignore_checksums;
};

struct InterfaceFacts {
  std::string name, state, speed, driver;
  std::vector<std::string> addresses;
};

/// What the API stands before. All functions: any thread.
class ApiBackend {
 public:
  virtual ~ApiBackend() = default;

  /// Idle: the totals of the capture before.
  virtual RunStatus status() const = 0;
  /// Another number for every capture.
  virtual uint64_t run_number() const = 0;
  virtual std::optional<LastRun> last_run() const = 0;
  /// Whether the capture that runs or ran last is a replay.
  virtual bool replays() const = 0;
  /// "current", "last" or "run".
  virtual StatsReport top(std::string_view period) const = 0;
  virtual std::vector<InterfaceFacts> interfaces() const = 0;
  /// Waits until it is done. Answers as POST /api/v1/capture.
  virtual HttpResponse capture(const CaptureOrder& order) = 0;
  /// Whether a file is a capture.
  virtual Status check_capture_file(const std::string& path) const = 0;
};

struct ApiOptions {
  std::string socket, address;
  uint16_t port = 0;  // 0: the socket only
  std::string certificate_file, key_file;
  bool plain_http = false;
  GateOptions gate;  // its token comes from the file
  std::string token_file, database;
  std::string pcap_dir;  // empty: none
  uint64_t upload_bytes = 0;
  std::string log_dir, archive_dir, replay_dir;  // archive_dir empty: in log_dir
};

class ApiServer {
 public:
  /// Opens the port where it listens and reads the certificate: before rights are given up. Error{Usage}: the port cannot be had, a
  /// certificate cannot be read, or the address is not this host's alone and there is neither TLS nor leave to do without. The backend
  /// outlives the server.
  static Result<std::unique_ptr<ApiServer>> open(ApiOptions options, ApiBackend& backend);
  ~ApiServer();

  /// Reads or makes the token, opens the socket and the database, starts the threads; after rights are given up. Error{Usage}.
  Status start();
  /// Ends the threads. Orders that wait must have been answered.
  void stop();
  /// Where it can be reached, for people; empty: through the socket only.
  std::string url() const;

 private:
  class Impl;
  explicit ApiServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sensor
