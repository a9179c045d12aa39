#!/bin/sh
# doc_test.sh GENERATOR PAGE: a page in docs/ is what its generator writes.
"$1" | diff -u "$2" - || { echo "$2 is out of date: run 'ninja -C build docs' and commit it" >&2; exit 1; }
