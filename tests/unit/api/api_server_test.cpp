#include "sensor/api/api_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "sensor/api/endpoint.h"
#include "temp_dir.h"

namespace sensor {
namespace {

using testing::HasSubstr;

constexpr int kSeconds = 10;

/// Counts by itself; an order waits until it is told to go on.
class FakeBackend final : public ApiBackend {
 public:
  RunStatus status() const override {
    RunStatus s;
    s.mode = RunMode::Live;
    s.ledger.connections_opened = ++looks_;
    return s;
  }
  uint64_t run_number() const override { return 1; }
  std::optional<LastRun> last_run() const override { return std::nullopt; }
  bool replays() const override { return false; }
  StatsReport top(std::string_view) const override { return {}; }
  std::vector<InterfaceFacts> interfaces() const override { return {{"eth0", "up", "", "", {"192.0.2.1"}}}; }
  HttpResponse capture(const CaptureOrder& order) override {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return goes_on_; });
    HttpResponse r;
    r.body = order.interfaces;
    return r;
  }
  Status check_capture_file(const std::string&) const override { return Ok{}; }
  void go_on() {
    {
      std::lock_guard lock(mutex_);
      goes_on_ = true;
    }
    wake_.notify_all();
  }

 private:
  mutable std::atomic<uint64_t> looks_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool goes_on_ = false;
};

class Server : public testing::Test {
 protected:
  void SetUp() override {
    ApiOptions o;
    o.socket = socket;
    o.token_file = dir.path("token");
    o.database = dir.path("db");
    o.log_dir = dir.path();
    o.replay_dir = dir.path("replay");
    auto opened = ApiServer::open(std::move(o), backend);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    server = std::move(opened).value();
    const Status started = server->start();
    ASSERT_TRUE(started.ok()) << started.error().message;
  }

  SocketAnswer ask(const std::string& method, const std::string& path, const std::string& body = "{}") {
    auto answer = ask_socket(socket, method, path, body, kSeconds);
    return answer.ok() ? answer.value() : SocketAnswer{0, answer.error().message};
  }

  int connect_raw(std::string_view request) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.copy(address.sun_path, socket.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const timeval longest{kSeconds, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof(longest));
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::send(fd, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
    return fd;
  }

  /// Until the text has come `times` times, or nothing comes any more.
  static std::string read_until(int fd, std::string_view text, size_t times) {
    std::string all;
    char buffer[4096];
    size_t found = 0;
    while (found < times) {
      const ssize_t n = ::recv(fd, buffer, sizeof(buffer), 0);
      if (n <= 0) break;
      all.append(buffer, static_cast<size_t>(n));
      found = 0;
      for (size_t at = all.find(text); at != std::string::npos; at = all.find(text, at + 1)) found++;
    }
    return all;
  }

  const test::TempDir dir;
  const std::string socket = dir.path("s");
  FakeBackend backend;
  std::unique_ptr<ApiServer> server;
};

TEST_F(Server, AnswersWhatItHasAndNothingElse) {
  EXPECT_THAT(ask("GET", "/api/v1/status").body, HasSubstr(R"("mode":"live")"));
  EXPECT_THAT(ask("GET", "/api/v1/interfaces").body, HasSubstr("192.0.2.1"));
  EXPECT_EQ(ask("GET", "/api/v1/nothing").status, 404);
  EXPECT_EQ(ask("POST", "/api/v1/status").status, 405);
  EXPECT_EQ(ask("POST", "/api/v1/capture", "[]").status, 400);
  EXPECT_EQ(ask("POST", "/api/v1/capture", R"({"mode":"pcap","files":["a"]})").status, 422);
}

TEST_F(Server, AnOrderHoldsUpNobodyElse) {
  std::thread orders([&] { EXPECT_EQ(ask("POST", "/api/v1/capture", R"({"mode":"live","interface":"eth0"})").body, "eth0"); });
  for (int i = 0; i < 20; i++) EXPECT_EQ(ask("GET", "/api/v1/status").status, 200);
  backend.go_on();
  orders.join();
}

TEST_F(Server, StreamsGetEventsUntilTheEnd) {
  std::vector<int> streams;
  for (int i = 0; i < 20; i++) streams.push_back(connect_raw("GET /api/v1/stream HTTP/1.1\r\nHost: x\r\n\r\n"));
  for (const int fd : streams) EXPECT_THAT(read_until(fd, "event: status", 2), HasSubstr("text/event-stream"));
  ::close(streams.back());
  server.reset();
  streams.pop_back();
  for (const int fd : streams) {
    (void)read_until(fd, "never", 1);
    char byte;
    EXPECT_EQ(::recv(fd, &byte, 1, 0), 0) << "the end of the server is the end of the stream";
    ::close(fd);
  }
}

TEST_F(Server, EndsWhileClientsAreInTheMiddleOfSomething) {
  const int half = connect_raw("GET /api/v1/status HT"), unread = connect_raw("GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"),
            body =
                connect_raw("POST /api/v1/capture HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
  server.reset();
  for (const int fd : {half, unread, body}) ::close(fd);
}

}  // namespace
}  // namespace sensor
