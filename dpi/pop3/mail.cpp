#include "dpi/pop3/mail.h"

namespace sensor::pop3 {

class Mail::Part final : public mime::Entity {
 public:
  Part(Mail& mail, mime::Entity* parent) : mime::Entity(mail, parent), mail_(mail) {}

 private:
  std::unique_ptr<mime::Entity> make_child() override { return std::make_unique<Part>(mail_, this); }
  void on_header(const mime::Header&) override {}
  void on_body(Bytes bytes) override { mail_.sink_.on_body(bytes); }

  Mail& mail_;
};

Mail::Mail(Sink& sink) : sink_(sink), top_(std::make_unique<Part>(*this, nullptr)) {
  entity_begins(*top_);
}
Mail::~Mail() = default;

void Mail::done() {
  top_->end_of_data();
  sink_.on_mail_end();
}

}  // namespace sensor::pop3
