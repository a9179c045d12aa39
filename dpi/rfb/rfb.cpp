#include "dpi/rfb/rfb.h"

#include <algorithm>
#include <charconv>

namespace sensor::rfb {
namespace {

constexpr std::string_view kBegin = "RFB ";

// Section 7.1.2, and "The RFB Protocol" of the community for those that are no part of the RFC.
enum Security : uint32_t { kInvalid = 0, kNone = 1, kVnc = 2, kTls = 18, kVencrypt = 19, kApple = 30 };
// Types within VeNCrypt: 256 is a password in the clear, the others begin with TLS.
constexpr uint32_t kVencryptFirstTls = 257, kVencryptLastTls = 262;

/// A length of four bytes and as many characters; fails as long as they are not there.
std::string_view text(ByteReader& r, bool& too_long) {
  const uint32_t n = r.u32();
  too_long = r.ok() && n > Reader::kMaxText;
  return r.chars(n);
}

}  // namespace

void Reader::feed(bool from_client, Bytes piece) {
  rest_ = {};
  if (stopped_) return;
  std::vector<uint8_t>& own = held_[from_client ? 0 : 1];
  own.insert(own.end(), piece.begin(), piece.end());
  // What one side says may be what the other's bytes wait for.
  for (bool side = from_client, again = true; again && !stopped_; side = !side) {
    std::vector<uint8_t>& held = held_[side ? 0 : 1];
    ByteReader r(held);
    const Step before = step(!side);
    while (!stopped_ && read_one(side, r)) {}
    held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(r.position()));
    again = step(!side) != before && !held_[side ? 1 : 0].empty();
  }
  if (stopped_) {
    rest_ = piece.last(std::min(own.size(), piece.size()));
  } else if (own.size() > kMaxHeld) {
    stopped_ = true;
  }
}

/// False: more bytes are needed, from this side or the other.
bool Reader::read_one(bool from_client, ByteReader& r) {
  ByteReader ahead = r;
  const bool read = from_client ? client_step(ahead) : server_step(ahead);
  if (!read || (!ahead.ok() && !stopped_)) return false;
  if (ahead.ok()) r = ahead;
  return true;
}

/// Each step changes something only when all its bytes are there.
bool Reader::client_step(ByteReader& r) {
  constexpr size_t kResponseBytes = 16;
  switch (step(true)) {
    case Step::Version:
      if (step(false) == Step::Version) return false;  // the server speaks first
      version(true, r);
      return true;
    case Step::Choice:
      choice(r);
      return true;
    case Step::Response:
      r.skip(kResponseBytes);
      if (r.ok()) step(true) = Step::Init;
      return true;
    case Step::AppleResponse:
      r.skip(size_t{2} * key_bytes_);
      if (r.ok()) step(true) = Step::Init;
      return true;
    case Step::VencryptVersion: {
      constexpr uint16_t kVersion = 2;  // 0.2; before it the lists had another form
      const uint16_t wanted = r.u16();
      if (!r.ok()) return false;
      next(Step::Wait, Step::VencryptAccepted);
      stopped_ = wanted != kVersion;
      return true;
    }
    case Step::VencryptChoice: {
      const uint32_t type = r.u32();
      if (!r.ok()) return false;
      next(Step::Wait, Step::VencryptReady);
      stopped_ = type < kVencryptFirstTls || type > kVencryptLastTls;
      return true;
    }
    case Step::Init: {
      const uint8_t shared = r.u8();
      if (!r.ok()) return false;
      step(true) = Step::Done;
      sink_.on_shared(shared != 0);
      return true;
    }
    default:
      return false;
  }
}

bool Reader::server_step(ByteReader& r) {
  constexpr size_t kChallengeBytes = 16;
  switch (step(false)) {
    case Step::Version:
      version(false, r);
      return true;
    case Step::Security33:
      security33(r);
      return true;
    case Step::SecurityList: {
      const uint8_t count = r.u8();
      r.skip(count);
      if (r.ok()) step(false) = count == 0 ? Step::Reason : Step::Wait;
      return true;
    }
    case Step::Reason: {
      bool too_long = false;
      text(r, too_long);
      if (too_long) violation("RFB reason too long");
      if (r.ok()) step(false) = Step::Init;
      return true;
    }
    case Step::Challenge:
      r.skip(kChallengeBytes);
      if (r.ok()) step(false) = Step::Result;
      return true;
    case Step::AppleChallenge:
      apple_challenge(r);
      return true;
    case Step::VencryptVersion:
      r.skip(2);
      if (r.ok()) next(Step::VencryptVersion, Step::Wait);
      return true;
    case Step::VencryptAccepted: {
      const uint8_t refused = r.u8();
      if (!r.ok()) return false;
      step(false) = Step::VencryptList;
      stopped_ = refused != 0;
      return true;
    }
    case Step::VencryptList:
      vencrypt_list(r);
      return true;
    case Step::VencryptReady: {
      const uint8_t accepted = r.u8();
      if (!r.ok()) return false;
      stopped_ = true;
      if (accepted != 0) sink_.on_tls();
      return true;
    }
    case Step::Result:
      result(r);
      return true;
    case Step::Init:
      server_init(r);
      return true;
    default:
      return false;
  }
}

/// Section 7.1.1. The client's version is the one that is spoken.
void Reader::version(bool from_client, ByteReader& r) {
  const std::string_view begin = r.chars(kBegin.size()), major = r.chars(3), dot = r.chars(1), minor = r.chars(3);
  r.skip(1);
  if (!r.ok()) return;
  if (begin != kBegin || dot != ".") return violation("malformed RFB version");
  sink_.on_version(from_client, major, minor);
  if (!from_client) {
    step(false) = Step::Wait;
    return;
  }
  constexpr unsigned kFirstWithChoice = 7;
  std::from_chars(minor.data(), minor.data() + minor.size(), minor_);
  minor_ >= kFirstWithChoice ? next(Step::Choice, Step::SecurityList) : next(Step::Wait, Step::Security33);
}

void Reader::security33(ByteReader& r) {
  const uint32_t type = r.u32();
  if (!r.ok()) return;
  sink_.on_security(type);
  if (type == kInvalid) return next(Step::Init, Step::Reason);
  if (type == kNone) return next(Step::Init, Step::Init);
  if (type == kVnc) return next(Step::Response, Step::Challenge);
  violation("unknown RFB security type");
}

/// Section 7.1.2
void Reader::choice(ByteReader& r) {
  const uint8_t type = r.u8();
  if (!r.ok()) return;
  sink_.on_security(type);
  constexpr unsigned kFirstWithResult = 8;  // also where nothing is to be proved
  switch (type) {
    case kNone:
      return next(Step::Init, minor_ >= kFirstWithResult ? Step::Result : Step::Init);
    case kVnc:
      return next(Step::Response, Step::Challenge);
    case kApple:
      return next(Step::Wait, Step::AppleChallenge);
    case kVencrypt:
      return next(Step::Wait, Step::VencryptVersion);
    case kTls:
      sink_.on_tls();
      break;
    default:
      break;  // what follows is not known
  }
  stopped_ = true;
}

void Reader::apple_challenge(ByteReader& r) {
  r.skip(2);  // generator
  const uint16_t n = r.u16();
  r.skip(size_t{2} * n);  // prime and public key
  if (!r.ok()) return;
  key_bytes_ = n;
  next(Step::AppleResponse, Step::Result);
}

void Reader::vencrypt_list(ByteReader& r) {
  const uint8_t count = r.u8();
  r.skip(size_t{4} * count);
  if (!r.ok()) return;
  next(Step::VencryptChoice, Step::Wait);
  stopped_ = count == 0;
}

/// Section 7.1.3
void Reader::result(ByteReader& r) {
  const uint32_t failure = r.u32();
  if (!r.ok()) return;
  constexpr uint32_t kTooMany = 2;  // attempts
  sink_.on_security_result(failure == 0);
  if (failure > kTooMany) return violation("unknown RFB security result");
  step(false) = failure == 0 ? Step::Init : Step::Reason;
}

/// Section 7.3.2
void Reader::server_init(ByteReader& r) {
  constexpr size_t kPixelFormatBytes = 16;
  const uint16_t width = r.u16(), height = r.u16();
  r.skip(kPixelFormatBytes);
  bool too_long = false;
  const std::string_view name = text(r, too_long);
  if (too_long) return violation("RFB name too long");
  if (!r.ok()) return;
  stopped_ = true;
  sink_.on_desktop(name, width, height);
}

void Reader::next(Step client, Step server) {
  steps_ = {client, server};
}

void Reader::violation(std::string_view reason) {
  stopped_ = true;
  sink_.on_violation(reason);
}

std::string_view security_name(uint32_t type) {
  constexpr std::pair<uint32_t, std::string_view> kNames[] = {{0, "Invalid"},
                                                              {1, "None"},
                                                              {2, "VNC"},
                                                              {16, "Tight"},
                                                              {17, "Ultra"},
                                                              {18, "TLS"},
                                                              {19, "VeNCrypt"},
                                                              {20, "GTK-VNC SASL"},
                                                              {21, "MD5 hash authentication"},
                                                              {22, "Colin Dean xvp"},
                                                              {30, "Apple Remote Desktop"}};
  const auto it = std::ranges::find(kNames, type, &std::pair<uint32_t, std::string_view>::first);
  return it != std::end(kNames) ? it->second : "RealVNC";
}

Match looks_like(Bytes client, Bytes server) {
  const auto begins = [](Bytes b) { return as_chars(b.first(std::min(b.size(), kBegin.size()))) == kBegin.substr(0, b.size()); };
  if (!begins(client) || !begins(server)) return Match::No;
  return client.size() >= kBegin.size() && server.size() >= kBegin.size() ? Match::Yes : Match::Unsure;
}

}  // namespace sensor::rfb
