#include "dpi/dns/dns.h"

#include <algorithm>

namespace sensor::dns {

Header read_header(ByteReader& in) {
  Header h;
  h.id = in.u16();
  const uint16_t flags = in.u16();
  h.response = (flags & 0x8000) != 0;
  h.opcode = static_cast<uint8_t>(flags >> 11 & 0xf);
  h.authoritative = (flags & 0x0400) != 0;
  h.truncated = (flags & 0x0200) != 0;
  h.recursion_desired = (flags & 0x0100) != 0;
  h.recursion_available = (flags & 0x0080) != 0;
  h.z = static_cast<uint8_t>(flags >> 4 & 7);
  h.rcode = static_cast<uint8_t>(flags & 0xf);
  h.questions = in.u16();
  h.answers = in.u16();
  h.authorities = in.u16();
  h.additionals = in.u16();
  return h;
}

void MessageReader::start(Bytes message, Channel channel) {
  in_ = ByteReader(message);
  channel_ = channel;
  violation_ = {};
  weirds_.clear();
  header_ = read_header(in_);
  has_header_ = in_.ok();
  broken_ = !has_header_;
  owner_is_question_ = false;
  questions_left_ = answers_left_ = 0;
  if (!has_header_) return weird("DNS_truncated_len_lt_hdr_len");
  questions_left_ = header_.questions;
  answers_left_ = header_.answers;
  if (header_.questions > kMaxQuestions) {
    violation_ = "DNS_Conn_count_too_large";
    weird(violation_);
    broken_ = true;
  }
}

bool MessageReader::next_question(Question& out) {
  if (broken_ || questions_left_ == 0) return false;
  const bool first = in_.position() == kHeaderBytes;
  out.name = read_name(owner_);
  owner_is_question_ = first && weirds_.empty();
  if (in_.remaining() < 4) {
    weird("DNS_truncated_quest_too_short");
    broken_ = true;
    return false;
  }
  out.type = in_.u16();
  out.qclass = in_.u16();
  questions_left_--;
  return true;
}

bool MessageReader::next_answer(Answer& out) {
  while (!broken_ && answers_left_ > 0) {
    const Rdata result = read_answer(out);
    broken_ = result == Rdata::Broken || result == Rdata::ListedBroken;
    if (!broken_) answers_left_--;
    if (result == Rdata::Listed || result == Rdata::ListedBroken) return true;
  }
  return false;
}

// RFC 1035 section 4.1.3.
MessageReader::Rdata MessageReader::read_answer(Answer& out) {
  out.name = read_owner();
  if (in_.remaining() < 4) {
    weird("DNS_truncated_ans_too_short");
    return Rdata::Broken;
  }
  out.type = u16_or_zero();
  out.rclass = u16_or_zero();
  out.ttl_s = u32_or_zero();
  const uint16_t length = u16_or_zero();
  if (length > in_.remaining()) {
    weird("DNS_truncated_RR_rdlength_lt_len");
    return Rdata::Broken;
  }
  if (length == 0 && !in_.empty()) {
    weird("DNS_zero_rdlength");
    return Rdata::Broken;
  }
  text_.clear();
  const Rdata result = read_rdata(out.type, length);
  out.text = text_;
  return result;
}

// Most owners are a pointer to the question, whose name is still at hand.
std::string_view MessageReader::read_owner() {
  constexpr uint8_t kPointer = 0xc0;
  if (owner_is_question_ && in_.peek(0) == kPointer && in_.peek(1) == kHeaderBytes) {
    in_.skip(2);
    return owner_.view();
  }
  owner_is_question_ = false;
  return read_name(owner_);
}

Bytes MessageReader::up_to(int64_t n) {
  const auto limit = static_cast<int64_t>(in_.remaining());
  return in_.bytes(static_cast<size_t>(std::clamp(n, int64_t{0}, limit)));
}

std::string_view MessageReader::read_name(Name& name, bool keep_case) {
  const uint8_t faults = name.read(in_, channel_.netbios_responder, keep_case);
  if (faults == 0) return name.view();
  if (has(faults, NameFault::ChainTooDeep)) weird("DNS_max_compression_chain_depth_exceeded");
  if (has(faults, NameFault::ForwardOffset)) weird("DNS_label_forward_compress_offset");
  if (has(faults, NameFault::PastPacket)) weird("DNS_label_len_gt_pkt");
  if (has(faults, NameFault::LabelTooLong)) weird("DNS_label_too_long");
  if (has(faults, NameFault::NoRoom)) weird("DNS_label_len_gt_name_len");
  if (has(faults, NameFault::TooLong)) weird("DNS_NAME_too_long");
  return name.view();
}

void MessageReader::weird(std::string_view name, std::string addl) {
  const bool known = std::any_of(weirds_.begin(), weirds_.end(), [&](const MessageWeird& w) { return w.name == name; });
  if (!known) weirds_.push_back({name, std::move(addl)});
}

}  // namespace sensor::dns
