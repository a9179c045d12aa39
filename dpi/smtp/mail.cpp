#include "dpi/smtp/mail.h"

namespace sensor::smtp {

class Mail::Part final : public mime::Entity {
 public:
  Part(Mail& mail, mime::Entity* parent) : mime::Entity(mail, parent), mail_(mail) {}

 private:
  std::unique_ptr<mime::Entity> make_child() override { return std::make_unique<Part>(mail_, this); }
  void on_header(const mime::Header& header) override { mail_.sink_.on_header(header); }
  void on_body(Bytes bytes) override { mail_.body(bytes); }

  Mail& mail_;
};

Mail::Mail(Sink& sink, bool from_client) : sink_(sink), from_client_(from_client), top_(std::make_unique<Part>(*this, nullptr)) {
  entity_begins(*top_);
}
Mail::~Mail() = default;

void Mail::line(Bytes data, bool crlf) {
  top_->deliver(data, crlf);
}

void Mail::done() {
  top_->end_of_data();
  sink_.on_mail_end();
}

void Mail::entity_begins(mime::Entity&) {
  part_length_ = 0;
  sink_.on_entity_begin();
}

void Mail::entity_ended(mime::Entity&) {
  sink_.on_entity_end();
}

void Mail::body(Bytes bytes) {
  sink_.on_body(from_client_, bytes);
  part_length_ += bytes.size();
}

}  // namespace sensor::smtp
