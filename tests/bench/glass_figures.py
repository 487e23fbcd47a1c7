# SPDX-License-Identifier: LGPL-2.1-or-later
"""Figures of light and sound that were made and came: how late, how far apart."""

import math


def part_of(values, part):
    return values[min(len(values) - 1, math.floor(len(values) * part))] if values else None


def latency(made, seen):
    """ms from a light that was `made` to when it was seen: {"flashes", "p50", "p95"}. The last one of both is the same, and the
    others belong together as it does: a light every second tells no second from the next."""
    if not made or not seen:
        return {"flashes": 0, "p50": None, "p95": None}
    last = seen[-1] - made[-1]
    late = sorted(min((when - one for one in made), key=lambda took: abs(took - last)) * 1000 for when in seen)
    return {"flashes": len(late), "p50": part_of(late, 0.5), "p95": part_of(late, 0.95)}


def sound_lateness(shown, began, within=0.45):
    """ms by which sound is presented later than the picture that belongs to it, in the median; None: there are no three."""
    nearest = [min((sound - picture for sound in began), key=abs) for picture in shown] if began else []
    late = sorted(one for one in nearest if abs(one) < within)
    return None if len(late) < 3 else part_of(late, 0.5) * 1000
