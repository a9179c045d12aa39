#include "dpi/http/message.h"

namespace sensor::http {

Message::Message(Reader& reader, Side side, BodyRule rule) : reader_(reader), side_(side), top_(*this, nullptr, rule), current_(&top_) {}

bool Message::lost(uint64_t length) {
  return (current_ != nullptr ? *current_ : top_).lost(length);
}

void Message::done() {
  if (finished_) return;
  finished_ = true;
  top_.end_of_data();
  if (body_ends()) reader_.sink_.on_body_end(side_, top_.tag());
  reader_.sink_.on_message_done(side_, body_length_);
  reader_.message_done(side_);
}

void Message::entity_begins(mime::Entity& entity) {
  current_ = static_cast<Entity*>(&entity);
  reader_.sink_.on_entity_begin(side_);
}

void Message::entity_ended(mime::Entity& entity) {
  auto& ended = static_cast<Entity&>(entity);
  const bool outermost = &entity == &top_;
  if (outermost) body_length_ += ended.body_length();
  reader_.sink_.on_entity_end(side_);
  current_ = static_cast<Entity*>(entity.parent());
  if (current_ != nullptr && current_->media() == mime::MediaType::Multipart) set_strict_lines(false);
  if (outermost) {
    done();
  } else if (body_ends()) {
    reader_.sink_.on_body_end(side_, ended.tag());
  }
}

void Message::header(const mime::Header& header) {
  reader_.connection_header(side_, header);
  reader_.sink_.on_header(side_, header);
}

Version Message::version() const {
  return reader_.at(reader_.at(Side::Client).ongoing ? Side::Client : Side::Server).version;
}

}  // namespace sensor::http
