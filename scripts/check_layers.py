#!/usr/bin/env python3
"""Checks who includes whom: every #include between modules must follow the arrows below (their transitive closure).

Usage: scripts/check_layers.py        exit status 1 and one line per forbidden include.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ARROWS = {
    "app": "api worker capture output stats",
    "api": "stats record base",
    "worker": "capture session flow stats",
    "session": "flow dpi record",
    "output": "record stats",
    "stats": "base net",
    "record": "net",
    "flow": "net",
    "dpi": "net",
    "capture": "net",
    "net": "base",
    "base": "",
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"(?:sensor/(\w+)/|(dpi)/)', re.M)


def reachable(module):
    seen, todo = {module}, [module]
    while todo:
        for target in ARROWS[todo.pop()].split():
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return seen


def sources(folder):
    return sorted(p for p in folder.rglob("*") if p.suffix in (".h", ".cpp"))


def main():
    problems = checked = 0
    for module in ARROWS:
        allowed = reachable(module)
        folders = [ROOT / "dpi"] if module == "dpi" else [ROOT / "include/sensor" / module, ROOT / "src" / module]
        for path in (p for d in folders for p in sources(d)):
            checked += 1
            text = path.read_text()
            for match in INCLUDE.finditer(text):
                target = match.group(1) or match.group(2)
                if target not in allowed:
                    problems += 1
                    print(f"{path.relative_to(ROOT)}: {module} must not include {target}")
            if "ndpi_api.h>" in text and path.parent != ROOT / "dpi/ndpi":
                problems += 1
                print(f"{path.relative_to(ROOT)}: only dpi/ndpi sees ndpi_api.h")
    print(f"{checked} files, {problems} forbidden includes")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
