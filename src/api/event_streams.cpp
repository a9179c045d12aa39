#include "event_streams.h"

#include <algorithm>

namespace sensor {
namespace {

constexpr size_t kPieceBytes = 8 << 10;

}  // namespace

MHD_Response* EventStreams::open(MHD_Connection* connection, const HttpRequest& request) {
  std::lock_guard lock(mutex_);
  if (ended_ || streams_.size() >= limit_) return nullptr;
  streams_.push_back(std::make_unique<Stream>());
  Stream& s = *streams_.back();
  s.all = this;
  s.connection = connection;
  s.request = request;
  s.next = latest_;
  s.place = std::prev(streams_.end());
  MHD_Response* r = ::MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, kPieceBytes, &read, &s, &closed);
  if (r == nullptr) streams_.pop_back();
  return r;
}

/// In the HTTP thread, when the connection can take bytes.
ssize_t EventStreams::read(void* stream, uint64_t, char* out, size_t room) {
  Stream& s = *static_cast<Stream*>(stream);
  std::lock_guard lock(s.all->mutex_);
  if (s.ending) return MHD_CONTENT_READER_END_OF_STREAM;
  if (s.sending == nullptr) {
    s.sending = std::move(s.next);
    s.next = nullptr;
    s.sent = 0;
  }
  if (s.sending == nullptr) {
    s.suspended = true;
    ::MHD_suspend_connection(s.connection);
    return 0;
  }
  const size_t n = s.sending->copy(out, room, s.sent);
  s.sent += n;
  if (s.sent == s.sending->size()) s.sending = nullptr;
  return static_cast<ssize_t>(n);
}

void EventStreams::closed(void* stream) {
  Stream& s = *static_cast<Stream*>(stream);
  EventStreams& all = *s.all;
  std::lock_guard lock(all.mutex_);
  all.streams_.erase(s.place);
}

void EventStreams::wake(Stream& s) {
  if (s.suspended) ::MHD_resume_connection(s.connection);
  s.suspended = false;
}

void EventStreams::publish(std::string event, const std::function<bool(const HttpRequest&)>& goes_on) {
  auto shared = std::make_shared<const std::string>(std::move(event));
  std::lock_guard lock(mutex_);
  latest_ = shared;
  for (const auto& s : streams_) {
    s->next = shared;
    s->ending = s->ending || !goes_on(s->request);
    wake(*s);
  }
}

void EventStreams::end() {
  std::lock_guard lock(mutex_);
  ended_ = true;
  for (const auto& s : streams_) {
    s->ending = true;
    wake(*s);
  }
}

size_t EventStreams::size() const {
  std::lock_guard lock(mutex_);
  return streams_.size();
}

}  // namespace sensor
