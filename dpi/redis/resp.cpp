#include "dpi/redis/resp.h"

#include <algorithm>
#include <charconv>

#include "dpi/redis/words.h"

namespace sensor::redis {
namespace {

using Status = CommandReader::Status;

std::optional<int64_t> number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int64_t v = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(v) : std::nullopt;
}

}  // namespace

bool Line::feed(ByteReader& r) {
  while (!r.empty()) {
    const std::string_view rest = as_chars(r.rest());
    const size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    const std::string_view piece = rest.substr(0, end);
    const bool ends = piece.ends_with('\n') && (piece.size() > 1 ? piece[piece.size() - 2] == '\r' : after_carriage_return_);
    after_carriage_return_ = piece.ends_with('\r');
    text_.append(piece.substr(0, kMaxKept - std::min(kMaxKept, text_.size())));
    size_ += piece.size();
    r.skip(end);
    if (!ends) continue;
    size_ -= 2;
    return true;
  }
  return false;
}

void Line::clear() {
  text_.clear();
  size_ = 0;
  after_carriage_return_ = false;
}

Status CommandReader::feed(ByteReader& r) {
  while (!r.empty()) {
    const Status s = step(r);
    if (s != Status::NeedMore) return s;
  }
  return Status::NeedMore;
}

Status CommandReader::step(ByteReader& r) {
  switch (state_) {
    case State::Begin:
      command_ = {};
      line_.clear();
      state_ = r.peek() == '*' ? State::Count : State::Inline;
      if (state_ == State::Count) r.skip(1);
      return Status::NeedMore;
    case State::ElementType:
      if (r.u8() != '$') return Status::Malformed;
      line_.clear();
      state_ = State::Length;
      return Status::NeedMore;
    case State::Content: {
      const std::string_view piece = r.chars(std::min<uint64_t>(content_left_, r.remaining()));
      content_left_ -= piece.size();
      if (command_.count <= command_.arguments.size()) {
        std::string& kept = command_.arguments.back();
        kept.append(piece.substr(0, kMaxKept - std::min(kMaxKept, kept.size())));
      }
      if (content_left_ != 0) return Status::NeedMore;
      line_.clear();
      state_ = State::Tail;
      return Status::NeedMore;
    }
    default:
      if (line_.feed(r)) return end_of_line();
      return line_.size() > (state_ == State::Inline ? kMaxInline : kMaxBytes) ? Status::Malformed : Status::NeedMore;
  }
}

Status CommandReader::end_of_line() {
  constexpr size_t kKeptArguments = 4;
  const std::optional<int64_t> n = number(line_.text());
  switch (state_) {
    case State::Inline: {
      command_.arguments = split_words(line_.text());
      command_.count = command_.arguments.size();
      command_.arguments.resize(std::min(command_.arguments.size(), kKeptArguments));
      state_ = State::Begin;
      return command_.count == 0 || line_.size() > kMaxInline ? Status::Malformed : Status::Ready;
    }
    case State::Count:
      if (!n || *n <= 0 || static_cast<uint64_t>(*n) > kMaxMembers) return Status::Malformed;
      left_ = static_cast<uint64_t>(*n);
      begin_argument();
      return Status::NeedMore;
    case State::Length:
      if (!n || *n < 0 || static_cast<uint64_t>(*n) > kMaxBytes) return Status::Malformed;
      content_left_ = static_cast<uint64_t>(*n);
      command_.count++;
      if (command_.count <= kKeptArguments) command_.arguments.emplace_back();
      state_ = content_left_ == 0 ? State::Tail : State::Content;
      line_.clear();
      return Status::NeedMore;
    default:  // behind an argument
      left_--;
      begin_argument();
      return left_ == 0 ? Status::Ready : Status::NeedMore;
  }
}

Status ReplyReader::feed(ByteReader& r) {
  while (!r.empty()) {
    const Status s = step(r);
    if (s == Status::Malformed) lose_track();
    if (s != Status::NeedMore) return s;
  }
  return Status::NeedMore;
}

void ReplyReader::lose_track() {
  state_ = State::Lost;
  line_.clear();
  frames_.clear();
  attributes_ = 0;
  behind_attribute_ = has_type_ = false;
  members_ = 0;
}

Status ReplyReader::step(ByteReader& r) {
  switch (state_) {
    case State::Type:
      line_.clear();
      return begin(static_cast<char>(r.u8()));
    case State::Boolean:
      append(r.u8() == 't' ? "T" : "F");
      state_ = State::Tail;
      return Status::NeedMore;
    case State::Content: {
      const std::string_view piece = r.chars(std::min<uint64_t>(content_left_, r.remaining()));
      content_left_ -= piece.size();
      append(piece);
      if (content_left_ == 0) state_ = State::Tail;
      return Status::NeedMore;
    }
    default:
      if (line_.feed(r)) return end_of_line();
      return line_.size() > kMaxBytes ? Status::Malformed : Status::NeedMore;
  }
}

Status ReplyReader::begin(char type) {
  if (frames_.size() >= kMaxDepth) return Status::Malformed;
  if (frames_.empty() && !behind_attribute_) reply_ = {};
  if (!behind_attribute_) separate();
  type_ = type;
  behind_attribute_ = false;
  if (attributes_ == 0 && type != '|' && !has_type_) {
    has_type_ = true;
    reply_.kind = type == '-' || type == '!' ? Reply::Kind::Error : type == '>' ? Reply::Kind::Push : Reply::Kind::Value;
    reply_.resp3 |= std::string_view("_#,(!=%~>").find(type) != std::string_view::npos;
  }
  switch (type) {
    case '+':
    case '-':
    case ':':
    case ',':
    case '(':
      state_ = State::Line;
      return Status::NeedMore;
    case '$':
    case '!':
    case '=':
      state_ = State::Length;
      return Status::NeedMore;
    case '_':
      append("null");
      state_ = State::Tail;
      return Status::NeedMore;
    case '#':
      state_ = State::Boolean;
      return Status::NeedMore;
    case '|':
      if (frames_.empty()) reply_.resp3 = true;
      [[fallthrough]];
    case '*':
    case '>':
    case '%':
    case '~':
      state_ = State::Count;
      return Status::NeedMore;
    default:
      return Status::Malformed;
  }
}

/// What stands between two members.
void ReplyReader::separate() {
  if (frames_.empty()) return;
  const Frame& f = frames_.back();
  if (f.index == 0) return;
  append(f.type == '%' && f.index % 2 != 0 ? ": " : ", ");
}

void ReplyReader::append(std::string_view text) {
  if (attributes_ == 0) reply_.value.append(text.substr(0, kMaxKept - std::min(kMaxKept, reply_.value.size())));
}

Status ReplyReader::end_of_line() {
  switch (state_) {
    case State::Line:
      append(line_.text());
      return end_value();
    case State::Count:
      return open(number(line_.text()));
    case State::Length: {
      const std::optional<int64_t> n = number(line_.text());
      if (!n || *n > static_cast<int64_t>(kMaxBytes)) return Status::Malformed;
      if (*n < 0) return end_value();  // a null of RESP 2
      content_left_ = static_cast<uint64_t>(*n);
      state_ = content_left_ == 0 ? State::Tail : State::Content;
      line_.clear();
      return Status::NeedMore;
    }
    case State::Lost:
      state_ = State::Type;
      return Status::NeedMore;
    default:
      return end_value();
  }
}

Status ReplyReader::open(std::optional<int64_t> count) {
  const bool null_array = count == -1 && (type_ == '*' || type_ == '>');
  if (!count || (*count < 0 && !null_array)) return Status::Malformed;
  const uint64_t n = null_array ? 0 : static_cast<uint64_t>(*count);
  members_ += std::min(n, kMaxMembers + 1);
  if (members_ > kMaxMembers) return Status::Malformed;
  const bool pairs = type_ == '%' || type_ == '|';
  append(type_ == '%' ? "{" : type_ == '~' ? "(" : type_ == '|' ? "" : "[");
  frames_.push_back({type_, pairs ? 2 * n : n, 0});
  if (type_ == '|') attributes_++;
  state_ = State::Type;
  if (n != 0) return Status::NeedMore;
  frames_.back().left = 1;  // as if its last member had just ended
  return end_value();
}

/// The value at hand is complete, and with it perhaps the aggregates around it.
Status ReplyReader::end_value() {
  state_ = State::Type;
  while (!frames_.empty()) {
    Frame& f = frames_.back();
    f.left--;
    f.index++;
    if (f.left != 0) return Status::NeedMore;
    const char type = f.type;
    frames_.pop_back();
    if (type == '|') {
      attributes_--;
      behind_attribute_ = true;
      return Status::NeedMore;
    }
    append(type == '%' ? "}" : type == '~' ? ")" : "]");
  }
  has_type_ = false;
  members_ = 0;
  return Status::Ready;
}

}  // namespace sensor::redis
