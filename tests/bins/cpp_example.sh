#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The C++ example, built as its readers would and run.
set -e
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
meson setup "$build" "$1/examples/cpp" >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }
rm -f "$build.log"
ninja -C "$build"
"$build/room" 3
