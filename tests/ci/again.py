#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs what failed beside others once more, alone: a machine that is too busy fails tests with real clocks.

Usage: again.py BUILD LOGBASE.. ; each LOGBASE one that `meson test --logbase` had. Of GoogleTest only the cases that
failed are run. What crashed, hung or complained of a leak is not forgiven, nor is anything where many fail: then
something is broken. The last line reads "N passed alone, M failed again".
"""

import os
import subprocess
import sys

from tally import executables, failed_cases

MOST = 4


def candidates(build, bases):
    """(suite, name, failed cases) of each executable that may be tried again."""
    found = []
    for base in bases:
        path = f"{build}/meson-logs/{base}.json"
        if not os.path.exists(path):
            continue
        for run in executables(path):
            if run["result"] in ("OK", "EXPECTEDFAIL"):
                continue
            suite, _, name = run["name"].partition(" / ")
            cases = list(failed_cases(run.get("stdout", "")))
            # GoogleTest returns 1 where an expectation was not met.
            if run["result"] != "FAIL" or run["returncode"] != 1:
                continue
            # Of "project:one+another" one is enough.
            found.append((suite.partition(":")[2].partition("+")[0], name, cases))
    return found if len(found) <= MOST else []


def passes(build, suite, name, cases):
    environment = dict(os.environ)
    if cases:
        environment["GTEST_FILTER"] = ":".join(cases)
    run = subprocess.run(
        ["meson", "test", "-C", build, "--no-rebuild", "--logbase", "log-again", "--num-processes", "1", "--suite", suite,
         name],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return run.returncode == 0


def main():
    build, bases = sys.argv[1], sys.argv[2:]
    passed = failed = 0
    for suite, name, cases in candidates(build, bases):
        well = passes(build, suite, name, cases)
        # Counted as the tally counts: cases, or the executable.
        count = max(1, len(cases))
        passed += count * well
        failed += count * (not well)
        for case in cases or [name]:
            print(f"  {'passed alone' if well else 'failed again'}: {suite} / {name} {case if cases else ''}".rstrip())
    print(f"  {passed} passed alone, {failed} failed again")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
