// Application labels (nDPI): what a connection is, beyond the protocol that carries it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sensor/base/counters.h"
#include "sensor/net/packet.h"

namespace sensor {

/// A verdict in ids, small enough to sit in every flow. The ids are nDPI's; app_name() and its neighbours turn them into text.
struct AppLabel {
  uint16_t carrier = 0;    // the protocol below the application (TLS in "TLS.YouTube"); 0: none
  uint16_t app = 0;        // the application, or the protocol itself; 0: unknown
  uint8_t category = 0;    // nDPI category
  uint8_t confidence = 0;  // how nDPI came to it

  bool known() const { return carrier != 0 || app != 0; }
  bool operator==(const AppLabel&) const = default;
};
static_assert(sizeof(AppLabel) <= 8);

/// A protocol that one of the sensor's own dissectors has confirmed, so that nDPI need not search for it.
enum class ConfirmedProtocol : uint8_t {
  Dns,
  Http,
  HttpConnect,  // the CONNECT method of RFC 9110 section 9.3.6
  HttpProxy,    // requests for absolute URIs, as proxies get them (RFC 9112 section 3.2.2)
  Gnutella,     // files over HTTP, asked for by their hash (Gnutella's Hash/URN Extensions)
  Tls,
  Dtls,
  Quic,
  Modbus,
  Mqtt,
  Ntp,
  Ftp,
  FtpData,
  Smtp,
  Socks,
  Ssh,
  Rdp,
  Redis,
  Smb1,
  Smb2,  // and 3
  Postgresql,
  DceRpc,
  Kerberos,
  Ldap,
  Ocsp,  // over HTTP
  Mysql,
  Dnp3,
  Irc,
  Rfb,
  Sip,
  Snmp,
  Syslog,
  Radius,
  Dhcp,
  Imaps,  // IMAP that went over to TLS (RFC 9051 section 6.2.1)
  Pop3,
  Pops,  // POP3 that went over to TLS (RFC 2595 section 4)
  Xmpp
};

/// By the service name of conn.log ("dns", "http", "krb_tcp" …) or the protocol's name in the configuration ("kerberos"); nothing for a
/// service nDPI has to look at itself, or that is several of these (SMB).
std::optional<ConfirmedProtocol> confirmed_protocol(std::string_view service);

/// Counters of one classifier.
enum class NdpiCounter : uint8_t { Leases, PoolExhausted, Packets, Decided, GivenUp, Guessed, Confirmed, kCount };
extern const CounterInfo kNdpiCounters[static_cast<size_t>(NdpiCounter::kCount)];

/// A flow state on loan from a classifier's pool.
using NdpiLease = uint32_t;
inline constexpr NdpiLease kNoNdpiLease = UINT32_MAX;

/// nDPI for one worker: one context, one pool of flow states. Belongs to the worker's thread; different classifiers may run in
/// different threads. Verdicts depend on the packets of the connection at hand alone: nDPI's caches between connections are off, so a
/// capture gets the same labels however its connections are spread over workers.
///
///   lease = c.lease(...)                        first payload of a connection that no dissector has confirmed
///   while (!c.feed(lease, packet)) ...          its packets with payload, either direction, until it has decided
///   label = c.finish(lease)                     decided, or the connection ended: verdict or best guess; the state goes back
///
///   label = c.confirmed(protocol, host, tuple)  instead, once a dissector knows the protocol and the host name
///   label = c.guess(tuple)                      instead, for a connection without payload
class NdpiClassifier {
 public:
  struct Options {
    size_t max_leases = 65536;            // flow states at once, about 0.7 KB each, allocated as they are needed
    size_t max_bytes_kept = 64ULL << 20;  // payload nDPI may keep for all of them; beyond it connections are given up
    uint32_t tcp_packets = 80;            // packets with payload a TCP connection may stay undecided: ndpiReader's budgets;
    uint32_t udp_packets = 24;            // nDPI 4.2 itself stops after 32
    bool ftp_is_read = false;             // a dissector recognises FTP, so nDPI need not look for it in streams that are whole
  };

  /// Cheap: nDPI's context (some 20 ms, 5 MB) is made by make_ready() or the first call that needs it, or left over from an earlier
  /// classifier.
  explicit NdpiClassifier(const Options& options);
  NdpiClassifier();
  ~NdpiClassifier();
  NdpiClassifier(const NdpiClassifier&) = delete;
  NdpiClassifier& operator=(const NdpiClassifier&) = delete;

  /// False in a build without nDPI: leases are never given and every label is unknown.
  static bool available();
  /// Makes the context now.
  void make_ready();

  /// A fresh flow state for a TCP or UDP connection, or kNoNdpiLease (counted) when all are out. `saw_handshake`: the connection began with
  /// a complete handshake; of no meaning for UDP. `holder` names the connection to longest_held().
  NdpiLease lease(bool saw_handshake, uint32_t holder);
  /// The holder of the lease that has been out for longest: the one to give up when all are. While leased() is not 0.
  uint32_t longest_held() const;

  /// Shows a packet of the connection to nDPI; packets without payload are not worth the call. True: it has decided, or the budget is
  /// spent; call finish(). True for kNoNdpiLease. Any content is safe: nDPI gets the payload behind headers of our own making.
  bool feed(NdpiLease lease, const DecodedPacket& packet);

  /// The verdict, or the best guess by port and address; gives the state back. kNoNdpiLease is allowed: unknown.
  AppLabel finish(NdpiLease lease);
  /// Gives the state back without a verdict. kNoNdpiLease is allowed.
  void cancel(NdpiLease lease);

  /// The label of a connection whose protocol is known. `host`: SNI, Host header or query name, or the names of a certificate with commas
  /// between them, of which the first that says something counts; empty where there is none. `tuple`: source is the originator.
  AppLabel confirmed(ConfirmedProtocol protocol, std::string_view host, const FiveTuple& tuple);

  /// By well-known ports and addresses alone. `tuple`: source is the originator.
  AppLabel guess(const FiveTuple& tuple);

  /// Leases that are out.
  size_t leased() const;
  const CounterBlock<NdpiCounter>& counters() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Appends the label's name as nDPI writes it ("DNS", "TLS.YouTube"); nothing when the label is unknown. Any thread.
void append_app_name(const AppLabel& label, std::string& out);
std::string app_name(const AppLabel& label);
/// Name of the category ("Web", "Media"), empty when the label is unknown. Static storage, any thread.
std::string_view app_category_name(const AppLabel& label);
/// Name of the confidence ("DPI", "Match by port", "Match by IP"), empty when the label is unknown. Static storage, any thread.
std::string_view app_confidence_name(const AppLabel& label);

}  // namespace sensor
