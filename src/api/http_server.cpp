#include "sensor/api/http_server.h"

#include <fmt/format.h>
#include <microhttpd.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <thread>

#include "client_limits.h"
#include "event_streams.h"
#include "http_message.h"
#include "listen_socket.h"
#include "routes.h"
#include "sensor/api/json_text.h"
#include "work_pool.h"

namespace sensor {
namespace {

using std::chrono::seconds;

/// One request on its way.
struct Exchange {
  HttpRequest request;
  const Route* route = nullptr;
  std::unique_ptr<BodySink> sink;
  bool sink_full = false;
  size_t received = 0;
  ApiClock::time_point begun;
  std::optional<HttpResponse> response;
};

void no_message(void*, const char*, va_list) {}

}  // namespace

HttpResponse http_error(unsigned status, std::string_view code, std::string_view message) {
  HttpResponse r;
  r.status = status;
  r.body = fmt::format("{{\"error\":{{\"code\":{},\"message\":{}}}}}\n", json_string(code), json_string(message));
  return r;
}

class HttpServer::Impl {
 public:
  explicit Impl(HttpOptions options) : options_(std::move(options)) {}
  ~Impl();

  Status listen_unix(const std::string& path);
  Status listen_tcp(const std::string& address, uint16_t port);
  Status start();

  EventStreams streams{HttpLimits::kStreams};

 private:
  struct Place {
    Impl* server;
    int socket;
    std::string path;  // of a Unix socket
    bool encrypted;
    MHD_Daemon* daemon = nullptr;
  };

  static MHD_Result on_request(void* place, MHD_Connection*, const char* url, const char* method, const char* version, const char* data,
                               size_t* data_size, void** exchange);
  static void on_completed(void* place, MHD_Connection*, void** exchange, MHD_RequestTerminationCode);
  static void on_connection(void* place, MHD_Connection*, void** context, MHD_ConnectionNotificationCode);

  MHD_Result begin(MHD_Connection* c, Exchange& e);
  std::optional<HttpResponse> refusal(MHD_Connection* c, Exchange& e);
  MHD_Result take(MHD_Connection* c, Exchange& e, std::string_view piece);
  MHD_Result answer(MHD_Connection* c, Exchange& e);
  MHD_Result open_stream(MHD_Connection* c, Exchange& e);
  MHD_Result hand_over(MHD_Connection* c, Exchange& e);
  static HttpResponse result_of(Exchange& e);
  MHD_Result reply(MHD_Connection* c, const HttpResponse& r);
  void set_deadline(MHD_Connection* c, ApiClock::time_point when);
  bool start_daemon(Place& place);

  HttpOptions options_;
  std::vector<std::unique_ptr<Place>> places_;
  WorkPool pool_{HttpLimits::kPool, HttpLimits::kWaiting};
  ConnectionDeadlines deadlines_;
  std::mutex rates_mutex_;
  RequestRates rates_{HttpLimits::kRequestsPerSecond, HttpLimits::kRequestsAtOnce};
  std::mutex ending_mutex_;  // nothing is suspended once `ending_` is set
  bool ending_ = false;
  std::jthread sweeper_;
};

Status HttpServer::Impl::listen_unix(const std::string& path) {
  auto fd = listen_on_path(path);
  if (!fd.ok()) return fd.error();
  places_.push_back(std::make_unique<Place>(Place{this, fd.value(), path, false}));
  return Ok{};
}

Status HttpServer::Impl::listen_tcp(const std::string& address, uint16_t port) {
  auto fd = listen_on_port(address, port);
  if (!fd.ok()) return fd.error();
  places_.push_back(std::make_unique<Place>(Place{this, fd.value(), "", !options_.certificate.empty()}));
  return Ok{};
}

bool HttpServer::Impl::start_daemon(Place& place) {
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
  std::vector<MHD_OptionItem> more;
  if (place.encrypted) {
    flags |= MHD_USE_TLS;
    more.push_back({MHD_OPTION_HTTPS_MEM_CERT, 0, options_.certificate.data()});
    more.push_back({MHD_OPTION_HTTPS_MEM_KEY, 0, options_.key.data()});
  }
  if (place.path.empty()) more.push_back({MHD_OPTION_PER_IP_CONNECTION_LIMIT, HttpLimits::kConnectionsOfAClient, nullptr});
  more.push_back({MHD_OPTION_END, 0, nullptr});
  place.daemon = ::MHD_start_daemon(flags, 0, nullptr, nullptr, &on_request, &place, MHD_OPTION_EXTERNAL_LOGGER, &no_message, nullptr,
                                    MHD_OPTION_UNESCAPE_CALLBACK, &unescape, nullptr, MHD_OPTION_LISTEN_SOCKET, place.socket,
                                    MHD_OPTION_NOTIFY_COMPLETED, &on_completed, &place, MHD_OPTION_NOTIFY_CONNECTION, &on_connection,
                                    &place, MHD_OPTION_CONNECTION_LIMIT, HttpLimits::kConnections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                                    HttpLimits::kConnectionBytes, MHD_OPTION_CONNECTION_TIMEOUT, HttpLimits::kSilenceSeconds,
                                    MHD_OPTION_ARRAY, more.data(), MHD_OPTION_END);
  return place.daemon != nullptr;
}

Status HttpServer::Impl::start() {
  pool_.start();
  for (const auto& place : places_) {
    if (!start_daemon(*place))
      return Error{Error::Usage, place->encrypted
                                     ? "the certificate of api.certificate and the key of api.key cannot be used; both are PEM files"
                                     : "the HTTP endpoint cannot be started; is there memory, and a file descriptor?"};
  }
  sweeper_ = std::jthread([this](const std::stop_token& ended) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, ended, seconds(1), [&] { return ended.stop_requested(); })) deadlines_.sweep(ApiClock::now());
  });
  ::pthread_setname_np(sweeper_.native_handle(), "http");
  return Ok{};
}

HttpServer::Impl::~Impl() {
  {
    std::lock_guard lock(ending_mutex_);
    ending_ = true;
  }
  pool_.end();
  streams.end();
  for (const auto& place : places_) {
    if (place->daemon != nullptr)
      ::MHD_stop_daemon(place->daemon);  // closes the socket
    else
      ::close(place->socket);
    if (!place->path.empty()) ::unlink(place->path.c_str());
  }
}

void HttpServer::Impl::on_connection(void* of, MHD_Connection* c, void** context, MHD_ConnectionNotificationCode what) {
  Impl& server = *static_cast<Place*>(of)->server;
  if (what == MHD_CONNECTION_NOTIFY_STARTED) {
    const auto* info = ::MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    *context = server.deadlines_.add(info->connect_fd, ApiClock::now() + seconds(HttpLimits::kRequestSeconds));
  } else {
    server.deadlines_.remove(static_cast<ConnectionDeadlines::Connection*>(*context));
  }
}

void HttpServer::Impl::set_deadline(MHD_Connection* c, ApiClock::time_point when) {
  const auto* info = ::MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  deadlines_.set(static_cast<ConnectionDeadlines::Connection*>(info->socket_context), when);
}

void HttpServer::Impl::on_completed(void* of, MHD_Connection* c, void** exchange, MHD_RequestTerminationCode) {
  delete static_cast<Exchange*>(*exchange);
  *exchange = nullptr;
  static_cast<Place*>(of)->server->set_deadline(c, ApiClock::now() + seconds(HttpLimits::kRequestSeconds));
}

MHD_Result HttpServer::Impl::on_request(void* of, MHD_Connection* c, const char* url, const char* method, const char*, const char* data,
                                        size_t* data_size, void** exchange) {
  const Place& place = *static_cast<Place*>(of);
  Impl& server = *place.server;
  if (*exchange == nullptr) {
    auto* e = new Exchange{};
    *exchange = e;
    e->request = read_request(c, url, method, place.encrypted);
    return server.begin(c, *e);
  }
  Exchange& e = *static_cast<Exchange*>(*exchange);
  if (*data_size == 0) return server.answer(c, e);
  const std::string_view piece(data, *data_size);
  *data_size = 0;
  return server.take(c, e, piece);
}

/// The headers are there. A short body is read even when it is refused: its sender may not look for an answer before it has sent it.
MHD_Result HttpServer::Impl::begin(MHD_Connection* c, Exchange& e) {
  e.begun = ApiClock::now();
  auto no = refusal(c, e);
  if (!no) return MHD_YES;
  const auto length = body_length(c);
  if (!length || *length == 0 || *length > HttpLimits::kBodyBytes) return reply(c, *no);
  e.sink.reset();
  e.response = std::move(no);
  return MHD_YES;
}

std::optional<HttpResponse> HttpServer::Impl::refusal(MHD_Connection* c, Exchange& e) {
  if (!e.request.on_socket()) {
    std::lock_guard lock(rates_mutex_);
    if (!rates_.allow(e.request.client, e.begun)) return http_error(429, "overloaded", "too many requests; wait a moment");
  }
  const RouteMatch match = find_route(options_.routes, e.request);
  if (match.route == nullptr) {
    if (match.methods.empty()) return http_error(404, "not_found", "there is nothing here; /api/v1/openapi.json says what there is");
    HttpResponse no = http_error(405, "method_not_allowed", fmt::format("this takes {}", match.methods));
    no.headers.emplace_back("Allow", match.methods);
    return no;
  }
  e.route = match.route;
  e.request.variables = match.variables;
  if (options_.admit)
    if (auto no = options_.admit(e.request, *e.route)) return no;
  if (e.route->upload) {
    if (!body_length(c)) return http_error(411, "bad_request", "an upload says its size in Content-Length");
    e.request.body_bytes = *body_length(c);
    HttpResponse no;
    e.sink = e.route->upload(e.request, no);
    return e.sink == nullptr ? std::optional(std::move(no)) : std::nullopt;
  }
  if (body_length(c).value_or(0) > HttpLimits::kBodyBytes)
    return http_error(413, "too_large", fmt::format("a request has at most {} bytes", HttpLimits::kBodyBytes));
  return std::nullopt;
}

/// A piece of the body.
MHD_Result HttpServer::Impl::take(MHD_Connection* c, Exchange& e, std::string_view piece) {
  constexpr size_t kBytesPerSecond = 32 << 10;
  e.received += piece.size();
  if (e.sink == nullptr) {
    if (e.received > HttpLimits::kBodyBytes) return MHD_NO;
    e.request.body += piece;
    return MHD_YES;
  }
  set_deadline(c, e.begun + seconds(HttpLimits::kRequestSeconds + e.received / kBytesPerSecond));
  if (!e.sink_full) e.sink_full = !e.sink->write(piece);
  return MHD_YES;
}

/// The request is whole, or its answer is ready.
MHD_Result HttpServer::Impl::answer(MHD_Connection* c, Exchange& e) {
  if (e.response) return reply(c, *e.response);
  if (e.route->stream) return open_stream(c, e);
  if (e.route->quick) return reply(c, result_of(e));
  return hand_over(c, e);
}

HttpResponse HttpServer::Impl::result_of(Exchange& e) {
  try {
    return e.sink != nullptr ? e.sink->finish() : e.route->handle(e.request);
  } catch (const std::exception& trouble) {
    return http_error(500, "failed", trouble.what());
  }
}

MHD_Result HttpServer::Impl::hand_over(MHD_Connection* c, Exchange& e) {
  std::unique_lock lock(ending_mutex_);
  const bool taken = !ending_ && pool_.submit([this, c, &e] {
    HttpResponse r = result_of(e);
    std::lock_guard suspended(ending_mutex_);
    e.response = std::move(r);
    ::MHD_resume_connection(c);
  });
  if (taken) {
    set_deadline(c, ConnectionDeadlines::kNever);
    ::MHD_suspend_connection(c);
    return MHD_YES;
  }
  lock.unlock();
  return reply(c, http_error(503, "overloaded", "too many requests wait; try again in a moment"));
}

MHD_Result HttpServer::Impl::open_stream(MHD_Connection* c, Exchange& e) {
  MHD_Response* r = streams.open(c, e.request);
  if (r == nullptr) return reply(c, http_error(503, "overloaded", "too many pages are open; close some"));
  add_common_headers(r);
  ::MHD_add_response_header(r, "Content-Type", "text/event-stream");
  ::MHD_add_response_header(r, "Cache-Control", "no-store");
  set_deadline(c, ConnectionDeadlines::kNever);
  const MHD_Result queued = ::MHD_queue_response(c, 200, r);
  ::MHD_destroy_response(r);
  return queued;
}

MHD_Result HttpServer::Impl::reply(MHD_Connection* c, const HttpResponse& r) {
  set_deadline(c, ApiClock::now() + seconds(HttpLimits::kAnswerSeconds));
  return send_response(c, r);
}

Result<std::unique_ptr<HttpServer>> HttpServer::create(HttpOptions options) {
  if (options.certificate.empty() != options.key.empty())
    return Error{Error::Usage, "TLS takes a certificate and its key; set api.certificate and api.key"};
  return std::unique_ptr<HttpServer>(new HttpServer(std::make_unique<Impl>(std::move(options))));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;
Status HttpServer::listen_unix(const std::string& path) {
  return impl_->listen_unix(path);
}
Status HttpServer::listen_tcp(const std::string& address, uint16_t port) {
  return impl_->listen_tcp(address, port);
}
Status HttpServer::start() {
  return impl_->start();
}
void HttpServer::publish(std::string_view event, std::string_view data, const std::function<bool(const HttpRequest&)>& goes_on) {
  impl_->streams.publish(fmt::format("event: {}\ndata: {}\n\n", event, data), goes_on);
}
size_t HttpServer::streams() const {
  return impl_->streams.size();
}

}  // namespace sensor
