// Limits of protocol analysis, with those of connection tracking.
#pragma once

#include <cstdint>

#include "sensor/flow/flow_config.h"

namespace sensor {

/// Protocols that are not read, as a ProtocolMask.
struct ProtocolsOff {
  uint64_t mask = 0;
};

class FileSink;

/// What is done with files beyond counting and typing them.
struct FileConfig {
  bool md5 = false, sha1 = false, sha256 = false;
  /// Where files are kept; null: nowhere. Shared by all workers, outlives them.
  FileSink* sink = nullptr;
  /// Bytes of one file that are kept. Zeek's FileExtract::default_limit.
  uint64_t extract_max_bytes = 100ULL << 20;

  bool taps() const { return md5 || sha1 || sha256 || sink != nullptr; }
};

/// Plain values, copied into every worker.
struct SessionConfig {
  FlowConfig flow;
  /// Seed of uids and file ids. The same captures and the same seed give the same ids.
  uint64_t uid_seed = 0;
  /// Bytes of a connection, both directions together, that are kept until its protocol is recognised. Zeek's dpd_buffer_size.
  uint64_t detect_bytes = 1024;
  /// Payload bytes of a connection after which a protocol violation no longer takes a service away. Zeek's ignore_violations_after.
  uint64_t ignore_violations_after_bytes = 10 * 1024;
  ProtocolsOff protocols_off;
  FileConfig files;
  /// Write icmp.log, arp.log.
  bool icmp = true, arp = true;
  /// Tell the log thread of TCP connections that are refused when they are (RefusedRecord), for its notices.
  bool tell_refused = false;
  /// Ask nDPI for application labels.
  bool labels = true;
  /// Connections that nDPI may be undecided about at once; when there are more, the one that is undecided for longest is given up.
  size_t label_states = 65536;
};

}  // namespace sensor
