#!/bin/sh
# docs/LOGS.md is what the field tables say.
"$1" | diff -u "$2" - || { echo "docs/LOGS.md is out of date: run 'ninja -C build docs' and commit it" >&2; exit 1; }
