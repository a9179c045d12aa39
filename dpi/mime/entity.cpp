#include "dpi/mime/entity.h"

#include <string>
#include <utility>

#include "dpi/mime/text.h"

namespace sensor::mime {

Entity::Entity(EntityOwner& owner, Entity* parent) : owner_(owner), parent_(parent) {
  if (parent == nullptr) return;
  depth_ = parent->depth_ + 1;
  encoding_ = parent->encoding_;
}

void Entity::deliver(Bytes data, bool crlf) {
  if (!in_header_) {
    body_line(data, crlf);
    return;
  }
  if (!data.empty() && data[0] != 0) {
    header_line(as_chars(data));
    return;
  }
  finish_header();
  std::string().swap(field_);
  in_header_ = false;
  on_headers_done();
  if (!ended_) begin_body();
}

void Entity::header_line(std::string_view line) {
  if (is_blank(line[0]) && field_lines_ > 0) {
    if (field_.size() >= kMaxHeaderBytes) {
      owner_.entity_weird("exceeded_mime_max_header_bytes", std::to_string(field_.size()));
      return;
    }
    field_ += line;
    field_lines_++;
    return;
  }
  finish_header();
  line = skip_blanks(line);
  if (line.empty()) return;
  field_ = line;
  field_lines_ = 1;
}

void Entity::finish_header() {
  if (field_lines_ == 0) return;
  const auto header = parse_header(field_, std::exchange(field_lines_, 0));
  if (!header) return;
  interpret(*header);
  on_header(*header);
}

void Entity::interpret(const Header& header) {
  if (equals_nocase(header.name, "Content-Type")) {
    auto type = parse_content_type(header.value);
    if (!type) return;
    media_ = type->media;
    if (type->boundary_given) boundary_ = std::move(type->boundary);
    if (media_ == MediaType::Multipart && !boundary_) media_ = MediaType::Other;
  } else if (equals_nocase(header.name, "Content-Transfer-Encoding")) {
    if (const auto token = header.token()) encoding_ = parse_transfer_encoding(*token);
  }
}

void Entity::begin_body() {
  if (encoding_ == TransferEncoding::Base64) base64_.emplace();
  if (media_ == MediaType::Message) begin_child();
}

void Entity::end_of_data() {
  if (ended_) return;
  ended_ = true;
  if (in_header_) {
    finish_header();
    in_header_ = false;
    on_headers_done();
  } else {
    if (child_) end_child();
    if (base64_) {
      std::string rest;
      const bool was_odd = base64_->odd();
      base64_->finish(rest);
      check_base64(was_odd);
      if (!rest.empty()) on_body(as_bytes(rest));
      base64_.reset();
    }
  }
  owner_.entity_ended(*this);
}

void Entity::begin_child() {
  if (depth_ >= kMaxDepth) {
    owner_.entity_weird("exceeded_mime_max_depth", std::to_string(depth_));
    return;
  }
  child_ = make_child();
  owner_.entity_begins(*child_);
}

void Entity::end_child() {
  child_->end_of_data();
  child_.reset();
}

Entity::Boundary Entity::boundary_at(std::string_view line) const {
  if (!boundary_ || !line.starts_with("--")) return Boundary::None;
  line.remove_prefix(2);
  if (!line.starts_with(*boundary_)) return Boundary::None;
  line.remove_prefix(boundary_->size());
  return line.starts_with("--") ? Boundary::Closing : Boundary::Part;
}

void Entity::body_line(Bytes data, bool crlf) {
  if (media_ == MediaType::Multipart) {
    const Boundary b = boundary_at(as_chars(data));
    if (b != Boundary::None) {
      if (child_) end_child();
      if (b == Boundary::Closing) {
        end_of_data();
      } else if (!ended_) {
        begin_child();
      }
      return;
    }
  }
  if (!is_container()) {
    if (encoding_ == TransferEncoding::Identity) {
      hand_on(data, crlf);
    } else {
      decode(data);
    }
  } else if (child_) {
    innermost(data, crlf).deliver(data, crlf);
  }
}

/// The part of the open part, as deep as it goes, that a line is for: without a call of deliver() for every container between.
Entity& Entity::innermost(Bytes line, bool crlf) {
  Entity* part = child_.get();
  if (as_chars(line).starts_with("--")) return *part;  // perhaps a boundary, of any of them
  while (part->passes_on(line.size() + (crlf ? 2 : 0))) part = part->child_.get();
  return *part;
}

bool Entity::passes_on(size_t) {
  return !ended_ && !in_header_ && is_container() && child_ != nullptr;
}

void Entity::check_base64(bool was_odd) {
  if (!was_odd && base64_->odd()) owner_.bad_encoding(base64_->oddity());
}

void Entity::hand_on(Bytes data, bool crlf) {
  if (std::exchange(owes_crlf_, false)) on_body(as_bytes("\r\n"));
  if (!data.empty()) on_body(data);
  if (!crlf) return;
  if (parent_ != nullptr && parent_->media_ == MediaType::Multipart) {
    owes_crlf_ = true;
  } else {
    on_body(as_bytes("\r\n"));
  }
}

void Entity::decode(Bytes data) {
  std::string out;
  if (encoding_ == TransferEncoding::QuotedPrintable) {
    decode_quoted_printable(as_chars(data), out);
  } else if (base64_) {
    const bool was_odd = base64_->odd();
    base64_->feed(as_chars(data), out);
    check_base64(was_odd);
  }
  if (!out.empty()) on_body(as_bytes(out));
}

}  // namespace sensor::mime
