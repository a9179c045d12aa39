#include "dpi/ocsp/ocsp.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>

#include <array>
#include <memory>

#include "dpi/x509/asn1_time.h"

namespace sensor::ocsp {
namespace {

struct FreeResponse {
  void operator()(OCSP_RESPONSE* r) const { OCSP_RESPONSE_free(r); }
};
struct FreeBasic {
  void operator()(OCSP_BASICRESP* r) const { OCSP_BASICRESP_free(r); }
};
struct FreeBio {
  void operator()(BIO* b) const { BIO_free(b); }
};

/// Lets OpenSSL print into a BIO.
template <class Print>
std::string printed(Print print) {
  constexpr size_t kMaxTextBytes = 2048;
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new(BIO_s_mem()));
  if (!bio) return {};
  print(bio.get());
  std::array<char, kMaxTextBytes> buf;
  const int n = BIO_read(bio.get(), buf.data(), static_cast<int>(buf.size()));
  return n > 0 ? std::string(buf.data(), static_cast<size_t>(n)) : std::string();
}

int64_t seconds(const ASN1_GENERALIZEDTIME* t) {
  if (t == nullptr || ASN1_STRING_type(t) != V_ASN1_GENERALIZEDTIME) return 0;
  return x509::parse_generalized_time(as_chars(Bytes(ASN1_STRING_get0_data(t), static_cast<size_t>(ASN1_STRING_length(t))))).seconds;
}

/// The reasons of RFC 5280 section 5.3.1; OpenSSL 3.0 lacks the last two.
std::string_view reason_text(int reason) {
  constexpr int kPrivilegeWithdrawn = 9, kAaCompromise = 10;
  if (reason == OCSP_REVOKED_STATUS_NOSTATUS) return {};
  if (reason == kPrivilegeWithdrawn) return "privilegeWithdrawn";
  if (reason == kAaCompromise) return "aACompromise";
  return OCSP_crl_reason_str(reason);
}

void read_certificate_id(const OCSP_SINGLERESP* single, CertificateState& out) {
  // The getter takes a pointer to non-const and changes nothing.
  auto* id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(single));
  ASN1_OCTET_STRING* name_hash = nullptr;
  ASN1_OCTET_STRING* key_hash = nullptr;
  ASN1_OBJECT* algorithm = nullptr;
  ASN1_INTEGER* serial = nullptr;
  if (OCSP_id_get0_info(&name_hash, &algorithm, &key_hash, &serial, id) != 1) return;
  out.hash_algorithm = printed([&](BIO* b) { i2a_ASN1_OBJECT(b, algorithm); });
  out.issuer_name_hash = printed([&](BIO* b) { i2a_ASN1_STRING(b, name_hash, V_ASN1_OCTET_STRING); });
  out.issuer_key_hash = printed([&](BIO* b) { i2a_ASN1_STRING(b, key_hash, V_ASN1_OCTET_STRING); });
  out.serial = printed([&](BIO* b) { i2a_ASN1_INTEGER(b, serial); });
}

CertificateState read_single(OCSP_SINGLERESP* single) {
  CertificateState out;
  read_certificate_id(single, out);
  int reason = OCSP_REVOKED_STATUS_NOSTATUS;
  ASN1_GENERALIZEDTIME* revoked = nullptr;
  ASN1_GENERALIZEDTIME* this_update = nullptr;
  ASN1_GENERALIZEDTIME* next_update = nullptr;
  const int status = OCSP_single_get0_status(single, &reason, &revoked, &this_update, &next_update);
  out.status = OCSP_cert_status_str(status);
  if (status == V_OCSP_CERTSTATUS_REVOKED) {
    out.revoked_at_s = seconds(revoked);
    out.revocation_reason = reason_text(reason);
  }
  out.this_update_s = seconds(this_update);
  out.next_update_s = seconds(next_update);
  return out;
}

}  // namespace

std::optional<std::vector<CertificateState>> parse_response(Bytes der) {
  if (der.empty() || der.size() > kMaxResponseBytes) return std::nullopt;
  const uint8_t* cursor = der.data();
  const std::unique_ptr<OCSP_RESPONSE, FreeResponse> response(d2i_OCSP_RESPONSE(nullptr, &cursor, static_cast<long>(der.size())));
  std::optional<std::vector<CertificateState>> out;
  if (response) {
    out.emplace();
    const std::unique_ptr<OCSP_BASICRESP, FreeBasic> basic(OCSP_response_get1_basic(response.get()));
    const int n = basic ? OCSP_resp_count(basic.get()) : 0;
    for (int i = 0; i < n; i++) out->push_back(read_single(OCSP_resp_get0(basic.get(), i)));
  }
  ERR_clear_error();
  return out;
}

}  // namespace sensor::ocsp
