#include "dns_analyzer.h"

#include <algorithm>

#include "dns_log.h"

namespace sensor {

namespace {
constexpr std::string_view kService = "dns";
constexpr std::string_view kAnalyzerName = "DNS";
constexpr uint16_t kMulticastV4First = 224, kMulticastV4Last = 239;

// A reader's buffers are worth keeping, and analyzers come and go with every connection.
dns::MessageReader& reader() {
  thread_local dns::MessageReader r;
  return r;
}

dns::Channel channel(AnalyzerContext& c) {
  const ConnHeader& conn = c.conn();
  const bool responder = conn.resp_p.number == dns::kNetbiosPort;
  return {.netbios = responder || conn.orig_p.number == dns::kNetbiosPort,
          .netbios_responder = responder,
          .udp = c.transport() == Transport::Udp};
}

bool is_multicast(const IpAddress& a) {
  const uint8_t first = a.wire_bytes()[0];
  return a.is_v4() ? first >= kMulticastV4First && first <= kMulticastV4Last : first == 0xff;
}

bool on_dns_port(AnalyzerContext& c) {
  return std::find(std::begin(kDnsUdpPorts), std::end(kDnsUdpPorts), c.conn().resp_p.number) != std::end(kDnsUdpPorts);
}
}  // namespace

Probe probe_dns_datagram(const ProbeInput& in) {
  return dns::looks_like_message(in.orig.empty() ? in.resp : in.orig) ? Probe::Certain : Probe::NotForUs;
}

Probe probe_dns_stream(const ProbeInput& in) {
  switch (dns::looks_like_stream(in.orig.empty() ? in.resp : in.orig)) {
    case dns::StreamProbe::Yes:
      return Probe::Certain;
    case dns::StreamProbe::NeedMore:
      return Probe::Unsure;
    case dns::StreamProbe::No:
      break;
  }
  return Probe::NotForUs;
}

DnsAnalyzer::~DnsAnalyzer() {
  forget_current();
  DnsRowPool& pool = DnsRowPool::of_this_thread();
  if (pending_query_ != nullptr) pool.give_back(pending_query_);
  for (DnsRowQueues* queues : {&queries_, &replies_}) {
    DnsRowList rows = queues->take_all();
    while (DnsRow* row = rows.pop_front()) pool.give_back(row);
  }
}

void DnsAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  if (c.transport() == Transport::Tcp) {
    on_stream(c, d, ByteReader(bytes));
  } else {
    // Zeek looks every ten seconds for DNS connections that have been idle for nine. It knows DNS by port only.
    if (!started_ && on_dns_port(c)) c.end_when_idle(10 * kSecond, 9 * kSecond);
    on_message(c, bytes, d == Direction::Orig ? Sender::Originator : Sender::Responder);
  }
  started_ = true;
  if (violated_) write_all(c);
}

// RFC 1035 section 4.2.2: two bytes of length, then the message. What a gap swallowed is not made up for (nor in Zeek): lengths and
// messages that follow are taken as they come.
void DnsAnalyzer::on_stream(AnalyzerContext& c, Direction d, ByteReader in) {
  while (!in.empty()) {
    Stream& s = streams_[index(d)];
    if (s.state == Stream::State::LengthHigh) {
      s.expected = static_cast<uint16_t>(in.u8() << 8);
      s.state = Stream::State::LengthLow;
    } else if (s.state == Stream::State::LengthLow) {
      s.expected = static_cast<uint16_t>(s.expected | in.u8());
      s.state = Stream::State::Message;
    } else {
      const Sender sender = d == Direction::Orig ? Sender::Originator : Sender::Responder;
      std::vector<uint8_t> joined;
      Bytes message;
      if (s.part.empty() && in.remaining() >= s.expected) {
        message = in.bytes(s.expected);
      } else {
        const Bytes piece = in.bytes(std::min(in.remaining(), s.expected - s.part.size()));
        s.part.insert(s.part.end(), piece.begin(), piece.end());
        if (s.part.size() < s.expected) return;
        joined = std::move(s.part);
        message = joined;
      }
      s = {};
      if (on_message(c, message, sender) == Roles::Flipped) d = opposite(d);
    }
  }
}

// Zeek looks at unfinished messages of both directions whenever one of them ends, and so again when the second one does.
void DnsAnalyzer::on_eof(AnalyzerContext& c, Direction) {
  for (Stream& s : streams_) {
    if (!s.part.empty()) on_message(c, s.part, Sender::Unknown);
  }
  if (violated_) write_all(c);
}

void DnsAnalyzer::on_finish(AnalyzerContext& c) {
  write_all(c);
}

DnsAnalyzer::Roles DnsAnalyzer::on_message(AnalyzerContext& c, Bytes message, Sender sender) {
  dns::MessageReader& m = reader();
  m.start(message, channel(c));
  if (!m.has_header()) {
    c.weird("DNS_truncated_len_lt_hdr_len", {}, kAnalyzerName);
    return Roles::Kept;
  }
  const dns::Header h = m.header();
  if (h.opcode != 0 && !channel(c).netbios) {
    c.add_history('X');
    c.weird("DNS_unknown_opcode", std::to_string(h.opcode), kAnalyzerName);
    return Roles::Kept;
  }
  const bool flip = first_message_ && h.response && sender == Sender::Originator && !is_multicast(c.conn().resp_h);
  first_message_ = false;
  if (flip) {
    c.flip_roles();
    std::swap(streams_[0], streams_[1]);
    m.start(message, channel(c));
  }
  read_message(c, h);
  return flip ? Roles::Flipped : Roles::Kept;
}

void DnsAnalyzer::read_message(AnalyzerContext& c, const dns::Header& h) {
  const dns::MessageReader& m = reader();
  if (h.opcode == 0) choose_row(c, h);
  read_questions(c);
  read_answers(c);
  if (m.complete()) c.confirm(kService);
  for (const dns::MessageWeird& w : m.weirds()) c.weird(w.name, w.addl, kAnalyzerName);
  if (!m.violation().empty()) {
    violated_ = true;
    c.violation(m.violation());
  }
  end_message(c, h.response);
}

void DnsAnalyzer::read_questions(AnalyzerContext& c) {
  dns::MessageReader& m = reader();
  const dns::Header& h = m.header();
  const bool empty_reply = h.response && h.answers == 0 && h.authorities == 0 && h.additionals == 0;
  for (dns::Question q; m.next_question(q);) {
    if (current_ == nullptr) continue;
    if (empty_reply) current_->rejected = true;
    if (!h.response && h.opcode == 0) set_question(c, h, q);
  }
}

void DnsAnalyzer::read_answers(AnalyzerContext& c) {
  dns::MessageReader& m = reader();
  const dns::Header& h = m.header();
  for (dns::Answer a; m.next_answer(a);) {
    if (h.response && h.opcode == 0) add_answer(c, h, a);
  }
}

// A row is whole once a query and a reply went into it. Messages of other opcodes (NetBIOS) count as such for the row at hand.
void DnsAnalyzer::end_message(AnalyzerContext& c, bool response) {
  if (current_ == nullptr) return;
  (response ? current_->saw_reply : current_->saw_query) = true;
  if (current_->saw_query && current_->saw_reply) {
    write_dns_row(c, *current_);
    return forget_current();
  }
  if (!current_->queued) return;
  queued_bytes_ += current_->text.size() - current_->queued_bytes;
  current_->queued_bytes = static_cast<uint32_t>(current_->text.size());
  if (queued_bytes_ > kMaxQueuedBytes) write_all(c);
}

void DnsAnalyzer::choose_row(AnalyzerContext& c, const dns::Header& h) {
  DnsRow* row = h.response ? row_for_reply(c, h.id) : row_for_query(c, h.id);
  if (row != current_) forget_current();
  current_ = row;
  if (!h.response) return;
  row->rcode = h.rcode;
  row->has_rcode = true;
  if (h.rcode != 0 && h.questions == 0) row->rejected = true;
}

DnsRow* DnsAnalyzer::row_for_query(AnalyzerContext& c, uint16_t id) {
  if (DnsRow* row = replies_.pop(id)) return dequeued(row);
  DnsRow* row = new_row(c, id);
  if (pending_query_ != nullptr) {
    enqueue(c, queries_, row);
  } else {
    pending_query_ = row;
    row->queued = true;
  }
  return row;
}

DnsRow* DnsAnalyzer::row_for_reply(AnalyzerContext& c, uint16_t id) {
  if (pending_query_ != nullptr && pending_query_->id == id) {
    DnsRow* row = dequeued(pending_query_);
    // The next query of this id moves up, so that a later one cannot overtake it.
    pending_query_ = queries_.pop(id);
    if (pending_query_ == nullptr) pending_query_ = queries_.pop_any();
    return row;
  }
  if (DnsRow* row = queries_.pop(id)) return dequeued(row);
  DnsRow* row = new_row(c, id);
  enqueue(c, replies_, row);
  return row;
}

DnsRow* DnsAnalyzer::new_row(AnalyzerContext& c, uint16_t id) {
  DnsRow* row = DnsRowPool::of_this_thread().take();
  row->ts_ns = c.now();
  row->id = id;
  return row;
}

void DnsAnalyzer::set_question(AnalyzerContext& c, const dns::Header& h, const dns::Question& q) {
  DnsRow& row = *current_;
  row.has_question = true;
  row.qtype = q.type;
  row.qclass = q.qclass;
  row.rd = h.recursion_desired;
  row.tc = h.truncated;
  row.z = h.z;
  std::string_view name = q.name;
  std::array<char, dns::kNetbiosNameBytes> decoded;
  if (is_netbios_name_service(c)) {
    const std::string_view plain = dns::decode_netbios_name(name, decoded);
    if (!plain.empty()) name = plain;
  }
  row.set_query(name);
  if (!name.empty()) c.hostname(row.query());
}

void DnsAnalyzer::add_answer(AnalyzerContext& c, const dns::Header& h, const dns::Answer& a) {
  DnsRow& row = *current_;
  if (!row.has_query) row.set_query(a.name);
  row.aa = h.authoritative;
  row.ra = h.recursion_available;
  if (row.rtt_ns == 0) row.rtt_ns = c.now() - row.ts_ns;
  if (!a.text.empty()) row.add_answer(a.text, a.ttl_s);
}

void DnsAnalyzer::enqueue(AnalyzerContext& c, DnsRowQueues& queues, DnsRow* row) {
  write_all(c, queues.make_room(row->id));
  queues.push(row);
  row->queued = true;
}

DnsRow* DnsAnalyzer::dequeued(DnsRow* row) {
  row->queued = false;
  queued_bytes_ -= row->queued_bytes;
  row->queued_bytes = 0;
  return row;
}

void DnsAnalyzer::forget_current() {
  if (current_ != nullptr && !current_->queued) DnsRowPool::of_this_thread().give_back(current_);
  current_ = nullptr;
}

void DnsAnalyzer::write_all(AnalyzerContext& c) {
  if (pending_query_ != nullptr) {
    DnsRowList first;
    first.push_back(pending_query_);
    pending_query_ = nullptr;
    write_all(c, first);
  }
  write_all(c, queries_.take_all());
  write_all(c, replies_.take_all());
}

void DnsAnalyzer::write_all(AnalyzerContext& c, DnsRowList rows) {
  while (DnsRow* row = rows.pop_front()) {
    write_dns_row(c, *dequeued(row));
    if (row != current_) DnsRowPool::of_this_thread().give_back(row);
  }
}

}  // namespace sensor
