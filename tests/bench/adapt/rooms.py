# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cases of several viewers."""

import time

from .lines import LOSS, milliseconds, percent, step, tell_layers
from .stage import WIDTHS, Stage

OTHERS = ("second", "third", "fourth")


def bad_viewer(lab, key):
    with Stage(lab, key) as stage:
        stage.publish()
        bad = stage.watch("viewer", "bad")
        others = [stage.watch("others", name) for name in OTHERS]
        server = stage.watch_server()
        for notes in (bad, *others):
            stage.wait_for_width(notes, WIDTHS[2])
        step("everybody is at their best", 4)
        before = step("all lines are good", 8)
        stage.host("viewer").limit_down("300kbit")
        stage.host("viewer").lose(LOSS)
        after = step("one line is bad", 14)
        end = time.time()
        for notes in (bad, *others):
            notes.take()
        track = others[0].tracks[0]
        tell_layers(bad, bad.tracks[0], before, end, server, "bad")
        for notes in others:
            tell_layers(notes, track, before, end)

        def rate(notes, begin, until):
            return notes.grown("framesDecoded", begin, until) / (until - begin)

        return {
            "changes": sum(notes.changes_of_width(track, after, end) for notes in others),
            "pictures": min(percent(rate(notes, after, end), rate(notes, before, after)) for notes in others),
            "pause": milliseconds(max(notes.longest_pause(after, end) for notes in others)),
            "bad": rate(bad, after, end),
        }
