#!/usr/bin/env python3
"""Writes a header with a JSON document as a constant: embed.py DOCUMENT NAME HEADER."""
import json
import sys

document, name, header = sys.argv[1:]
with open(document, encoding="utf-8") as file:
    text = json.dumps(json.load(file), separators=(",", ":"))
pieces = [text[i : i + 8000] for i in range(0, len(text), 8000)]
with open(header, "w", encoding="utf-8") as out:
    out.write("#pragma once\n\n#include <string_view>\n\nnamespace sensor {\n\n")
    out.write(f"inline constexpr std::string_view {name} =\n" + "\n".join(f'R"json({p})json"' for p in pieces) + ";\n\n}  // namespace sensor\n")
