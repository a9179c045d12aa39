// The data blocks of MCS connect messages (MS-RDPBCGR sections 2.2.1.3 and 2.2.1.4).
#pragma once

#include "dpi/rdp/rdp.h"

namespace sensor::rdp {

/// Blocks up to the end of the reader. False: one contradicts its length, or a limit of Zeek.
bool parse_blocks(ByteReader& r, Sink& sink);

}  // namespace sensor::rdp
