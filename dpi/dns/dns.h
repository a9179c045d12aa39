// DNS messages (RFC 1035), and what shares their form: mDNS (RFC 6762), LLMNR (RFC 4795), NetBIOS name service (RFC 1002).
//
//   dns::MessageReader m;
//   m.start(bytes, {});
//   if (m.has_header())
//     for (dns::Question q; m.next_question(q);) ...
//     for (dns::Answer a; m.next_answer(a);) ...
//   m.complete(), m.weirds(), m.violation()
//
// Reading stops where Zeek's analyzer stops, and what is rendered is rendered in its words, because the logs are compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dpi/dns/name.h"
#include "sensor/base/byte_reader.h"

namespace sensor::dns {

inline constexpr uint16_t kNetbiosPort = 137;
inline constexpr uint16_t kMaxQuestions = 25;  // more than these are no DNS
inline constexpr size_t kHeaderBytes = 12;
inline constexpr size_t kNetbiosNameBytes = 16;

namespace rr {
inline constexpr uint16_t kA = 1, kNs = 2, kCname = 5, kSoa = 6, kWks = 11, kPtr = 12, kHinfo = 13, kMx = 15, kTxt = 16, kAaaa = 28,
                          kLoc = 29, kNbs = 32, kSrv = 33, kNaptr = 35, kA6 = 38, kOpt = 41, kDs = 43, kSshfp = 44, kRrsig = 46, kNsec = 47,
                          kDnskey = 48, kNsec3 = 50, kNsec3Param = 51, kSvcb = 64, kHttps = 65, kSpf = 99, kTkey = 249, kTsig = 250,
                          kCaa = 257, kBinds = 65534;
}

/// RFC 1035 section 4.1.1.
struct Header {
  uint16_t id = 0;
  uint8_t opcode = 0;
  uint8_t rcode = 0;
  uint8_t z = 0;  // the three bits between RA and RCODE: Z, AD, CD
  bool response = false, authoritative = false, truncated = false, recursion_desired = false, recursion_available = false;
  uint16_t questions = 0, answers = 0, authorities = 0, additionals = 0;
};

/// Takes the header from the reader, which fails when it is not whole.
Header read_header(ByteReader& in);

/// The name lives in the reader until the next question or answer is read.
struct Question {
  std::string_view name;  // lower case
  uint16_t type = 0;
  uint16_t qclass = 0;
};

/// A record of the answer section that Zeek's dns.log takes notice of. Views live in the reader until the next answer is read.
struct Answer {
  std::string_view name;  // owner, lower case
  uint16_t type = 0;
  uint16_t rclass = 0;
  uint32_t ttl_s = 0;
  std::string_view text;  // as in the answers column; empty: not listed there
};

/// An anomaly. The name has static storage, addl lives in the reader.
struct MessageWeird {
  std::string_view name;
  std::string addl;
};

/// Where a message comes from, as far as its meaning depends on it.
struct Channel {
  bool netbios = false;            // either port is 137: opcodes other than a plain query are in order
  bool netbios_responder = false;  // the responder's port is 137: long labels, and type 33 is a node status
  bool udp = true;
};

/// Reads one message, in order: header, questions, answers. Authority and additional records are not looked at.
/// Reuse one reader for many messages: its buffers keep their size. Owns its output, not the bytes, which must outlive the reading.
/// At most one weird of a name per message. Nothing throws on any bytes; the work is linear in the length of the message,
/// with a factor of at most Name::kCapacity for names.
class MessageReader {
 public:
  /// Reads the header.
  void start(Bytes message, Channel channel);
  /// False when the message is shorter than a header.
  bool has_header() const { return has_header_; }
  const Header& header() const { return header_; }

  bool next_question(Question& out);
  /// Call when next_question has returned false.
  bool next_answer(Answer& out);

  /// All announced questions and answers were read without a break.
  bool complete() const { return has_header_ && !broken_ && questions_left_ == 0 && answers_left_ == 0; }
  const std::vector<MessageWeird>& weirds() const { return weirds_; }
  /// Why this cannot be DNS, in Zeek's words; empty: it can. Static storage.
  std::string_view violation() const { return violation_; }

 private:
  /// What came of the data of one record.
  enum class Rdata : uint8_t {
    Listed,        // goes to the log
    Skipped,       // read, but the log knows nothing of this type
    ListedBroken,  // goes to the log, and what follows cannot be read
    Broken,        // neither
  };

  /// What to call an algorithm number that no zone should be signed with.
  struct AlgorithmWeirds {
    std::string_view not_recommended, indirect, private_dns, private_oid, unknown;
  };

  Rdata read_answer(Answer& out);
  Rdata read_rdata(uint16_t type, uint16_t length);
  Rdata skip_rdata(uint16_t length);
  Rdata a(uint16_t length);
  Rdata aaaa();
  Rdata name(size_t prefix_bytes, uint16_t length);
  Rdata soa(uint16_t length);
  Rdata naptr(uint16_t length);
  Rdata strings(std::string_view label, uint16_t length);
  Rdata opt();
  Rdata tsig();
  Rdata rrsig(uint16_t length);
  Rdata dnskey(uint16_t length);
  Rdata ds(uint16_t length);
  Rdata nsec(uint16_t length);
  Rdata nsec3(uint16_t length);
  Rdata nsec3_param();
  Rdata sshfp(uint16_t length);
  Rdata loc();
  Rdata binds(uint16_t length);
  Rdata svcb(uint16_t length);
  Rdata unknown(uint16_t type, uint16_t length);

  void client_subnet(ByteReader option);
  void type_bitmaps(size_t begin, uint16_t length, std::string_view empty_block_weird);
  void check_algorithm(const AlgorithmWeirds& names, uint8_t algorithm);
  bool character_string(std::string_view& out, int& left);

  // Integers where they fit, 0 and no progress where they do not; runs of bytes cut at the end of the message.
  uint8_t u8_or_zero() { return in_.remaining() >= 1 ? in_.u8() : uint8_t{0}; }
  uint16_t u16_or_zero() { return in_.remaining() >= 2 ? in_.u16() : uint16_t{0}; }
  uint32_t u32_or_zero() { return in_.remaining() >= 4 ? in_.u32() : 0; }
  Bytes up_to(int64_t n);
  std::string_view read_name(Name& name, bool keep_case = false);
  std::string_view read_owner();
  void expect_consumed(size_t begin, uint16_t length);
  void weird(std::string_view name) { weird(name, {}); }
  void weird(std::string_view name, std::string addl);
  void weird_number(std::string_view name, uint64_t addl) { weird(name, std::to_string(addl)); }

  ByteReader in_;
  Channel channel_;
  Header header_;
  uint16_t questions_left_ = 0, answers_left_ = 0;
  bool has_header_ = false, broken_ = true;
  bool owner_is_question_ = false;  // owner_ holds the name that stands behind the header
  std::string_view violation_;
  Name owner_, target_;
  std::string text_;
  std::vector<MessageWeird> weirds_;
};

/// "A", "AAAA" …; empty where Zeek has no name for the number (it then writes "query-N").
std::string_view query_type_name(uint16_t type);
/// "C_INTERNET" …; empty: "qclass-N".
std::string_view class_name(uint16_t qclass);
/// "NOERROR" …; never empty for the 16 codes of a header.
std::string_view rcode_name(uint8_t rcode);

/// The host name hidden in the 32 letters of a first-level encoded NetBIOS name (RFC 1001 section 14.1), without padding and suffix.
/// Empty when `name` is no such encoding, or names nothing.
std::string_view decode_netbios_name(std::string_view name, std::span<char, kNetbiosNameBytes> buffer);

/// Whether these bytes are exactly one DNS query or answer and can hardly be anything else: sound flags and counts, host names,
/// known types and classes, all records whole, nothing behind them. For datagrams on ports that tell nothing.
bool looks_like_message(Bytes message);

enum class StreamProbe : uint8_t { No, NeedMore, Yes };
/// The same for the beginning of a TCP stream, where a length precedes each message (RFC 1035 section 4.2.2).
StreamProbe looks_like_stream(Bytes stream);

}  // namespace sensor::dns
