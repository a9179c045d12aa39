#include "dpi/ssh/reader.h"

#include <algorithm>

#include "dpi/digest/digest.h"

namespace sensor::ssh {
namespace {

constexpr uint8_t kNewKeys = 21;
/// Zeek's limits: beyond them a length is no length.
constexpr uint32_t kMaxPacketLength = 8 * 1024 * 1024, kMaxStringLength = 2 * 1024 * 1024;
constexpr char kFingerprintSeparator = ':';

}  // namespace

void Reader::feed(bool from_client, Bytes bytes) {
  if (stopped_) return;
  Side& s = side(from_client);
  if (s.phase == Phase::Encrypted) return sink_.on_encrypted(from_client, bytes.size());
  s.held.insert(s.held.end(), bytes.begin(), bytes.end());
  // What one side sends may be what the other side's bytes wait for.
  while (!stopped_ && (read_one(!from_client) || read_one(from_client))) {}
  for (const bool client : {true, false}) clean_up(client);
}

/// False: more bytes are needed.
bool Reader::read_one(bool from_client) {
  Side& s = side(from_client);
  if (s.phase == Phase::Encrypted) return false;
  ByteReader r(s.held);
  r.skip(s.read);
  const bool done = s.phase == Phase::Identification ? read_line(from_client, r) : read_packet(from_client, r);
  s.read = r.position();
  return done;
}

void Reader::clean_up(bool from_client) {
  Side& s = side(from_client);
  const size_t left = s.held.size() - s.read;
  if (stopped_ || s.phase == Phase::Encrypted) s.held = {};
  if (stopped_) return;
  if (s.phase == Phase::Encrypted) {
    if (left != 0) sink_.on_encrypted(from_client, left);
  } else {
    s.held.erase(s.held.begin(), s.held.end() - static_cast<std::ptrdiff_t>(left));
  }
  s.read = 0;
}

/// The other half of a line's end.
void Reader::skip_line_feed(Side& s, ByteReader& r) {
  if (!s.after_carriage_return || r.empty()) return;
  s.after_carriage_return = false;
  if (r.peek() == '\n') r.skip(1);
}

/// A line ends with a line feed, a carriage return, or both.
bool Reader::read_line(bool from_client, ByteReader& r) {
  Side& s = side(from_client);
  skip_line_feed(s, r);
  const std::string_view rest = as_chars(r.rest());
  const size_t end = rest.find_first_of("\r\n");
  if (std::min(end, rest.size()) > kMaxLine) {
    stop();
    return true;
  }
  if (end == std::string_view::npos) return false;
  r.skip(end + 1);
  s.after_carriage_return = rest[end] == '\r';
  skip_line_feed(s, r);
  identification(from_client, rest.substr(0, end));
  return true;
}

void Reader::identification(bool from_client, std::string_view line) {
  if (!line.starts_with("SSH-")) {
    if (from_client) return violation("not an SSH identification");
    preamble_ += line.size() + 1;
    if (preamble_ > kMaxPreamble) stop();
    return;
  }
  Side& s = side(from_client);
  s.phase = Phase::Kexinit;
  s.dialect = dialect(line);
  version_ = agreed_version(sides_[0].dialect, sides_[1].dialect);
  sink_.on_identification(from_client, line);
}

/// A side need not wait for the other's identification (RFC 4253 section 4.2), and it may guess what the exchange will be (section 7.1):
/// what it sends early is read when the other side has spoken.
bool Reader::waits(bool from_client) {
  if (side(!from_client).phase == Phase::Identification) return true;
  return first_offer_ && !negotiated_ && first_offer_from_client_ == from_client;
}

bool Reader::read_packet(bool from_client, ByteReader& r) {
  Side& s = side(from_client);
  skip_line_feed(s, r);
  if (waits(from_client)) {
    if (r.remaining() > kMaxEarly) stop();
    return false;
  }
  if (version_ == 0) {
    if (!r.empty()) violation("no version in common");
    return false;
  }
  ByteReader ahead = r;
  const uint32_t length = ahead.u32();
  if (!ahead.ok()) return false;
  if (length > kMaxPacketLength) sink_.on_limit("SSH_max_packet_length_exceeded", length, kMaxPacketLength);
  if (length > kMaxMessage) {
    stop();
    return true;
  }
  const size_t size = version_ == 1 ? length + 8 - length % 8 : length;
  if (ahead.remaining() < size) return false;
  const ByteReader packet = ahead.sub(size);
  r = ahead;
  if (version_ == 1) {
    ssh1_packet(from_client, packet, length);
  } else {
    ssh2_packet(from_client, packet);
  }
  return true;
}

/// Padding, type, data, checksum; `length` counts all but the padding.
void Reader::ssh1_packet(bool from_client, ByteReader r, uint32_t length) {
  constexpr uint8_t kPublicKey = 2, kSessionKey = 3;
  constexpr uint32_t kTypeAndChecksum = 5;
  if (length < kTypeAndChecksum) return violation("malformed SSH 1 packet");
  const auto number = [](ByteReader& in) {
    const uint32_t bits = in.u16();
    return in.bytes((bits + 7) / 8);
  };
  r.skip(8 - length % 8);
  const uint8_t type = r.u8();
  ByteReader data = r.sub(length - kTypeAndChecksum);
  side(from_client).phase = Phase::Encrypted;
  if (type == kPublicKey) {
    data.skip(8 + 4);  // cookie, bits of the server's key
    number(data);
    number(data);
    data.skip(4);  // bits of the host's key
    const Bytes exponent = number(data), modulus = number(data);
    data.skip(4 + 4 + 4);  // flags, ciphers, ways to log in
    std::string key(as_chars(modulus));
    key += as_chars(exponent);
    if (data.ok()) sink_.on_host_key(digest::md5(as_bytes(key), kFingerprintSeparator));
  } else if (type == kSessionKey) {
    data.skip(1 + 8);  // cipher, cookie
    number(data);
    data.skip(4);
    if (data.ok()) sink_.on_keys();
  } else {
    data.fail();
  }
  if (!data.ok()) violation("malformed SSH 1 message");
}

void Reader::ssh2_packet(bool from_client, ByteReader r) {
  const uint8_t padding = r.u8(), type = r.u8();
  if (!r.ok() || padding > r.remaining()) return violation("malformed SSH packet");
  ByteReader payload = r.sub(r.remaining() - padding);
  if (type == kNewKeys) {
    side(from_client).phase = Phase::Encrypted;
    sink_.on_keys();
    return;
  }
  longest_ = 0;
  ssh2_message(from_client, type, payload);
  if (longest_ > kMaxStringLength) sink_.on_limit("SSH_max_string_length_exceeded", longest_, kMaxStringLength);
  if (!payload.ok()) violation("malformed SSH message");
}

void Reader::ssh2_message(bool from_client, uint8_t type, ByteReader& r) {
  switch (side(from_client).phase) {
    case Phase::Identification:
    case Phase::Encrypted:
      break;
    case Phase::Kexinit:
      return kexinit(from_client, r);
    case Phase::Dh:
      return dh(type, r);
    case Phase::DhGroupExchange:
      return dh_group_exchange(type, r);
    case Phase::Ecdh:
      return ecdh(type, r);
    case Phase::Gss:
      return gss(type, r);
    case Phase::Rsa:
      return rsa(type, r);
  }
}

void Reader::kexinit(bool from_client, ByteReader& r) {
  Kexinit offer;
  parse_kexinit(r, offer, longest_);
  if (!r.ok()) return;
  if (first_offer_ && first_offer_from_client_ != from_client) {
    const Kexinit& client = from_client ? offer : *first_offer_;
    const Kexinit& server = from_client ? *first_offer_ : offer;
    negotiated_ = true;
    choose_exchange(client, server);
    check_lists(offer);
    sink_.on_kexinit(from_client, offer);
    sink_.on_negotiated(client, server);
    return;
  }
  check_lists(offer);
  sink_.on_kexinit(from_client, offer);
  if (first_offer_) return;
  first_offer_ = std::move(offer);
  first_offer_from_client_ = from_client;
}

void Reader::check_lists(const Kexinit& offer) {
  const auto check = [&](std::string_view list, std::string_view weird) {
    const auto count = static_cast<size_t>(std::ranges::count(list, ',')) + 1;
    if (count > kMaxNames) sink_.on_limit(weird, count, kMaxNames);
  };
  check(offer.kex, "SSH_max_kexinit_kex_algorithms_exceeded");
  check(offer.host_key, "SSH_max_kexinit_hostkey_algorithms_exceeded");
  for (const std::string& list : offer.cipher) check(list, "SSH_max_kexinit_encryption_algorithms_exceeded");
  for (const std::string& list : offer.mac) check(list, "SSH_max_kexinit_mac_algorithms_exceeded");
  for (const std::string& list : offer.compression) check(list, "SSH_max_kexinit_compression_algorithms_exceeded");
  for (const std::string& list : offer.languages) check(list, "SSH_max_kexinit_languages_exceeded");
}

/// The messages that follow, by the name of the exchange. Those that Zeek 8.0 does not know, it goes on taking for offers.
void Reader::choose_exchange(const Kexinit& client, const Kexinit& server) {
  struct Kind {
    std::string_view name;
    bool prefix;
    Phase phase;
  };
  static constexpr auto kKinds = std::to_array<Kind>({
      {"rsa1024-sha1", false, Phase::Rsa},                                      // RFC 4432
      {"rsa2048-sha256", false, Phase::Rsa},                                    //
      {"diffie-hellman-group1-sha1", false, Phase::Dh},                         // RFC 4253 section 8
      {"diffie-hellman-group14-sha1", false, Phase::Dh},                        //
      {"diffie-hellman-group14-sha256", false, Phase::Dh},                      // RFC 8268
      {"diffie-hellman-group16-sha512", false, Phase::Dh},                      //
      {"diffie-hellman-group-exchange-sha1", false, Phase::DhGroupExchange},    // RFC 4419
      {"diffie-hellman-group-exchange-sha256", false, Phase::DhGroupExchange},  //
      {"gss-", true, Phase::Gss},                                               // RFC 4462
      {"ecdh-sha2-", true, Phase::Ecdh},                                        // RFC 5656
      {"ecmqv-sha2", false, Phase::Ecdh},                                       //
      {"curve25519-sha256", true, Phase::Ecdh},                                 // RFC 8731
      {"sntrup761x25519-sha512", true, Phase::Ecdh},                            // draft-ietf-sshm-ntruprime-ssh
      {"mlkem", true, Phase::Ecdh},                                             // draft-ietf-sshm-mlkem-hybrid-kex
  });
  auto offered = names(client.kex), accepted = names(server.kex);
  accepted.resize(std::min(accepted.size(), kMaxNames));
  offered.resize(std::min(offered.size(), kMaxNames));
  const auto chosen =
      std::ranges::find_if(offered, [&](std::string_view name) { return std::ranges::find(accepted, name) != accepted.end(); });
  if (chosen == offered.end()) return;
  const auto kind = std::ranges::find_if(kKinds, [&](const Kind& k) { return k.prefix ? chosen->starts_with(k.name) : *chosen == k.name; });
  if (kind == kKinds.end()) return sink_.on_weird("ssh_unknown_kex_algorithm", *chosen);
  sides_[0].phase = sides_[1].phase = kind->phase;
}

void Reader::strings(ByteReader& r, int count) {
  for (int i = 0; i < count; i++) read_string(r, longest_);
}

/// Host key, the server's half of the exchange, signature.
void Reader::server_reply(ByteReader& r) {
  const std::string_view key = read_string(r, longest_);
  strings(r, 2);
  if (r.ok()) sink_.on_host_key(digest::md5(as_bytes(key), kFingerprintSeparator));
}

void Reader::dh(uint8_t type, ByteReader& r) {
  if (type == 30) strings(r, 1);
  if (type == 31) server_reply(r);
}

void Reader::dh_group_exchange(uint8_t type, ByteReader& r) {
  switch (type) {
    case 30:  // the request of drafts
      return r.skip(4);
    case 31:  // group
      return strings(r, 2);
    case 32:
      return strings(r, 1);
    case 33:
      return server_reply(r);
    case 34:  // request
      return r.skip(12);
    default:
      break;
  }
}

void Reader::ecdh(uint8_t type, ByteReader& r) {
  if (type == 30) return strings(r, 1);
  if (type == 31) return server_reply(r);
  r.fail();
}

void Reader::gss(uint8_t type, ByteReader& r) {
  switch (type) {
    case 30:  // init
      return strings(r, 2);
    case 31:  // continue
      return strings(r, 1);
    case 32:  // complete
      strings(r, 2);
      if (r.u8() != 0) strings(r, 1);
      return;
    case 33: {
      const std::string_view key = read_string(r, longest_);
      if (r.ok()) sink_.on_host_key(digest::md5(as_bytes(key), kFingerprintSeparator));
      return;
    }
    case 34:  // error
      r.skip(8);
      return strings(r, 2);
    case 40:  // request of a group
      return r.skip(12);
    case 41:  // group
      return strings(r, 2);
    default:
      r.fail();
  }
}

void Reader::rsa(uint8_t type, ByteReader& r) {
  if (type == 30) return strings(r, 2);
  if (type == 31 || type == 32) return strings(r, 1);
  r.fail();
}

void Reader::violation(std::string_view reason) {
  stopped_ = true;
  sink_.on_violation(reason);
}

}  // namespace sensor::ssh
