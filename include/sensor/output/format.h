// Decoded records as Zeek's TSV and JSON. All functions append and never fail.
#pragma once

#include <span>

#include "sensor/output/text_buffer.h"
#include "sensor/record/decoder.h"

namespace sensor {

/// One line of a TSV log, newline included. `cells` has a cell per column; hidden columns are left out.
void format_tsv_row(const LogInfo& log, std::span<const Cell> cells, TextBuffer& out);
/// One cell of a TSV log.
void format_tsv_cell(const ColumnInfo& column, const Cell& cell, TextBuffer& out);
/// The lines "#separator" to "#types" of a TSV log. `open` stands after "#open".
void format_tsv_header(const LogInfo& log, std::string_view open, TextBuffer& out);
enum class Clockface : uint8_t { Utc, Local };
/// "2024-03-31-23-59-59", as in #open and #close.
std::string tsv_timestamp(TimeNs time_ns, Clockface clockface);

/// One line of a JSON log, newline included. Unset columns are left out.
void format_json_row(const LogInfo& log, std::span<const Cell> cells, TextBuffer& out);

/// Fills the cells of computed columns. `storage` has room for kMaxComputedChars per computed column, used in order.
void compute_cells(const LogInfo& log, std::span<Cell> cells, std::span<char> storage);

}  // namespace sensor
