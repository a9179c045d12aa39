// What the header fields of an entity say about its body.
#include <algorithm>
#include <charconv>
#include <string>

#include "dpi/http/entity.h"
#include "dpi/mime/text.h"

namespace sensor::http {

using mime::equals_nocase;

namespace {

/// "Until the connection ends", as large as Zeek's.
constexpr int64_t kUntilEnd = 0x7fffffff;

}  // namespace

void Entity::on_header(const mime::Header& header) {
  if (depth() == 0 && header.lines > 1) context_.entity_weird("HTTP_obsolete_line_folding", header.name);
  if (equals_nocase(header.name, "Content-Length")) {
    content_length_header(header);
  } else if (equals_nocase(header.name, "Content-Range") && context_.status_code() == 206) {
    content_range_header(header);
  } else if (equals_nocase(header.name, "Transfer-Encoding")) {
    transfer_encoding_header(header);
  } else if (equals_nocase(header.name, "Content-Encoding")) {
    const std::string_view coding = header.token().value_or("");
    if (equals_nocase(coding, "gzip") || equals_nocase(coding, "x-gzip")) coding_ = Coding::Gzip;
    if (equals_nocase(coding, "deflate")) coding_ = Coding::Deflate;
  } else if (equals_nocase(header.name, "Expect")) {
    expect_header(header);
  }
  context_.header(header);
}

void Entity::content_length_header(const mime::Header& header) {
  if (chunked_at_all()) context_.entity_weird("HTTP_content_length_and_chunked", {});
  const auto token = header.token();
  if (!token) return;
  int64_t n = 0;
  const auto r = std::from_chars(token->data(), token->data() + token->size(), n);
  if (r.ec != std::errc{} || n < 0) {
    context_.entity_weird("HTTP_bad_content_length", *token);
    content_length_ = 0;
    return;
  }
  if (n > 0 && token->front() == '0') context_.entity_weird("HTTP_content_length_leading_zeros", *token);
  content_length_ = n;
  if (partial_ && range_length_ != content_length_) {
    // A possible evasion: believe the longer of the two.
    context_.entity_weird("HTTP_range_not_matching_len", {});
    content_length_ = std::max(content_length_, range_length_);
  }
  check_expect();
}

/// A body is announced by its length; saying so and that it is empty contradict each other.
void Entity::check_expect() {
  if (content_length_ == 0 && expects_100_) context_.entity_weird("HTTP_content_length_0_and_expect_100_cont", {});
}

void Entity::content_range_header(const mime::Header& header) {
  if (chunked_at_all()) context_.entity_weird("HTTP_content_range_and_chunked", {});
  std::string_view weird;
  std::string spec;
  const auto range = parse_content_range(header, weird, spec);
  if (!range) {
    context_.entity_weird(weird, spec);
    return;
  }
  if (range->bad_total) context_.entity_weird("HTTP_content_range_invalid_instance", spec);
  whole_length_ = range->total.value_or(0);
  partial_ = true;
  offset_ = static_cast<uint64_t>(range->first);
  range_length_ = range->last - range->first + 1;
  if (content_length_ <= 0) {
    content_length_ = range_length_;
  } else if (content_length_ != range_length_) {
    context_.entity_weird("HTTP_range_not_matching_len", {});
    content_length_ = std::max(content_length_, range_length_);
  }
}

void Entity::transfer_encoding_header(const mime::Header& header) {
  // Only the outermost entity may be chunked: fields inside a body must not change how the stream is read.
  if (depth() != 0) {
    context_.entity_weird("HTTP_nested_transfer_encoding_header", {});
    return;
  }
  if (!equals_nocase(header.token().value_or(""), "chunked") || context_.version() != Version{1, 1}) return;
  chunk_ = Chunk::Announced;
  if (const std::string_view rest = header.after_token(); !rest.empty()) context_.entity_weird("HTTP_chunked_multi", rest);
  if (content_length_ >= 0) context_.entity_weird("HTTP_content_length_and_chunked", {});
}

void Entity::expect_header(const mime::Header& header) {
  const std::string_view value = header.token().value_or("");
  if (!equals_nocase(value, "100-continue")) context_.entity_weird("HTTP_expect_not_100_continue", value);
  expects_100_ = true;
  check_expect();
}

void Entity::on_headers_done() {
  if (parent() != nullptr && parent()->media() == mime::MediaType::Multipart) context_.set_strict_lines(true);
  if (content_length_ >= 0) context_.set_delivery_size(content_length_);
  if (chunk_ == Chunk::Trailer) {
    chunk_ = Chunk::None;
    end_of_data();
  } else if (rule_ == BodyRule::None) {
    end_of_data();
  } else {
    frame_body();
  }
}

/// RFC 9112 section 6.3: how long is the body?
void Entity::frame_body() {
  if (is_container()) {
    if (chunked_at_all()) context_.entity_weird("HTTP_chunked_transfer_for_multipart_message", {});
    if (depth() != 0 || content_length_ < 0) return;
    if (content_length_ == 0) {
      end_of_data();
    } else {
      expected_ = content_length_;
      context_.set_delivery_size(content_length_);
    }
  } else if (chunked_at_all()) {
    chunk_ = Chunk::Size;
  } else if (content_length_ == 0) {
    end_of_data();
  } else if (content_length_ > 0) {
    expected_ = content_length_;
    context_.set_plain(static_cast<uint64_t>(content_length_));
  } else if (context_.closes() || compressed()) {
    expected_ = kUntilEnd;
    context_.set_plain(static_cast<uint64_t>(kUntilEnd));
  } else if (rule_ != BodyRule::Expected) {
    end_of_data();
  }
}

}  // namespace sensor::http
