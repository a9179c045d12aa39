#include "sensor/api/api_server.h"

#include <fmt/format.h>
#include <pthread.h>

#include <charconv>
#include <condition_variable>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "api_document.h"
#include "history.h"
#include "json_body.h"
#include "log_api.h"
#include "pages.h"
#include "pcap_folder.h"
#include "sensor/api/json_text.h"
#include "sensor/api/process_sampler.h"

namespace sensor {
namespace {

constexpr std::chrono::seconds kTick{1};
constexpr size_t kMaxFiles = 100, kMaxInterfaces = 256, kMaxFilter = 4096;
constexpr int64_t kDefaultHistory = 900;

HttpResponse json(std::string body) {
  HttpResponse r;
  r.body = std::move(body);
  return r;
}

HttpResponse bad_request(std::string_view message) {
  return http_error(400, "bad_request", message);
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (path.empty() || (in && !text.str().empty())) return path.empty() ? std::string() : text.str();
  return Error{Error::Usage, fmt::format("cannot read {}; set api.certificate and api.key", path)};
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

/// A number out of the query; nothing: it is none. `fallback` where it is missing.
std::optional<double> number(const HttpRequest& r, const char* name, double fallback) {
  const auto it = r.query.find(name);
  if (it == r.query.end()) return fallback;
  double n = 0;
  const char* end = it->second.data() + it->second.size();
  const auto [stop, error] = std::from_chars(it->second.data(), end, n);
  constexpr double kLargest = 1e12;
  return error == std::errc{} && stop == end && n >= -kLargest && n <= kLargest ? std::optional(n) : std::nullopt;
}

using Names = std::vector<std::pair<std::string, uint64_t>>;

/// What was counted since the last look. With a new capture, the counts begin at 0.
class Differences {
 public:
  void begin_run(uint64_t number) {
    if (std::exchange(run_, number) != number) before_.clear();
  }
  void add(const std::string& name, uint64_t total, Names& out) {
    const uint64_t last = std::exchange(before_[name], total);
    if (total > last) out.emplace_back(name, total - last);
  }

 private:
  uint64_t run_ = 0;
  std::map<std::string, uint64_t> before_;
};

uint64_t whole(double n) {
  return n > 0 ? static_cast<uint64_t>(n + 0.5) : 0;
}

}  // namespace

class ApiServer::Impl {
 public:
  Impl(ApiOptions options, ApiBackend& backend)
      : options_(std::move(options)),
        backend_(backend),
        pcaps_(options_.pcap_dir, options_.upload_bytes, backend),
        logs_({options_.log_dir, options_.archive_dir, options_.replay_dir}, options_.database, [&backend] { return backend.replays(); }),
        sampler_(directories(options_)) {}

  Status open();
  Status start();
  void stop();
  std::string url() const;

 private:
  static std::vector<std::string> directories(const ApiOptions& o);
  std::vector<Route> routes();
  HttpResponse status();
  HttpResponse top(const HttpRequest& request) const;
  HttpResponse history(const HttpRequest& request) const;
  HttpResponse interfaces() const;
  HttpResponse capture(const HttpRequest& request);
  std::optional<HttpResponse> read_order(const HttpRequest& request, CaptureOrder& order) const;
  void tick();
  void keep(const RunStatus& run, const ProcessStatus& process);

  ApiOptions options_;
  ApiBackend& backend_;
  PcapFolder pcaps_;
  LogApi logs_;
  std::unique_ptr<Gate> gate_;
  std::unique_ptr<History> history_;
  ProcessSampler sampler_;  // the ticking thread's
  Differences drops_, protocols_;
  std::mutex latest_mutex_;
  ProcessStatus latest_;
  std::unique_ptr<HttpServer> http_;
  std::jthread ticker_;
};

std::vector<std::string> ApiServer::Impl::directories(const ApiOptions& o) {
  std::vector<std::string> all{o.log_dir};
  if (!o.archive_dir.empty()) all.push_back(o.archive_dir);
  return all;
}

Status ApiServer::Impl::open() {
  auto certificate = read_file(options_.certificate_file), key = read_file(options_.key_file);
  if (!certificate.ok()) return certificate.error();
  if (!key.ok()) return key.error();
  const bool tls = !certificate.value().empty();
  if (options_.port != 0 && !is_loopback(options_.address) && !tls && !options_.plain_http)
    return Error{
        Error::Usage,
        fmt::format("{} can be reached from elsewhere; set api.certificate and api.key, or api.plain_http = true to do without TLS",
                    options_.address)};
  HttpOptions http;
  http.routes = routes();
  http.admit = [this](const HttpRequest& request, const Route& route) { return gate_->admit(request, route); };
  http.certificate = std::move(certificate).value();
  http.key = std::move(key).value();
  auto server = HttpServer::create(std::move(http));
  if (!server.ok()) return server.error();
  http_ = std::move(server).value();
  return options_.port == 0 ? Status(Ok{}) : http_->listen_tcp(options_.address, options_.port);
}

Status ApiServer::Impl::start() {
  auto token = load_token(options_.token_file);
  if (!token.ok()) return token.error();
  options_.gate.token = token.value();
  gate_ = std::make_unique<Gate>(options_.gate);
  if (auto s = http_->listen_unix(options_.socket); !s.ok()) return s;
  auto history = History::open(options_.database);
  if (!history.ok()) return history.error();
  history_ = std::move(history).value();
  if (auto s = http_->start(); !s.ok()) return s;
  ticker_ = std::jthread([this](const std::stop_token& ended) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    auto next = std::chrono::steady_clock::now();
    while (!ended.stop_requested()) {
      tick();
      next = std::max(next + kTick, std::chrono::steady_clock::now());
      (void)wake.wait_until(lock, ended, next, [&] { return ended.stop_requested(); });
    }
  });
  ::pthread_setname_np(ticker_.native_handle(), "status");
  return Ok{};
}

void ApiServer::Impl::stop() {
  if (ticker_.joinable()) {
    ticker_.request_stop();
    ticker_.join();
  }
  http_.reset();
  history_.reset();
}

std::string ApiServer::Impl::url() const {
  if (options_.port == 0) return {};
  const bool v6 = options_.address.find(':') != std::string::npos;
  return fmt::format("{}://{}:{}/", options_.certificate_file.empty() ? "http" : "https",
                     v6 ? "[" + options_.address + "]" : options_.address, options_.port);
}

std::vector<Route> ApiServer::Impl::routes() {
  using R = const HttpRequest&;
  std::vector<Route> all = page_routes();
  const auto add = [&all](const char* method, const char* path, Access access, bool quick,
                          std::function<HttpResponse(R)> handle) -> Route& {
    return all.emplace_back(Route{method, path, access, std::move(handle), quick});
  };
  add("GET", "/healthz", Access::Open, true, [](R) {
    HttpResponse r;
    r.content_type = "text/plain";
    r.body = "ok\n";
    return r;
  });
  add("GET", "/metrics", Access::Read, false, [this](R) {
    HttpResponse r = json(metrics_text(backend_.status()));
    r.content_type = "text/plain; version=0.0.4";
    return r;
  });
  add("GET", "/api/v1/openapi.json", Access::Open, true, [](R) { return json(std::string(kApiDocument)); });
  add("GET", "/api/v1/session", Access::Open, true, [this](R r) { return gate_->state(r); });
  add("POST", "/api/v1/session", Access::Open, true, [this](R r) { return gate_->log_in(r); });
  add("DELETE", "/api/v1/session", Access::Open, true, [this](R r) { return gate_->log_out(r); });
  add("GET", "/api/v1/status", Access::Read, false, [this](R) { return status(); });
  add("GET", "/api/v1/stream", Access::Read, true, {}).stream = true;
  add("GET", "/api/v1/top", Access::Read, false, [this](R r) { return top(r); });
  add("GET", "/api/v1/history", Access::Read, false, [this](R r) { return history(r); });
  add("GET", "/api/v1/logs", Access::Read, false, [this](R r) { return logs_.logs(r); });
  add("GET", "/api/v1/logs/{log}", Access::Read, false, [this](R r) { return logs_.log(r); });
  add("GET", "/api/v1/connections/{uid}", Access::Read, false, [this](R r) { return logs_.connection(r); });
  add("GET", "/api/v1/notices", Access::Read, false, [this](R r) { return logs_.notices(r); });
  add("POST", "/api/v1/notices/{id}/ack", Access::Control, false, [this](R r) { return logs_.acknowledge(r); });
  add("GET", "/api/v1/interfaces", Access::Read, false, [this](R) { return interfaces(); });
  add("POST", "/api/v1/capture", Access::Control, false, [this](R r) { return capture(r); });
  add("GET", "/api/v1/pcaps", Access::Read, false, [this](R) { return pcaps_.list(); });
  add("POST", "/api/v1/pcaps", Access::Control, false, {}).upload = [this](R r, HttpResponse& refusal) {
    return pcaps_.open_upload(r, refusal);
  };
  return all;
}

HttpResponse ApiServer::Impl::status() {
  const RunStatus run = backend_.status();
  ProcessStatus process;
  {
    std::lock_guard lock(latest_mutex_);
    process = latest_;
  }
  process.time = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  process.last_run = backend_.last_run();
  return json(status_json(run, &process));
}

HttpResponse ApiServer::Impl::top(const HttpRequest& r) const {
  const auto it = r.query.find("period");
  const std::string period = it == r.query.end() ? "run" : it->second;
  if (period != "current" && period != "last" && period != "run") return bad_request("period is current, last or run");
  return json(top_json(backend_.top(period), period));
}

HttpResponse ApiServer::Impl::history(const HttpRequest& r) const {
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  const auto to = number(r, "to", now);
  const auto from = number(r, "from", to.value_or(0) - static_cast<double>(kDefaultHistory)), step = number(r, "step", 1);
  if (!to || !from || !step || *step < 1) return bad_request("from and to are seconds since 1970, step is a number of seconds");
  const HistoryRange wished{static_cast<int64_t>(*from), static_cast<int64_t>(*to), static_cast<int64_t>(*step)};
  auto answer = history_->json(History::allowed(wished, static_cast<int64_t>(now)));
  return answer.ok() ? json(std::move(answer).value()) : http_error(503, "failed", answer.error().message);
}

HttpResponse ApiServer::Impl::interfaces() const {
  JsonWriter w;
  w.begin('{').key("interfaces").begin('[');
  for (const InterfaceFacts& i : backend_.interfaces()) {
    w.begin('{')
        .member("name", i.name)
        .member("state", i.state)
        .member("speed", i.speed)
        .member("driver", i.driver)
        .key("addresses")
        .begin('[');
    for (const std::string& a : i.addresses) w.value(a);
    w.end(']').end('}');
  }
  return json(w.end(']').end('}').take());
}

HttpResponse ApiServer::Impl::capture(const HttpRequest& request) {
  CaptureOrder order;
  if (auto no = read_order(request, order)) return *no;
  return backend_.capture(order);
}

std::optional<HttpResponse> ApiServer::Impl::read_order(const HttpRequest& request, CaptureOrder& order) const {
  const JsonBody body(request.body);
  const auto mode = body.text("mode");
  const bool filter_fits = !body.has("filter") || (body.text("filter") && body.text("filter")->size() <= kMaxFilter);
  if (!mode || !filter_fits) return bad_request("the body is an object with mode: live, pcap or stop; a filter is a text");
  order.filter = body.text("filter").value_or("");
  if (*mode == "stop") return std::nullopt;
  if (*mode == "live") {
    const auto interface = body.text("interface");
    if (!interface || interface->empty() || interface->size() > kMaxInterfaces) return bad_request("a live capture names an interface");
    order.mode = RunMode::Live;
    order.interfaces = *interface;
    return std::nullopt;
  }
  const auto files = body.texts("files");
  if (*mode != "pcap" || !files || files->empty() || files->size() > kMaxFiles)
    return bad_request("mode is live, pcap or stop; for pcap, files is a list of 1 to 100 names");
  order.mode = RunMode::Replay;
  order.ignore_checksums = body.flag("ignore_checksums");
  if (!pcaps_.exists()) return http_error(422, "not_configured", "there is no folder for capture files; set api.pcap_dir");
  for (const std::string& name : *files) {
    const auto path = pcaps_.path_of(name);
    if (!path) return http_error(422, "not_usable", fmt::format("there is no capture file '{}' in the folder", name));
    order.files.push_back(*path);
  }
  return std::nullopt;
}

/// Once a second: what happened since the last time goes to the streams and into the history.
void ApiServer::Impl::tick() {
  const RunStatus run = backend_.status();
  ProcessStatus process = sampler_.tick(run, backend_.run_number());
  process.last_run = backend_.last_run();
  http_->publish("status", status_json(run, &process), [this](const HttpRequest& r) { return gate_->may_read(r); });
  keep(run, process);
  std::lock_guard lock(latest_mutex_);
  latest_ = std::move(process);
}

void ApiServer::Impl::keep(const RunStatus& run, const ProcessStatus& process) {
  const uint64_t number = backend_.run_number();
  HistorySample s;
  s.time = static_cast<int64_t>(process.time);
  s.seconds = process.interval_s;
  s.packets = whole(process.rates.packets * s.seconds);
  s.bits = whole(process.rates.bits * s.seconds);
  s.connections = whole(process.rates.connections * s.seconds);
  s.drops = whole(process.rates.drops * s.seconds);
  s.records = whole(process.rates.records * s.seconds);
  s.connections_open = run.connections_open;
  s.memory_bytes = run.memory_bytes;
  s.cpu_percent = process.cpu_percent;
  drops_.begin_run(number);
  protocols_.begin_run(number);
  std::map<std::string, uint64_t> reasons;
  for (const WorkerStatus& w : run.workers)
    for (const auto& [info, n] : w.queue)
      if (info.name.starts_with("packets_dropped_")) reasons[std::string(info.name)] += n;
  for (const auto& [name, n] : reasons) drops_.add(name, n, s.drop_reasons);
  for (const NameCount& c : backend_.top("run").services) protocols_.add(c.name, c.connections, s.protocols);
  history_->add(std::move(s));
}

Result<std::unique_ptr<ApiServer>> ApiServer::open(ApiOptions options, ApiBackend& backend) {
  auto impl = std::make_unique<Impl>(std::move(options), backend);
  if (auto s = impl->open(); !s.ok()) return s.error();
  return std::unique_ptr<ApiServer>(new ApiServer(std::move(impl)));
}

ApiServer::ApiServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ApiServer::~ApiServer() {
  impl_->stop();
}
Status ApiServer::start() {
  return impl_->start();
}
void ApiServer::stop() {
  impl_->stop();
}
std::string ApiServer::url() const {
  return impl_->url();
}

}  // namespace sensor
