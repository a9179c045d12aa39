// Both directions of an SSH connection, from the identifications to the first encrypted byte and beyond.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dpi/ssh/ssh.h"

namespace sensor::ssh {

/// What a reader finds, in the order of the wire. Views live during the call.
class Sink {
 public:
  virtual ~Sink() = default;
  /// The line that begins with "SSH-", without its end.
  virtual void on_identification(bool from_client, std::string_view text) = 0;
  virtual void on_kexinit(bool from_client, const Kexinit& offer) = 0;
  /// Both sides have made their offers.
  virtual void on_negotiated(const Kexinit& client, const Kexinit& server) = 0;
  /// The MD5 of the server's key, in hexadecimal digits with colons.
  virtual void on_host_key(std::string fingerprint) = 0;
  /// A side has its keys: the protocol is certain.
  virtual void on_keys() = 0;
  /// Bytes of a piece that are encrypted.
  virtual void on_encrypted(bool from_client, size_t bytes) = 0;
  /// Zeek's names.
  virtual void on_weird(std::string_view name, std::string_view addl) = 0;
  virtual void on_limit(std::string_view name, uint64_t found, uint64_t limit) = 0;
  virtual void on_violation(std::string_view reason) = 0;
};

/// Keeps at most one unfinished message of each direction (kMaxMessage), or what a side sends before the other has answered (kMaxEarly).
class Reader {
 public:
  /// Longer lines and messages end the reading: OpenSSH takes no longer messages either.
  static constexpr size_t kMaxLine = 4096;
  static constexpr size_t kMaxMessage = 256 * 1024;
  static constexpr size_t kMaxEarly = 2 * 35000;  // an offer and the message that guesses its outcome, RFC 4253 section 6.1
  /// Lines that a server sends before its identification (RFC 4253 section 4.2), all together.
  static constexpr size_t kMaxPreamble = 64 * 1024;

  explicit Reader(Sink& sink) : sink_(sink) {}
  void feed(bool from_client, Bytes bytes);

  /// 1 or 2; 0: not known, or none in common.
  unsigned version() const { return version_; }
  bool all_encrypted() const { return sides_[0].phase == Phase::Encrypted && sides_[1].phase == Phase::Encrypted; }
  /// Nothing more is read: a violation, or a limit.
  bool stopped() const { return stopped_; }

 private:
  /// What a side sends next; the kinds of key exchange differ in their messages.
  enum class Phase : uint8_t { Identification, Kexinit, Dh, DhGroupExchange, Ecdh, Gss, Rsa, Encrypted };
  struct Side {
    Phase phase = Phase::Identification;
    Dialect dialect = Dialect::Unknown;
    bool after_carriage_return = false;  // which ended the last line
    std::vector<uint8_t> held;           // from what is not read yet
    size_t read = 0;                     // bytes of it that are read
  };

  Side& side(bool from_client) { return sides_[from_client ? 0 : 1]; }
  bool read_one(bool from_client);
  void clean_up(bool from_client);
  bool waits(bool from_client);
  static void skip_line_feed(Side& s, ByteReader& r);
  bool read_line(bool from_client, ByteReader& r);
  void identification(bool from_client, std::string_view line);
  bool read_packet(bool from_client, ByteReader& r);
  void ssh1_packet(bool from_client, ByteReader r, uint32_t length);
  void ssh2_packet(bool from_client, ByteReader r);
  void ssh2_message(bool from_client, uint8_t type, ByteReader& r);
  void kexinit(bool from_client, ByteReader& r);
  void check_lists(const Kexinit& offer);
  void choose_exchange(const Kexinit& client, const Kexinit& server);
  void dh(uint8_t type, ByteReader& r);
  void dh_group_exchange(uint8_t type, ByteReader& r);
  void ecdh(uint8_t type, ByteReader& r);
  void gss(uint8_t type, ByteReader& r);
  void rsa(uint8_t type, ByteReader& r);
  void strings(ByteReader& r, int count);
  void server_reply(ByteReader& r);
  void violation(std::string_view reason);
  void stop() { stopped_ = true; }

  Sink& sink_;
  std::array<Side, 2> sides_;
  unsigned version_ = 0;
  size_t preamble_ = 0;
  uint32_t longest_ = 0;  // length that a string of the message at hand claims
  bool stopped_ = false;
  std::optional<Kexinit> first_offer_;
  bool first_offer_from_client_ = false;
  bool negotiated_ = false;  // both have made their offers
};

}  // namespace sensor::ssh
