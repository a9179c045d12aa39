"""Cases told in TAP (testanything.org), as meson reads it."""
import pathlib
import tempfile


def run_cases(cases, prefix, attempt):
    """Gives every case a folder of its own: attempt(case, folder) answers what went wrong, or "". Returns the exit status."""
    failed = 0
    print(f"1..{len(cases)}")
    for count, (name, case) in enumerate(cases.items(), 1):
        with tempfile.TemporaryDirectory(prefix=prefix) as work:
            problem = attempt(case, pathlib.Path(work))
        failed += bool(problem)
        print(f"{'not ok' if problem else 'ok'} {count} - {name}")
        for line in problem.splitlines():
            print(f"# {line}")
    return 1 if failed else 0
