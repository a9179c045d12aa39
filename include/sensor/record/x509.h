// x509.log: certificates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sensor/record/schema.h"

namespace sensor {

struct X509Record {
  Time ts;
  std::string fingerprint;
  uint64_t version = 0;
  std::string serial, subject, issuer;
  FarTime not_valid_before, not_valid_after;
  std::string key_alg, sig_alg;
  std::optional<std::string> key_type;
  std::optional<uint64_t> key_length;
  std::optional<std::string> exponent;
  std::optional<std::string> curve;
  std::optional<std::vector<std::string>> san_dns, san_uri, san_email;
  std::optional<std::vector<IpAddress>> san_ip;
  std::optional<bool> basic_constraints_ca;
  std::optional<uint64_t> basic_constraints_path_len;
  bool host_cert = false;
  bool client_cert = false;
};

template <>
struct LogSchema<X509Record> {
  using R = X509Record;
  static constexpr std::string_view path = "x509";
  static constexpr std::string_view doc = "Certificates that were seen; the same one in the same role once a day.";
  static constexpr auto fields = std::make_tuple(
      field("ts", &R::ts, "when the certificate was seen"), field("fingerprint", &R::fingerprint, "SHA-256 of the certificate in DER"),
      field("certificate.version", &R::version, "version of the format, 3 for v3"),
      field("certificate.serial", &R::serial, "serial number in hexadecimal"),
      field("certificate.subject", &R::subject, "whom it names (RFC 2253)"),
      field("certificate.issuer", &R::issuer, "who signed it (RFC 2253)"),
      field("certificate.not_valid_before", &R::not_valid_before, "start of its validity"),
      field("certificate.not_valid_after", &R::not_valid_after, "end of its validity"),
      field("certificate.key_alg", &R::key_alg, "algorithm of the key"),
      field("certificate.sig_alg", &R::sig_alg, "algorithm of the signature"),
      field("certificate.key_type", &R::key_type, "rsa, dsa or ecdsa"),
      field("certificate.key_length", &R::key_length, "length of the key in bits"),
      field("certificate.exponent", &R::exponent, "RSA: public exponent"),
      field("certificate.curve", &R::curve, "elliptic curve: its name"), field("san.dns", &R::san_dns, "alternative names: host names"),
      field("san.uri", &R::san_uri, "alternative names: URIs"), field("san.email", &R::san_email, "alternative names: mail addresses"),
      field("san.ip", &R::san_ip, "alternative names: addresses"),
      field("basic_constraints.ca", &R::basic_constraints_ca, "whether it may sign others"),
      field("basic_constraints.path_len", &R::basic_constraints_path_len, "how many others may stand between it and the last"),
      field("host_cert", &R::host_cert, "whether it came first in its chain"),
      field("client_cert", &R::client_cert, "whether the client sent it"));
};

}  // namespace sensor
