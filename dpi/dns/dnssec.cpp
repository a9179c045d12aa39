// Records of DNSSEC (RFC 4034, RFC 5155): what is logged of them, and which numbers raise an eyebrow.
#include "dpi/dns/dns.h"

namespace sensor::dns {

void MessageReader::check_algorithm(const AlgorithmWeirds& names, uint8_t algorithm) {
  constexpr uint8_t kRsaMd5 = 1, kIndirect = 252, kPrivateDns = 253, kPrivateOid = 254;
  switch (algorithm) {
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
    case 10:
    case 12:
    case 13:
    case 14:
    case 15:
    case 16:
      return;
    case kRsaMd5:
      return weird_number(names.not_recommended, algorithm);
    case kIndirect:
      return weird_number(names.indirect, algorithm);
    case kPrivateDns:
      return weird_number(names.private_dns, algorithm);
    case kPrivateOid:
      return weird_number(names.private_oid, algorithm);
    default:
      return weird_number(names.unknown, algorithm);
  }
}

MessageReader::Rdata MessageReader::rrsig(uint16_t length) {
  static constexpr AlgorithmWeirds kWeirds = {"DNSSEC_RRSIG_NotRecommended_ZoneSignAlgo", "DNSSEC_RRSIG_Indirect_ZoneSignAlgo",
                                              "DNSSEC_RRSIG_PrivateDNS_ZoneSignAlgo", "DNSSEC_RRSIG_PrivateOID_ZoneSignAlgo",
                                              "DNSSEC_RRSIG_unknown_ZoneSignAlgo"};
  constexpr size_t kFixed = 18;
  if (in_.remaining() < kFixed) return Rdata::Broken;
  const size_t begin = in_.position();
  const uint16_t covered = in_.u16();
  const uint8_t algorithm = in_.u8();
  in_.skip(kFixed - 3);
  const std::string_view signer = read_name(target_);
  up_to(int64_t{length} - static_cast<int64_t>(in_.position() - begin));
  check_algorithm(kWeirds, algorithm);
  text_ += "RRSIG ";
  text_ += std::to_string(covered);
  text_ += ' ';
  text_ += signer.empty() ? "<Root>" : signer;
  return Rdata::Listed;
}

MessageReader::Rdata MessageReader::dnskey(uint16_t length) {
  static constexpr AlgorithmWeirds kWeirds = {"DNSSEC_DNSKEY_NotRecommended_ZoneSignAlgo", "DNSSEC_DNSKEY_Indirect_ZoneSignAlgo",
                                              "DNSSEC_DNSKEY_PrivateDNS_ZoneSignAlgo", "DNSSEC_DNSKEY_PrivateOID_ZoneSignAlgo",
                                              "DNSSEC_DNSKEY_unknown_ZoneSignAlgo"};
  constexpr uint16_t kZoneKey = 0x0100, kRevoked = 0x0080, kSecureEntryPoint = 0x0001;
  constexpr uint16_t kKnown = kZoneKey | kRevoked | kSecureEntryPoint;
  constexpr uint8_t kDnssecProtocol = 3;
  if (in_.remaining() < 4) return Rdata::Broken;
  const uint16_t flags = in_.u16();
  const uint8_t protocol = in_.u8();
  const uint8_t algorithm = in_.u8();
  up_to(int64_t{length} - 4);
  if ((flags & ~kKnown) != 0) weird_number("DNSSEC_DNSKEY_Invalid_Flag", flags);
  if ((flags & kKnown) == kKnown) weird_number("DNSSEC_DNSKEY_Revoked_KSK", flags);
  if (protocol != kDnssecProtocol) weird_number("DNSSEC_DNSKEY_Invalid_Protocol", protocol);
  check_algorithm(kWeirds, algorithm);
  text_ += "DNSKEY ";
  text_ += std::to_string(algorithm);
  return Rdata::Listed;
}

MessageReader::Rdata MessageReader::ds(uint16_t length) {
  constexpr uint8_t kLastKnownDigest = 4;
  if (in_.remaining() < 4) return Rdata::Broken;
  in_.skip(2);  // key tag
  const uint8_t algorithm = in_.u8();
  const uint8_t digest = in_.u8();
  up_to(int64_t{length} - 4);
  if (digest == 0) weird_number("DNSSEC_DS_ReservedDigestType", digest);
  if (digest > kLastKnownDigest) weird_number("DNSSEC_DS_unknown_DigestType", digest);
  text_ += "DS ";
  text_ += std::to_string(algorithm);
  text_ += ' ';
  text_ += std::to_string(digest);
  return Rdata::Listed;
}

// RFC 4034 section 4.1.2: blocks of window number, length, bits. Skipped; only an empty block is worth a word.
void MessageReader::type_bitmaps(size_t begin, uint16_t length, std::string_view empty_block_weird) {
  int64_t left = int64_t{length} - static_cast<int64_t>(in_.position() - begin);
  while (left > 0 && !in_.empty()) {
    const uint16_t head = u16_or_zero();
    const int block = head & 0xff;
    if (block == 0) return weird_number(empty_block_weird, head >> 8);
    up_to(block);
    left -= 2 + block;
  }
}

MessageReader::Rdata MessageReader::nsec(uint16_t length) {
  const size_t begin = in_.position();
  text_ += "NSEC ";
  text_ += owner_.view();
  text_ += ' ';
  text_ += read_name(target_);
  type_bitmaps(begin, length, "DNSSEC_NSEC_bitmapLen0");
  return Rdata::Listed;
}

MessageReader::Rdata MessageReader::nsec3(uint16_t length) {
  if (in_.remaining() < 6) return Rdata::Broken;
  const size_t begin = in_.position();
  in_.skip(4);          // hash algorithm, flags, iterations
  up_to(u8_or_zero());  // salt
  up_to(u8_or_zero());  // next hashed owner
  type_bitmaps(begin, length, "DNSSEC_NSEC3_bitmapLen0");
  text_ += "NSEC3";
  return Rdata::Listed;
}

MessageReader::Rdata MessageReader::nsec3_param() {
  if (in_.remaining() < 5) return Rdata::Broken;
  in_.skip(4);
  up_to(u8_or_zero());
  text_ += "NSEC3PARAM";
  return Rdata::Listed;
}

}  // namespace sensor::dns
