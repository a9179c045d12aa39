#include "dpi/http/entity.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

#include "dpi/mime/text.h"

namespace sensor::http {
namespace {

std::optional<int64_t> number(std::string_view s, int base) {
  int64_t v = 0;
  const auto r = std::from_chars(s.data(), s.data() + s.size(), v, base);
  return r.ec == std::errc{} ? std::optional(v) : std::nullopt;
}

}  // namespace

Entity::Entity(EntityContext& context, Entity* parent, BodyRule rule) : mime::Entity(context, parent), context_(context), rule_(rule) {}

std::unique_ptr<mime::Entity> Entity::make_child() {
  return std::make_unique<Entity>(context_, this, BodyRule::Expected);
}

void Entity::end_of_data() {
  // The end may be found while the inflater is at work (a closing boundary in a compressed body): then coded_body() lets go of it.
  if (inflater_ && !inflating_) inflater_.reset();
  coding_ = inflater_ ? coding_ : Coding::Identity;
  mime::Entity::end_of_data();
}

void Entity::deliver(Bytes data, bool crlf) {
  if (ended()) return;
  if (in_header()) {
    if (!crlf) context_.entity_weird("http_no_crlf_in_header_list", {});
    mime::Entity::deliver(data, crlf);
  } else if (is_container()) {
    container_body(data, crlf);
  } else if (chunked_at_all()) {
    chunked(data);
  } else if (content_length_ >= 0) {
    coded_body(data, false);
    expected_ -= static_cast<int64_t>(data.size());
    if (expected_ <= 0) {
      context_.set_plain(0);
      context_.set_delivery_size(-1);
      end_of_data();
    }
  } else {
    coded_body(data, crlf);
  }
}

/// A multipart or message body is read in lines, but no further than the length of the outermost entity says.
void Entity::container_body(Bytes data, bool crlf) {
  coded_body(data, crlf);
  if (depth() != 0 || content_length_ <= 0) return;
  expected_ -= static_cast<int64_t>(data.size()) + (crlf ? 2 : 0);
  if (expected_ > 0) return;
  context_.set_plain(0);
  end_of_data();
}

/// RFC 9112 section 7.1.
void Entity::chunked(Bytes data) {
  switch (chunk_) {
    case Chunk::Size: {
      const auto size = number(as_chars(data), 16);
      if (!size) context_.entity_weird("HTTP_bad_chunk_size", as_chars(data));
      expected_ = size.value_or(0);
      if (expected_ > 0) {
        chunk_ = Chunk::Data;
        context_.set_plain(static_cast<uint64_t>(expected_));
      } else {
        chunk_ = Chunk::Trailer;
        reopen_header();
      }
      break;
    }
    case Chunk::Data:
      expected_ -= static_cast<int64_t>(data.size());
      if (expected_ <= 0) {
        context_.set_plain(0);
        chunk_ = Chunk::DataEnd;
      }
      coded_body(data, false);
      break;
    case Chunk::DataEnd:
      chunk_ = Chunk::Size;
      break;
    default:
      break;
  }
}

void Entity::coded_body(Bytes data, bool crlf) {
  if (!compressed()) {
    clear_body(data, crlf);
    return;
  }
  if (!inflater_) inflater_ = std::make_unique<mime::Inflater>();
  inflating_ = true;
  const auto status = inflater_->feed(data, *this);
  inflating_ = false;
  if (ended()) inflater_.reset();
  if (status == mime::Inflater::Status::Failed) context_.inflate_failed();
}

void Entity::clear_body(Bytes data, bool crlf) {
  body_length_ += data.size() + (crlf ? 2 : 0);
  body_line(data, crlf);
}

bool Entity::passes_on(size_t bytes) {
  if (compressed() || !mime::Entity::passes_on(bytes)) return false;
  body_length_ += bytes;
  return true;
}

void Entity::on_inflated(Bytes bytes) {
  if (!ended()) clear_body(bytes, false);
}

void Entity::on_body(Bytes bytes) {
  BodyPart part;
  if (compressed()) size_told_ = true;  // the sizes in the header are those of the compressed body
  const int64_t total = partial_ ? whole_length_ : content_length_;
  if (!size_told_ && total > 0) part.total = static_cast<uint64_t>(total);
  size_told_ = true;
  if (partial_) {
    part.offset = offset_;
    offset_ += bytes.size();
  }
  context_.body(tag_, bytes, part);
}

bool Entity::lost(uint64_t length) {
  if ((ended() && in_header()) || body_length_ == 0) return false;
  if (length > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return false;
  context_.body_gap(tag_, body_length_, length);
  if (partial_) offset_ += length;
  const auto n = static_cast<int64_t>(length);
  const bool in_chunk = chunked_at_all();
  if (in_chunk ? chunk_ != Chunk::Data : content_length_ < 0) return false;
  if (expected_ < n) return false;
  body_length_ += length;
  expected_ -= n;
  context_.set_plain(static_cast<uint64_t>(expected_));
  if (expected_ > 0) return true;
  if (in_chunk) {
    chunk_ = Chunk::DataEnd;
  } else {
    end_of_data();
  }
  return true;
}

}  // namespace sensor::http
