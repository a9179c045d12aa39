// A stream of DCE-RPC, a connection or a pipe: cut into units, and fragments put together.
#pragma once

#include <array>
#include <map>
#include <string_view>
#include <vector>

#include "dpi/dce_rpc/dce_rpc.h"

namespace sensor::dce_rpc {

/// Is told what a stream says, in its order. Spans live during the call.
class Sink {
 public:
  virtual void on_security(const Security& security) = 0;
  /// A whole message, as much of it as could be read.
  virtual void on_body(const Body& body) = 0;
  /// A unit was read, and so was the message if it ended with it.
  virtual void on_unit() = 0;
  /// Static storage; Zeek's names.
  virtual void on_weird(std::string_view name) = 0;

 protected:
  ~Sink() = default;
};

/// Both directions. Keeps one unfinished unit of each (64 KiB), and fragments of kMaxCalls calls, each of kMaxFragments and a unit.
class Stream {
 public:
  /// Zeek's limits; beyond them the stream is not read any more.
  static constexpr size_t kMaxCalls = 20;
  static constexpr size_t kMaxFragments = 30000;

  /// The next bytes of a direction. After a unit that is malformed, reading goes on with the next piece.
  void add(bool from_client, Bytes piece, Sink& sink);
  /// Nothing is read any more: a part of the stream is missing.
  void stop();
  bool stopped() const { return stopped_; }

 private:
  struct Side {
    std::vector<uint8_t> held;                           // a unit that is not whole
    std::map<uint32_t, std::vector<uint8_t>> fragments;  // by call
  };
  bool read_unit(Side& side, Bytes bytes, Sink& sink);
  bool read_fragment(Side& side, const Unit& unit, Sink& sink);
  void give_up(Sink& sink, std::string_view weird);

  std::array<Side, 2> sides_;
  bool stopped_ = false;
};

enum class Match : uint8_t { No, Unsure, Yes };
/// Whether the first bytes of a direction are a unit's header.
Match begins_with_unit(Bytes bytes);

}  // namespace sensor::dce_rpc
