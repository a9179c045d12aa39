#include "dpi/x509/x509.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "dpi/digest/digest.h"
#include "dpi/x509/asn1_time.h"

namespace sensor::x509 {
namespace {

template <class T, void (*Free)(T*)>
struct Deleter {
  void operator()(T* p) const { Free(p); }
};
template <class T, void (*Free)(T*)>
using Owned = std::unique_ptr<T, Deleter<T, Free>>;

void free_bio(BIO* b) {
  (void)BIO_free(b);
}
void free_bytes(uint8_t* p) {
  OPENSSL_free(p);
}
void free_text(char* p) {
  OPENSSL_free(p);
}

using OwnedCert = Owned<X509, X509_free>;
using OwnedKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using OwnedNumber = Owned<BIGNUM, BN_free>;
using OwnedBio = Owned<BIO, free_bio>;
using OwnedNames = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using OwnedConstraints = Owned<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>;
using OwnedBytes = Owned<uint8_t, free_bytes>;
using OwnedText = Owned<char, free_text>;

constexpr size_t kMaxTextBytes = 2048;  // with the terminator OpenSSL writes

/// Lets OpenSSL print and takes the first line; `print` gets a BIO.
template <class Print>
std::string printed_line(Print print) {
  OwnedBio bio(BIO_new(BIO_s_mem()));
  if (!bio) return {};
  print(bio.get());
  std::array<char, kMaxTextBytes> buf;
  const int n = BIO_gets(bio.get(), buf.data(), static_cast<int>(buf.size()));
  return n > 0 ? std::string(buf.data(), static_cast<size_t>(n)) : std::string();
}

/// The same, all lines: a long serial number is printed on several.
template <class Print>
std::string printed_text(Print print) {
  OwnedBio bio(BIO_new(BIO_s_mem()));
  if (!bio) return {};
  print(bio.get());
  std::array<char, kMaxTextBytes> buf;
  const int n = BIO_read(bio.get(), buf.data(), static_cast<int>(buf.size()));
  return n > 0 ? std::string(buf.data(), static_cast<size_t>(n)) : std::string();
}

std::string object_name(const ASN1_OBJECT* object) {
  std::array<char, 256> buf{};
  if (object == nullptr || OBJ_obj2txt(buf.data(), 255, object, 0) <= 0) return {};
  return buf.data();
}

std::string_view text_of(const ASN1_STRING* s) {
  return as_chars(Bytes(ASN1_STRING_get0_data(s), static_cast<size_t>(ASN1_STRING_length(s))));
}

int64_t read_time(const ASN1_TIME* t, Certificate& out) {
  TimeResult result{0, "x509_invalid_time_type"};
  if (t != nullptr && ASN1_STRING_type(t) == V_ASN1_UTCTIME) result = parse_utc_time(text_of(t));
  if (t != nullptr && ASN1_STRING_type(t) == V_ASN1_GENERALIZEDTIME) result = parse_generalized_time(text_of(t));
  if (!result.oddity.empty()) out.oddities.push_back({result.oddity, {}});
  return result.seconds;
}

void read_subject(const X509* cert, Certificate& out) {
  X509_NAME* name = X509_get_subject_name(cert);
  out.subject = printed_line([&](BIO* b) { X509_NAME_print_ex(b, name, 0, XN_FLAG_RFC2253); });
  int last = -1;
  for (int i = X509_NAME_get_index_by_NID(name, NID_commonName, -1); i >= 0; i = X509_NAME_get_index_by_NID(name, NID_commonName, i))
    last = i;
  if (last < 0) return;
  const ASN1_STRING* cn = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last));
  out.common_name = printed_line([&](BIO* b) { ASN1_STRING_print(b, cn); });
}

OwnedNumber number_of(const EVP_PKEY* key, const char* parameter) {
  BIGNUM* n = nullptr;
  EVP_PKEY_get_bn_param(key, parameter, &n);
  return OwnedNumber(n);
}

uint64_t bits_of(const OwnedNumber& n) {
  return n ? static_cast<uint64_t>(BN_num_bits(n.get())) : 0;
}

void read_key(X509* cert, Certificate& out) {
  OwnedKey key(X509_get_pubkey(cert));
  if (!key) return;
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA: {
      out.key_type = "rsa";
      out.key_bits = bits_of(number_of(key.get(), OSSL_PKEY_PARAM_RSA_N));
      if (OwnedNumber e = number_of(key.get(), OSSL_PKEY_PARAM_RSA_E)) {
        if (OwnedText text{BN_bn2dec(e.get())}) out.exponent = text.get();
      }
      break;
    }
    case EVP_PKEY_DSA:
      out.key_type = "dsa";
      out.key_bits = bits_of(number_of(key.get(), OSSL_PKEY_PARAM_FFC_P));
      break;
    case EVP_PKEY_EC: {
      out.key_type = "ecdsa";
      out.key_bits = bits_of(number_of(key.get(), OSSL_PKEY_PARAM_EC_ORDER));
      std::array<char, 256> curve{};
      if (EVP_PKEY_get_utf8_string_param(key.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.data(), 255, nullptr) == 1) out.curve = curve.data();
      break;
    }
    default:
      break;
  }
}

/// Some RDP servers name the signature's algorithm where the key's belongs; read as an RSA key, it is one.
bool mend_key_algorithm(X509* cert, const ASN1_OBJECT* algorithm) {
  if (OBJ_obj2nid(algorithm) != NID_md5WithRSAEncryption) return false;
  return X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(cert), OBJ_nid2obj(NID_rsaEncryption), 0, nullptr, nullptr, 0) == 1;
}

void read_alternative_name(const GENERAL_NAME* name, Certificate& out) {
  switch (name->type) {
    case GEN_DNS:
    case GEN_URI:
    case GEN_EMAIL: {
      if (ASN1_STRING_type(name->d.ia5) != V_ASN1_IA5STRING) {
        out.oddities.push_back({"x509_san_non_string", {}});
        return;
      }
      auto& list = name->type == GEN_DNS ? out.dns : name->type == GEN_URI ? out.uris : out.emails;
      list.emplace_back(text_of(name->d.ia5));
      return;
    }
    case GEN_IPADD: {
      const std::string_view raw = text_of(name->d.ip);
      if (raw.size() == 4 || raw.size() == 16) {
        out.addresses.push_back(IpAddress::from_bytes(as_bytes(raw)));
      } else {
        out.oddities.push_back({"x509_san_ip_length", std::to_string(raw.size())});
      }
      return;
    }
    default:
      return;
  }
}

void read_alternative_names(X509_EXTENSION* ext, Certificate& out) {
  out.has_alternative_name = true;
  OwnedNames names(static_cast<GENERAL_NAMES*>(X509V3_EXT_d2i(ext)));
  if (!names) {
    out.oddities.push_back({"x509_san_parse_error", {}});
    return;
  }
  // Of two such extensions the last one is logged.
  out.dns.clear();
  out.uris.clear();
  out.emails.clear();
  out.addresses.clear();
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); i++) read_alternative_name(sk_GENERAL_NAME_value(names.get(), i), out);
}

void read_basic_constraints(X509_EXTENSION* ext, Certificate& out) {
  OwnedConstraints constraints(static_cast<BASIC_CONSTRAINTS*>(X509V3_EXT_d2i(ext)));
  if (!constraints) {
    out.oddities.push_back({"x509_invalid_basic_constraint", {}});
    return;
  }
  out.has_basic_constraints = true;
  out.is_ca = constraints->ca != 0;
  out.path_length.reset();
  if (constraints->pathlen != nullptr) {
    out.path_length = static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(ASN1_INTEGER_get(constraints->pathlen))));
  }
}

void read_extensions(const X509* cert, Certificate& out) {
  for (int i = 0; i < X509_get_ext_count(cert); i++) {
    X509_EXTENSION* ext = X509_get_ext(cert, i);
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(ext));
    if (nid == NID_basic_constraints) read_basic_constraints(ext, out);
    if (nid == NID_subject_alt_name) read_alternative_names(ext, out);
  }
}

/// The hash is of the certificate as OpenSSL writes it, which differs from what was sent when that was not DER.
std::string fingerprint_of(X509* cert) {
  uint8_t* der = nullptr;
  const int n = i2d_X509(cert, &der);
  const OwnedBytes owner(der);
  return n > 0 ? digest::sha256(Bytes(der, static_cast<size_t>(n))) : std::string();
}

void read_basics(X509* cert, Certificate& out) {
  out.version = static_cast<uint64_t>(X509_get_version(cert) + 1);
  out.serial = printed_text([&](BIO* b) { i2a_ASN1_INTEGER(b, X509_get0_serialNumber(cert)); });
  read_subject(cert, out);
  out.issuer = printed_line([&](BIO* b) { X509_NAME_print_ex(b, X509_get_issuer_name(cert), 0, XN_FLAG_RFC2253); });
  out.not_before_s = read_time(X509_get0_notBefore(cert), out);
  out.not_after_s = read_time(X509_get0_notAfter(cert), out);
  out.signature_algorithm = object_name(OBJ_nid2obj(X509_get_signature_nid(cert)));
}

}  // namespace

std::shared_ptr<const Certificate> parse_certificate(Bytes der) {
  if (der.empty() || der.size() > kMaxCertificateBytes) return nullptr;
  const uint8_t* cursor = der.data();
  OwnedCert cert(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  if (!cert) {
    ERR_clear_error();
    return nullptr;
  }
  auto out = std::make_shared<Certificate>();
  out->fingerprint = fingerprint_of(cert.get());
  read_basics(cert.get(), *out);
  ASN1_OBJECT* algorithm = nullptr;
  X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, nullptr, X509_get_X509_PUBKEY(cert.get()));
  out->key_algorithm = object_name(algorithm);
  mend_key_algorithm(cert.get(), algorithm);
  read_key(cert.get(), *out);
  read_extensions(cert.get(), *out);
  ERR_clear_error();
  return out;
}

bool host_matches_pattern(std::string_view host, std::string_view pattern) {
  if (host == pattern) return true;
  const size_t star = pattern.find('*');
  const size_t dot = pattern.find('.');
  if (star == pattern.npos || dot == pattern.npos || pattern.find('.', dot + 1) == pattern.npos) return false;
  if (star + 1 != dot) return false;  // the wildcard ends the leftmost label
  const size_t host_dot = host.find('.');
  if (host_dot == host.npos || host.substr(host_dot) != pattern.substr(dot)) return false;
  return host.substr(0, star) == pattern.substr(0, star);
}

bool Certificate::matches_host(std::string_view host) const {
  if (has_alternative_name) return std::ranges::any_of(dns, [&](const std::string& name) { return host_matches_pattern(host, name); });
  return !common_name.empty() && host_matches_pattern(host, common_name);
}

}  // namespace sensor::x509
