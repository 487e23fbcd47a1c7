# SPDX-License-Identifier: LGPL-2.1-or-later
"""Progress on stderr; all of it, and more, in a file for who wants to know why a case went as it did."""

import sys

_file = None


def keep_in(path):
    global _file
    _file = path.open("w", buffering=1)


def detail(text):
    """For the file alone."""
    if _file:
        print(text, file=_file)


def say(text):
    detail(text)
    print(text, file=sys.stderr, flush=True)
