// ocsp.log: what certificate authorities say of certificates.
#pragma once

#include <optional>
#include <string>

#include "sensor/record/schema.h"

namespace sensor {

struct OcspRecord {
  Time ts;
  Uid id;
  std::string hash_algorithm, issuer_name_hash, issuer_key_hash, serial_number;
  std::string_view cert_status;  // static storage
  std::optional<FarTime> revoke_time;
  std::optional<std::string_view> revoke_reason;  // static storage
  FarTime this_update;
  std::optional<FarTime> next_update;
};

template <>
struct LogSchema<OcspRecord> {
  using R = OcspRecord;
  static constexpr std::string_view path = "ocsp";
  static constexpr std::string_view doc = "What certificate authorities say of certificates, one row per certificate of an answer.";
  static constexpr auto fields = std::make_tuple(
      field("ts", &R::ts, "when the answer began"), field("id", &R::id, "id of the answer in files.log"),
      field("hashAlgorithm", &R::hash_algorithm, "algorithm of the two hashes"),
      field("issuerNameHash", &R::issuer_name_hash, "hash of the issuer's name"),
      field("issuerKeyHash", &R::issuer_key_hash, "hash of the issuer's key"),
      field("serialNumber", &R::serial_number, "serial number of the certificate"),
      field("certStatus", &R::cert_status, "good, revoked or unknown"), field("revoketime", &R::revoke_time, "when it was revoked"),
      field("revokereason", &R::revoke_reason, "why it was revoked"),
      field("thisUpdate", &R::this_update, "when this was known to be right"),
      field("nextUpdate", &R::next_update, "when there will be newer information"));
};

}  // namespace sensor
