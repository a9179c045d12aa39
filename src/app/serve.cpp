#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include "run_parts.h"
#include "sensor/api/api_server.h"
#include "sensor/api/json_text.h"
#include "sensor/capture/interface_list.h"
#include "sensor/capture/interfaces.h"
#include "sensor/capture/pcap_file.h"

namespace sensor {
namespace {

namespace fs = std::filesystem;

/// How often the main thread looks for a signal.
constexpr std::chrono::milliseconds kLook{100};

void say(const std::string& sentence) {
  std::fprintf(stderr, "sensor: %s\n", sentence.c_str());
}

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::vector<std::string> file_names(std::vector<std::string> paths) {
  for (std::string& p : paths) p = fs::path(p).filename().string();
  return paths;
}

/// The logs of the replay before; nothing else that may stand there.
void empty_replay_dir(const std::string& directory) {
  std::error_code error;
  std::vector<fs::path> logs;
  for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.ends_with(".log") || name.ends_with(".json") || name.ends_with(".log.gz") || name.ends_with(".json.gz"))
      logs.push_back(at->path());
  }
  for (const fs::path& log : logs) fs::remove(log, error);
}

HttpResponse done(RunMode mode, const std::string& message) {
  HttpResponse r;
  r.body = fmt::format("{{\"mode\":\"{}\",\"message\":{}}}\n", mode_name(mode), json_string(message));
  return r;
}

HttpResponse refused(const Error& e) {
  if (e.kind == Error::Usage) return http_error(422, "not_usable", e.message);
  return http_error(503, e.message.find("cap_net_raw") == std::string::npos ? "failed" : "not_permitted", e.message);
}

/// One capture at a time, in a thread of its own; the main thread starts and ends it when an order comes.
class ServeSensor final : public Sensor, private ApiBackend {
 public:
  ServeSensor(const Config& config, ReadAgain read_again) : config_(config), read_again_(std::move(read_again)) {}
  ~ServeSensor() override {
    refuse_order();
    end_run();
    api_.reset();
  }

  /// Error as ApiServer::open(), give_up_rights(), ApiServer::start(), and, where there is a capture to begin with, as Sensor::create().
  Status open();

  int run() override;
  void stop() override { stop_.store(true, std::memory_order_relaxed); }
  void reload() override { reload_.store(true, std::memory_order_relaxed); }
  RunStatus status() const override;
  StatsReport top(TopPeriod period) const override;
  std::string failure() const override { return {}; }

 private:
  struct Order {
    const CaptureOrder* wish;
    std::optional<HttpResponse> answer;
  };

  uint64_t run_number() const override { return run_number_.load(std::memory_order_relaxed); }
  std::optional<LastRun> last_run() const override;
  bool replays() const override;
  StatsReport top(std::string_view period) const override;
  std::vector<InterfaceFacts> interfaces() const override;
  HttpResponse capture(const CaptureOrder& order) override;
  Status check_capture_file(const std::string& path) const override;

  ApiOptions api_options() const;
  std::string replay_dir() const { return config_.log_dir + "/replay"; }
  Config config_for(const CaptureOrder& order) const;
  CaptureOrder first_order() const;
  Status begin_run(const CaptureOrder& order);
  void end_run();
  HttpResponse obey(const CaptureOrder& order);
  void look_for_orders();
  void refuse_order();
  Result<Config> read_again_for_run() const;
  void reconfigure();

  Config config_;  // what a capture begins with; the main thread changes what can change
  ReadAgain read_again_;
  std::unique_ptr<ApiServer> api_;
  std::atomic<bool> stop_{false}, reload_{false};

  // The capture. The main thread makes and ends it; others look at it under the mutex.
  mutable std::mutex run_mutex_;
  std::unique_ptr<Sensor> current_;
  Config run_config_;
  RunStatus final_status_;        // of the capture before
  StatsReport final_reports_[3];  // by TopPeriod
  std::optional<LastRun> last_run_;
  std::atomic<uint64_t> run_number_{0};
  std::thread run_thread_;
  std::atomic<bool> run_ended_{false};

  // An order on its way from an HTTP thread to the main thread.
  std::mutex order_mutex_;
  std::condition_variable order_changed_;
  Order* order_ = nullptr;
  bool taking_orders_ = true;
};

ApiOptions ServeSensor::api_options() const {
  ApiOptions o;
  o.socket = status_socket(config_);
  o.address = config_.api_address;
  o.port = static_cast<uint16_t>(config_.api_port);
  o.certificate_file = config_.api_certificate;
  o.key_file = config_.api_key;
  o.plain_http = config_.api_plain_http;
  o.gate.open_reading = config_.api_open_reading;
  o.gate.host_names = split_interfaces(config_.api_host_names);
  o.gate.session_time = std::chrono::seconds(config_.api_session_ns / kSecond);
  o.token_file = config_.api_token_file.empty() ? config_.log_dir + "/api.token" : config_.api_token_file;
  o.database = config_.api_database.empty() ? config_.log_dir + "/history.sqlite" : config_.api_database;
  o.pcap_dir = config_.api_pcap_dir;
  o.upload_bytes = config_.api_upload_mib << 20;
  o.log_dir = config_.log_dir;
  o.archive_dir = config_.rotation.archive;
  o.replay_dir = replay_dir();
  return o;
}

Status ServeSensor::open() {
  auto api = ApiServer::open(api_options(), *this);
  if (!api.ok()) return api.error();
  api_ = std::move(api).value();
  // CAP_NET_RAW is kept, with which interfaces are opened later.
  if (auto s = give_up_rights(config_); !s.ok()) return s;
  final_status_.version = SENSOR_VERSION;
  final_status_.log_dir = config_.log_dir;
  for (const CounterInfo& c : kStatsCounters) final_status_.traffic.emplace_back(c, 0);
  std::error_code error;
  fs::create_directories(config_.log_dir, error);
  // Who is answered may rely on the capture that was asked for at the start.
  if (const CaptureOrder first = first_order(); first.mode != RunMode::Idle)
    if (auto s = begin_run(first); !s.ok()) return s;
  const BlockedSignals blocked;
  return api_->start();
}

CaptureOrder ServeSensor::first_order() const {
  CaptureOrder o;
  o.interfaces = config_.interfaces;
  o.filter = config_.filter;
  o.files = config_.pcap_files;
  o.mode = !o.files.empty() ? RunMode::Replay : split_interfaces(o.interfaces).empty() ? RunMode::Idle : RunMode::Live;
  return o;
}

Config ServeSensor::config_for(const CaptureOrder& order) const {
  Config c = config_;
  c.interfaces = order.mode == RunMode::Live ? order.interfaces : "";
  c.pcap_files = order.files;
  c.filter = order.filter;
  c.quiet = true;
  if (order.ignore_checksums) c.ignore_checksums = *order.ignore_checksums;
  if (order.mode == RunMode::Live) return c;
  c.log_dir = replay_dir();
  c.rotation.archive.clear();
  return c;
}

Status ServeSensor::begin_run(const CaptureOrder& order) {
  const Config c = config_for(order);
  if (order.mode == RunMode::Live)
    for (const std::string& name : split_interfaces(c.interfaces))
      if (auto s = check_interface(name); !s.ok()) return s;
  if (order.mode == RunMode::Replay) empty_replay_dir(c.log_dir);
  auto created = Sensor::create_within(c, [this] { return read_again_for_run(); });
  if (!created.ok()) return created.error();
  {
    std::lock_guard lock(run_mutex_);
    current_ = std::move(created).value();
    run_config_ = c;
    run_number_.fetch_add(1, std::memory_order_relaxed);
    run_ended_.store(false, std::memory_order_relaxed);
  }
  const BlockedSignals blocked;
  run_thread_ = std::thread([this, sensor = current_.get()] {
    (void)sensor->run();
    run_ended_.store(true, std::memory_order_release);
    order_changed_.notify_all();
  });
  ::pthread_setname_np(run_thread_.native_handle(), "capture");
  return Ok{};
}

/// Ends the capture, if there is one: everything that is open is written.
void ServeSensor::end_run() {
  if (!run_thread_.joinable()) return;
  current_->stop();
  run_thread_.join();
  const RunStatus last = current_->status();
  std::unique_ptr<Sensor> ended;
  std::lock_guard lock(run_mutex_);
  final_status_ = last;
  for (const TopPeriod p : {TopPeriod::Current, TopPeriod::Last, TopPeriod::Run}) final_reports_[static_cast<size_t>(p)] = current_->top(p);
  last_run_ = LastRun{last.mode,
                      last.mode == RunMode::Live ? last.interfaces : fmt::format("{}", fmt::join(file_names(run_config_.pcap_files), ", ")),
                      current_->failure(), now_seconds(), last.ledger.delivered};
  ended = std::move(current_);
}

HttpResponse ServeSensor::obey(const CaptureOrder& order) {
  end_run();
  if (order.mode == RunMode::Idle) {
    say("the capture was stopped");
    return done(RunMode::Idle, "stopped");
  }
  if (auto s = begin_run(order); !s.ok()) {
    say(s.error().message);
    return refused(s.error());
  }
  const std::string what = order.mode == RunMode::Live
                               ? "capturing from " + order.interfaces
                               : fmt::format("replaying {} file{}", order.files.size(), order.files.size() == 1 ? "" : "s");
  say(what);
  return done(order.mode, what);
}

int ServeSensor::run() {
  if (!config_.quiet)
    fmt::print("{}\nlog in with the token in {}\n",
               api_->url().empty() ? "serving on " + status_socket(config_) : "serving on " + api_->url(), api_options().token_file);
  std::fflush(stdout);
  while (!stop_.load(std::memory_order_relaxed)) {
    look_for_orders();
    if (run_ended_.exchange(false, std::memory_order_acquire)) {
      end_run();
      say(last_run()->message.empty() ? "the capture has ended" : "the capture has ended: " + last_run()->message);
    }
    if (reload_.exchange(false, std::memory_order_relaxed)) reconfigure();
  }
  refuse_order();
  end_run();
  api_->stop();
  return 0;
}

/// Waits a moment for one.
void ServeSensor::look_for_orders() {
  std::unique_lock lock(order_mutex_);
  const auto is_fresh = [this] { return order_ != nullptr && !order_->answer; };
  if (!order_changed_.wait_for(lock, kLook, is_fresh)) return;
  Order& order = *order_;
  lock.unlock();
  HttpResponse answer = obey(*order.wish);
  lock.lock();
  order.answer = std::move(answer);
  lock.unlock();
  order_changed_.notify_all();
}

void ServeSensor::refuse_order() {
  {
    std::lock_guard lock(order_mutex_);
    taking_orders_ = false;
    if (order_ != nullptr && !order_->answer) order_->answer = http_error(503, "failed", "the sensor is ending");
  }
  order_changed_.notify_all();
}

/// In an HTTP thread.
HttpResponse ServeSensor::capture(const CaptureOrder& wish) {
  std::unique_lock lock(order_mutex_);
  if (!taking_orders_) return http_error(503, "failed", "the sensor is ending");
  if (order_ != nullptr) return http_error(409, "busy", "another order is being carried out; try again when it is done");
  Order order{&wish, {}};
  order_ = &order;
  order_changed_.notify_all();
  order_changed_.wait(lock, [&] { return order.answer.has_value(); });
  order_ = nullptr;
  return std::move(*order.answer);
}

/// The capture that runs says itself what it takes over; those that come begin with it. What to capture is the API's to say.
void ServeSensor::reconfigure() {
  const bool capturing = current_ != nullptr && !run_config_.interfaces.empty();
  if (capturing) current_->reload();
  if (!read_again_) return;
  auto read = read_again_();
  if (!read.ok()) {
    if (!capturing) say("the configuration stays as it was: " + read.error().message);
    return;
  }
  Config wanted = std::move(read).value();
  wanted.interfaces = config_.interfaces;
  wanted.filter = config_.filter;
  const ConfigChanges changes = take_over(config_, wanted);
  if (!capturing) say(describe(changes));
}

Result<Config> ServeSensor::read_again_for_run() const {
  auto read = read_again_ ? read_again_() : Result<Config>(config_);
  if (!read.ok()) return read;
  Config c = read.value();
  std::lock_guard lock(run_mutex_);
  c.interfaces = run_config_.interfaces;
  c.filter = run_config_.filter;
  return c;
}

RunStatus ServeSensor::status() const {
  std::lock_guard lock(run_mutex_);
  RunStatus s = current_ != nullptr ? current_->status() : final_status_;
  if (current_ == nullptr) {
    s.mode = RunMode::Idle;
    s.interfaces.clear();
    s.uptime_s = 0;
    s.lag_ns = 0;
    s.connections_open = 0;
    s.replay.reset();
    s.memory_bytes = resident_bytes();
  }
  if (s.replay) s.replay->files = file_names(std::move(s.replay->files));
  return s;
}

StatsReport ServeSensor::top(TopPeriod period) const {
  std::lock_guard lock(run_mutex_);
  return current_ != nullptr ? current_->top(period) : final_reports_[static_cast<size_t>(period)];
}

StatsReport ServeSensor::top(std::string_view period) const {
  return top(period == "current" ? TopPeriod::Current : period == "last" ? TopPeriod::Last : TopPeriod::Run);
}

std::optional<LastRun> ServeSensor::last_run() const {
  std::lock_guard lock(run_mutex_);
  return last_run_;
}

bool ServeSensor::replays() const {
  std::lock_guard lock(run_mutex_);
  return run_config_.interfaces.empty() && run_number_.load(std::memory_order_relaxed) != 0;
}

std::vector<InterfaceFacts> ServeSensor::interfaces() const {
  std::vector<InterfaceFacts> all;
  for (InterfaceDetails& d : list_interfaces())
    all.push_back({std::move(d.name), std::move(d.state), std::move(d.speed), std::move(d.driver), std::move(d.addresses)});
  return all;
}

Status ServeSensor::check_capture_file(const std::string& path) const {
  auto opened = PcapFileSource::open({{path}, ""});
  return opened.ok() ? Status(Ok{}) : Status(opened.error());
}

}  // namespace

Result<std::unique_ptr<Sensor>> create_serve(const Config& config, ReadAgain read_again) {
  auto sensor = std::make_unique<ServeSensor>(config, std::move(read_again));
  if (auto s = sensor->open(); !s.ok()) return s.error();
  return std::unique_ptr<Sensor>(std::move(sensor));
}

}  // namespace sensor
