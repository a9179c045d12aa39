// The Remote Framebuffer Protocol of VNC (RFC 6143), up to where the screen's content begins.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::rfb {

/// What a reader finds, in the order of the wire. Views live during the call.
class Sink {
 public:
  virtual ~Sink() = default;
  /// Three digits each.
  virtual void on_version(bool from_client, std::string_view major, std::string_view minor) = 0;
  /// The type of security that both agree on.
  virtual void on_security(uint32_t type) = 0;
  virtual void on_security_result(bool success) = 0;
  /// TLS begins behind the agreement.
  virtual void on_tls() = 0;
  /// Whether other clients stay connected.
  virtual void on_shared(bool shared) = 0;
  virtual void on_desktop(std::string_view name, uint16_t width, uint16_t height) = 0;
  virtual void on_violation(std::string_view reason) = 0;
};

/// Both directions of a connection. Keeps at most kMaxHeld bytes of each.
class Reader {
 public:
  /// Of a text, as in Zeek; longer ones are malformed.
  static constexpr uint32_t kMaxText = 65535;
  static constexpr size_t kMaxHeld = 2 * 65536;

  explicit Reader(Sink& sink) : sink_(sink) {}
  void feed(bool from_client, Bytes piece);
  /// Nothing more is read: the screen, TLS, a type of security that is not known, or a violation.
  bool stopped() const { return stopped_; }
  /// Of the piece at hand, what comes behind the agreement to TLS.
  Bytes rest() const { return rest_; }

 private:
  /// What the next bytes of a side are; Wait: the other side speaks first.
  enum class Step : uint8_t {
    Version,
    Wait,
    Security33,    // server: the type, as version 3.3 has it
    SecurityList,  // server: types to choose from
    Choice,        // client: one of them
    Reason,        // server: why it refuses
    Challenge,     // server, and the client's Response
    Response,
    AppleChallenge,  // server, and the client's AppleResponse
    AppleResponse,
    VencryptVersion,  // both
    VencryptAccepted,
    VencryptList,
    VencryptChoice,
    VencryptReady,
    Result,  // server: whether the client is let in
    Init,    // both
    Done
  };

  bool read_one(bool from_client, ByteReader& r);
  bool client_step(ByteReader& r);
  bool server_step(ByteReader& r);
  void version(bool from_client, ByteReader& r);
  void security33(ByteReader& r);
  void choice(ByteReader& r);
  void apple_challenge(ByteReader& r);
  void vencrypt_list(ByteReader& r);
  void result(ByteReader& r);
  void server_init(ByteReader& r);
  void next(Step client, Step server);
  void violation(std::string_view reason);

  Step& step(bool from_client) { return steps_[from_client ? 0 : 1]; }

  Sink& sink_;
  std::array<std::vector<uint8_t>, 2> held_;
  std::array<Step, 2> steps_{Step::Version, Step::Version};
  Bytes rest_;
  unsigned minor_ = 0;  // of the client's version
  uint16_t key_bytes_ = 0;
  bool stopped_ = false;
};

/// Zeek's names: "None", "VNC"; "RealVNC" for those it does not know.
std::string_view security_name(uint32_t type);

enum class Match : uint8_t { No, Unsure, Yes };
/// Whether both sides begin with a version.
Match looks_like(Bytes client, Bytes server);

}  // namespace sensor::rfb
