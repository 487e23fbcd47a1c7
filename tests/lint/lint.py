#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rules of the house that a compiler does not know. Usage: lint.py [ROOT]; or lint.py --self-test

Prints every breach as file:line: sentence, then `lint: N passed, N failed` counted in rules.
"""

import os
import re
import subprocess
import sys
import tempfile

MAX_LINES = 500
CODE = (".cc", ".h")
SPDX = "SPDX-License-Identifier: LGPL-2.1-or-later"

# A file includes only its own or a lower storey. pipelines/ knows elements by factory name only.
MAY_INCLUDE = {
    "gst/core": ("gst/core",),
    "gst/glue": ("gst/core", "gst/glue"),
    "gst/transport": ("gst/core", "gst/glue", "gst/transport"),
    "elements": ("gst/core", "gst/glue", "gst/transport", "elements"),
    "pipelines": ("gst/core", "gst/glue", "gst/transport", "pipelines"),
    "bins": ("gst/core", "gst/glue", "gst/transport", "pipelines", "bins"),
    "server": ("gst/core", "gst/glue", "gst/transport", "pipelines", "server"),
}

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
CLOCK = re.compile(
    r"::now\s*\(|\bclock_gettime\b|\bgettimeofday\b|\bg_get_(?:monotonic|real)_time\b"
    r"|\bstd::time\s*\(|\brandom_device\b|\bgst_util_get_timestamp\b|(?<![\w:.>])s?rand\s*\(")
LIBRARY = re.compile(r"^(glib|gio|gst/(?!core/)|gobject|libsoup|json-glib|nice|agent\.h)")
BARE_UNREF = re.compile(r"\b(g_object_unref|gst_[a-z0-9_]*unref|g_clear_object)\s*\(")
VAGUE_NAME = re.compile(r"^(utils?|common|helpers?|misc)(?=[_.-]|$)|[_-](utils?|common|helpers?|misc)(?=\.|$)")
LEFT_OVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def storey_of(path):
    for storey in MAY_INCLUDE:
        if path.startswith(storey + "/"):
            return storey
    return None


def without_comments(text):
    """Comments and string literals blanked, line numbers kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def each_line(text):
    return enumerate(text.split("\n"), 1)


def layering(path, text):
    storey = storey_of(path)
    if not storey or not path.endswith(CODE):
        return
    for number, line in each_line(text):
        found = INCLUDE.match(line)
        target = found and storey_of(found.group(1))
        if target and target not in MAY_INCLUDE[storey]:
            yield number, f"{storey} may not include {found.group(1)}: {target} is not below it"


def core_is_plain(path, text):
    if not path.startswith("gst/core/") or not path.endswith(CODE):
        return
    for number, line in each_line(text):
        found = INCLUDE.match(line)
        if found and LIBRARY.match(found.group(1)):
            yield number, f"gst/core is plain C++: no <{found.group(1)}>"


def core_reads_no_clock(path, text):
    if not path.startswith("gst/core/") or not path.endswith(CODE):
        return
    for number, line in each_line(without_comments(text)):
        if CLOCK.search(line):
            yield number, "gst/core reads no clock and draws no random numbers: both are arguments"


def short_enough(path, text):
    lines = text.count("\n")
    if lines > MAX_LINES and path.endswith(CODE + (".py", ".js", ".mjs", ".css", ".sh")):
        yield lines, f"{lines} lines; a file has at most {MAX_LINES}"


# An event, query or message a pad function was given is GStreamer's own convention to unref, and so
# is the boilerplate of a GObject; objects that are kept belong in a Ref (gst/glue/ref.h).
ALLOWED_UNREF = re.compile(r"\b(gst_(event|query|message|caps|buffer|clock_id|memory)_unref)\s*\(")


def no_bare_unref(path, text):
    storey = storey_of(path)
    if not storey or storey in ("gst/core", "gst/glue") or not path.endswith(CODE):
        return
    for number, line in each_line(without_comments(text)):
        found = BARE_UNREF.search(line)
        if not found:
            continue
        if storey in ("elements", "bins", "gst/transport") and ALLOWED_UNREF.search(line):
            continue
        yield number, f"bare {found.group(1)}: hold it in a Ref or Owned of gst/glue/ref.h"


def telling_names(path, text):
    if VAGUE_NAME.search(os.path.basename(path)):
        yield 1, "a name such as util, common, helper or misc says nothing"


def licensed(path, text):
    script = text.startswith("#!")
    if not (path.endswith(CODE + (".py", ".js", ".mjs", ".css", ".sh", ".html")) or script):
        return
    if SPDX not in "\n".join(text.split("\n")[:3]):
        yield 1, f"the first lines say {SPDX}"


def nothing_left_over(path, text):
    if not path.endswith(CODE + (".py", ".js", ".mjs", ".sh")) or path == "tests/lint/lint.py":
        return
    for number, line in each_line(text):
        found = LEFT_OVER.search(line)
        if found:
            yield number, f"{found.group(1)} left over"


def pragma_once(path, text):
    if path.endswith(".h") and "/pch/" not in path and storey_of(path) and "#pragma once" not in text:
        yield 1, "a header has #pragma once"


RULES = {
    "include directions": layering,
    "gst/core includes no library": core_is_plain,
    "gst/core reads no clock": core_reads_no_clock,
    "files of at most 500 lines": short_enough,
    "no bare unref": no_bare_unref,
    "file names that tell": telling_names,
    "licence lines": licensed,
    "nothing left over": nothing_left_over,
    "headers once": pragma_once,
}


def tracked_files(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return listed.stdout.decode().split("\0")[:-1]
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [f for f in folders if f not in (".git", "node_modules") and not f.startswith("build")]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in files]
    return found


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        return None


def lint(root):
    breaches = {rule: [] for rule in RULES}
    for path in sorted(tracked_files(root)):
        text = read(os.path.join(root, path))
        if text is None:
            continue
        for rule, check in RULES.items():
            breaches[rule] += [f"{path}:{number}: {what}" for number, what in check(path, text)]
    return breaches


def self_test():
    """Each rule finds what it is there for, and leaves alone what is right."""
    bad = {
        "include directions": ("gst/core/a.cc", '#include "gst/glue/ref.h"\n'),
        "gst/core includes no library": ("gst/core/a.h", "#include <gst/gst.h>\n"),
        "gst/core reads no clock": ("gst/core/a.cc", "auto t = std::chrono::steady_clock::now();\n"),
        "files of at most 500 lines": ("server/a.cc", "\n" * 501),
        "no bare unref": ("pipelines/a.cc", "g_object_unref(x);\n"),
        "file names that tell": ("server/http_utils.cc", "\n"),
        "licence lines": ("server/a.cc", "int a;\n"),
        "nothing left over": ("server/a.cc", "// TO" + "DO: more\n"),
        "headers once": ("server/a.h", "int a;\n"),
    }
    good = (
        ("gst/core/b.cc", f"// {SPDX}\n// steady_clock::now() is not called\n#include <vector>\n"),
        ("server/b.cc", f'// {SPDX}\n#include "pipelines/room.h"\n#include "gst/core/time.h"\n'),
        ("elements/b.cc", f"// {SPDX}\n  gst_event_unref(event);\n"),
        ("gst/core/operand.cc", f"// {SPDX}\nint operand(int a);\nint b = operand(1);\n"),
    )
    assert set(bad) == set(RULES), "every rule has an example of what it forbids"
    with tempfile.TemporaryDirectory() as root:
        for rule, (path, text) in bad.items():
            assert list(RULES[rule](path, text)), f"{rule} misses {text!r}"
        for path, text in good:
            for rule, check in RULES.items():
                assert not list(check(path, text)), f"{rule} complains of {path}"
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        assert not any(lint(root).values())
    print("lint: every rule finds its example")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    breaches = lint(sys.argv[1] if len(sys.argv) > 1 else ".")
    for rule, lines in breaches.items():
        if lines:
            print(f"broken: {rule}")
            print("\n".join("  " + line for line in lines))
    failed = sum(bool(lines) for lines in breaches.values())
    print(f"lint: {len(RULES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
