// How MySQL writes numbers, texts and values.
#pragma once

#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::mysql {

/// An integer of 3 bytes, the lowest first.
uint32_t u24le(ByteReader& r);
/// A length-encoded integer; 0 for the marks of NULL and of an error.
uint64_t length_encoded(ByteReader& r);
/// The same where its first byte has been read.
uint64_t length_encoded(uint8_t first, ByteReader& r);
std::string_view length_encoded_text(ByteReader& r);
/// Characters up to a NUL, which is passed over; fails where there is none.
std::string_view nul_text(ByteReader& r);
/// Passes over the attributes that stand before the text of a query ("COM_QUERY", CLIENT_QUERY_ATTRIBUTES); fails where they are malformed.
void skip_query_attributes(ByteReader& r);

}  // namespace sensor::mysql
