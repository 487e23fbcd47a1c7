#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads what `meson test --logbase X` left: prints the log of what failed, then the tally.

Usage: tally.py BUILD/meson-logs/X STATUS, STATUS being what `meson test` returned. Cases of
GoogleTest count one by one. A test that crashed, hung or was skipped has failed. Of a failed case of GoogleTest its
own lines are shown.
"""

import json
import re
import sys
import xml.etree.ElementTree as xml

SHOWN = 6000
# Of one failed case.
SHOWN_OF_CASE = 3000


def executables(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def cases(path):
    """Passed and failed GoogleTest cases by the name of their executable's meson test."""
    counts = {}
    for suite in xml.parse(path).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            # Meson names a suite of GoogleTest cases "project.test.Suite", of plain tests "project".
            name = ".".join(suite.get("name", "").split(".")[:2])
            bad = any(case.find(tag) is not None for tag in ("failure", "error", "skipped"))
            passed, failed = counts.get(name, (0, 0))
            counts[name] = (passed + (not bad), failed + bad)
    return counts


def shortened(text, most):
    if len(text) <= most:
        return text
    return f"{text[:most // 2]}\n..\n{text[-most // 2:]}"


def failed_cases(text):
    """What the failed cases of GoogleTest said, by name; one that crashed has only a beginning."""
    cases_text = {}
    for part in re.split(r"^\[ RUN      \] ", text, flags=re.MULTILINE)[1:]:
        name, _, said = part.partition("\n")
        ended = re.search(r"^\[ *(OK|FAILED|SKIPPED) *\] .*$", said, flags=re.MULTILINE)
        if ended is None or ended.group(1) != "OK":
            cases_text[name.strip()] = said[:ended.end()] if ended else said
    return cases_text


def show(run):
    print(f"FAILED {run['name']}: {run['result']}, status {run['returncode']}, {run['duration']:.1f} s")
    text = run.get("stdout", "") + run.get("stderr", "")
    said = failed_cases(text)
    if not said:
        print(shortened(text, SHOWN))
    for name, lines in said.items():
        reasons = re.findall(r"^\S+: Failure\n(?:.*\n){1,3}", lines, flags=re.MULTILINE)
        reason = " ".join("".join(reasons[:1]).split()) or "no reason given"
        print(f"FAILED {run['name']}: {name}\n  {reason}\n{shortened(lines, SHOWN_OF_CASE)}")


def main():
    base, status = sys.argv[1], int(sys.argv[2])
    try:
        runs = executables(base + ".json")
        counts = cases(base + ".junit.xml")
    except (OSError, ValueError, xml.ParseError) as error:
        print(f"no results: {error}")
        print("0 passed, 1 failed")
        return 1
    bad_runs = [run for run in runs if run["result"] not in ("OK", "EXPECTEDFAIL")]
    for run in bad_runs:
        show(run)
    passed = sum(p for p, _ in counts.values())
    failed = sum(f for _, f in counts.values())
    # A crash leaves no cases behind.
    failed = max(failed, len(bad_runs), int(status != 0))
    slowest = max(runs, key=lambda run: run["duration"], default=None)
    if slowest:
        print(f"  {len(runs)} executables, the longest {slowest['name']} {slowest['duration']:.1f} s")
    print(f"  {passed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
