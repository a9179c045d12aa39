#!/usr/bin/env python3
"""Adds up the tests of one run: count_tests.py FOLDER with meson's *.xml (JUnit) and a file `checks` of pass/fail/skip lines.

Prints the reason of each skipped test and, as its last line, `N passed, N failed, N skipped`.
"""
import pathlib
import sys
import xml.etree.ElementTree as ET


def main():
    folder = pathlib.Path(sys.argv[1])
    passed = failed = skipped = 0
    for path in sorted(folder.glob("*.xml")):
        for case in ET.parse(path).getroot().iter("testcase"):
            skip = case.find("skipped")
            if skip is not None or case.get("result") == "skipped":
                skipped += 1
                reason = (skip.get("message") or skip.text or "") if skip is not None else ""
                print(f"skipped: {path.stem}: {case.get('name')}: {reason.strip()}")
            elif case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            else:
                passed += 1
    checks = folder / "checks"
    for line in checks.read_text().split() if checks.exists() else []:
        passed += line == "pass"
        failed += line == "fail"
        skipped += line == "skip"
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
