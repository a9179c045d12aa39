// MD5 and SHA-256 of short texts, as fingerprints use them; OpenSSL does the work.
#pragma once

#include <string>

#include "sensor/base/byte_reader.h"

namespace sensor::digest {

/// In lower-case hexadecimal digits; `separator`, unless it is 0, between bytes.
std::string md5(Bytes in, char separator = 0);
std::string sha256(Bytes in);

}  // namespace sensor::digest
