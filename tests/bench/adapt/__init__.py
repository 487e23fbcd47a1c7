# SPDX-License-Identifier: LGPL-2.1-or-later
"""Do viewers get the best picture that their lines carry? Browsers on bad lines, ours next to Janus."""

from .command import run  # noqa: F401
from .plan import CASES  # noqa: F401
