#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""embed_web.py DIRECTORY OUTPUT.cc DEPFILE: the files of a directory as C++ string literals.

The depfile names the directories too, so that a new file is noticed like a changed one.
"""
import hashlib
import os
import sys

BYTES_PER_LINE = 32


def literal(content):
    lines = []
    for start in range(0, len(content), BYTES_PER_LINE):
        # Three octal digits always: what follows cannot be taken for part of the escape.
        lines.append('"' + "".join(f"\\{byte:03o}" for byte in content[start:start + BYTES_PER_LINE]) + '"')
    return "\n    ".join(lines) or '""'


def files_below(root):
    found, watched = [], [root]
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        watched += [os.path.join(folder, name) for name in folders]
        found += [os.path.join(folder, name) for name in sorted(names) if not name.startswith(".")]
    return found, watched


def main():
    root, output, depfile = sys.argv[1:4]
    paths, watched = files_below(root) if os.path.isdir(root) else ([], [])
    rows = []
    for path in paths:
        with open(path, "rb") as file:
            content = file.read()
        name = os.path.relpath(path, root)
        tag = hashlib.sha256(content).hexdigest()[:16]
        rows.append(f'    {{"{name}", std::string_view({literal(content)}, {len(content)}), "\\"{tag}\\""}},\n')
    with open(output, "w", encoding="utf-8") as out:
        out.write('#include "server/embedded_web.h"\n\nnamespace rooms {\n\n')
        if rows:
            out.write("static constexpr EmbeddedFile kFiles[] = {\n" + "".join(rows) + "};\n\n")
            out.write("std::span<const EmbeddedFile> embedded_web() { return kFiles; }\n")
        else:
            out.write("std::span<const EmbeddedFile> embedded_web() { return {}; }\n")
        out.write("\n}  // namespace rooms\n")
    with open(depfile, "w", encoding="utf-8") as out:
        escaped = [path.replace(" ", "\\ ") for path in paths + watched]
        out.write(f"{os.path.relpath(output)}: " + " ".join(escaped) + "\n")


main()
