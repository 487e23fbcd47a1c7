# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is noted while a case runs: pictures as browsers count them, lines as the kernel counts them, rooms as our
server tells them. Times are seconds of one clock."""

import bisect
import json
import statistics
import threading
import time
import urllib.request


def quantile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else None


class PictureNotes:
    """A viewer's page: samples of getStats by track, and pauses between decoded frames."""

    STALL = 0.5  # seconds without a frame

    def __init__(self, page):
        self.page = page
        self.samples = {}   # track -> [sample], `at` in seconds
        self.gaps = {}      # track -> [(at, seconds)]
        self.allocations = []  # what the server said that it gives, `at` in seconds
        self.backwards = 0
        self.frames = {}

    def take(self):
        taken = self.page.call("take")
        for sample in taken["samples"]:
            sample["at"] /= 1000
            self.samples.setdefault(sample.pop("name"), []).append(sample)
        self.allocations += [dict(one, at=one["at"] / 1000) for one in taken["allocations"]]
        self.backwards = 0
        for name, seen in taken["frames"].items():
            self.gaps.setdefault(name, []).extend((at / 1000, gap / 1000) for at, gap in seen["gaps"])
            self.frames[name] = seen["frames"]
            self.backwards += seen["backwards"]
        return self

    def see(self, count):
        self.take()
        return sum(1 for frames in self.frames.values() if frames > 10) >= count

    @property
    def tracks(self):
        return sorted(self.samples)

    def given(self, track, begin, end):
        """(at, estimate, what the slot of that track is given), whenever the server said so."""
        return [(one["at"], one["estimate"], slot) for one in self.allocations if begin <= one["at"] <= end
                for slot in one["slots"] if slot["track"] == track]

    def share_of_frames(self, track, begin, end):
        """What part of a layer's frames the server meant to send, by the temporal layers it said it gives: of three
        each has as many frames as those below it. 1 for a server that gives all."""
        given = [(at, slot["temporal"]) for at, _, slot in self.given(track, 0, end)]
        times = [max(begin, at) for at, _ in given] + [end]
        if not given or times[0] > begin:
            times, given = [begin, *times], [(begin, 2), *given]
        total = sum((after - at) * 2.0 ** (temporal - 2)
                    for at, after, (_, temporal) in zip(times, times[1:], given) if temporal >= 0)
        return total / (end - begin) or 1.0

    def at(self, track, when):
        """The last sample until then."""
        samples = self.samples[track]
        return samples[max(0, bisect.bisect_right(samples, when, key=lambda sample: sample["at"]) - 1)]

    def grown(self, counter, begin, end, track=None):
        """How a counter grew between two times; of one track, or all together."""
        tracks = [track] if track else self.tracks
        return sum(self.at(one, end)[counter] - self.at(one, begin)[counter] for one in tracks)

    def longest_pause(self, begin, end):
        """Seconds, between two decoded frames of a track, the second of which came in that time."""
        return max((gap for gaps in self.gaps.values() for at, gap in gaps if begin <= at <= end), default=0.0)

    def widths(self, track, begin, end):
        return [(sample["at"], sample["frameWidth"]) for sample in self.samples[track] if begin <= sample["at"] <= end]

    def reaches(self, track, width, begin, end, hold=2.0):
        """Seconds after `begin` from which the picture is that wide, and moves, for `hold` seconds; None: never."""
        since = None
        for at, seen in self.widths(track, begin, end):
            moves = self.grown("framesDecoded", at - self.STALL, at, track) > 0
            if seen != width or not moves:
                since = None
            elif since is None:
                since = at
            if since is not None and at - since >= hold:
                return since - begin
        return None

    def share_of_width(self, track, width, begin, end):
        seen = [one for _, one in self.widths(track, begin, end)]
        return sum(1 for one in seen if one == width) / len(seen) if seen else 0.0

    def changes_of_width(self, track, begin, end):
        seen = [one for _, one in self.widths(track, begin, end)]
        return sum(1 for a, b in zip(seen, seen[1:]) if a != b)


class _Poll(threading.Thread):
    period = 0.1

    def __init__(self):
        super().__init__(daemon=True)
        self.going = True
        self.seen = []  # (at, what)

    def run(self):
        while self.going:
            began = time.time()
            try:
                self.seen.append((began, self.look()))
            except (OSError, ValueError, IndexError):
                pass  # the room may not be there yet
            time.sleep(max(0.0, self.period - (time.time() - began)))

    def stop(self):
        self.going = False
        self.join()

    def between(self, begin, end):
        return [(at, what) for at, what in self.seen if begin <= at <= end]


class LineNotes(_Poll):
    """A narrow line: what passed, and what waited before it."""

    period = 0.05

    def __init__(self, host):
        super().__init__()
        self.host = host

    def look(self):
        return self.host.line()

    def rate(self, begin, end):
        """bit/s on the line."""
        seen = self.between(begin, end)
        (first, before), (last, after) = seen[0], seen[-1]
        return (after["bytes"] - before["bytes"]) * 8 / (last - first)

    def waits(self, begin, end, rate):
        """Seconds that a packet which came then would have waited, sampled."""
        return [what["backlog"] * 8 / rate for _, what in self.between(begin, end)]


class ServerNotes(_Poll):
    """Our server's room."""

    def __init__(self, url):
        super().__init__()
        self.url = url

    def look(self):
        with urllib.request.urlopen(self.url, timeout=2) as answer:
            return json.load(answer)["participants"]

    def subscriptions(self, who, begin, end):
        """(at, statistics) of that participant's connection."""
        found = []
        for at, participants in self.between(begin, end):
            for one in participants:
                if one["id"] == who and "subscribe" in one:
                    found.append((at, one["subscribe"]))
        return found

    def mean(self, who, field, begin, end):
        values = [stats[field] for _, stats in self.subscriptions(who, begin, end) if field in stats]
        return statistics.fmean(values) if values else None

    def longest(self, who, begin, end, claim):
        """Seconds for which claim(statistics) held without a break."""
        longest, since = 0.0, None
        for at, stats in self.subscriptions(who, begin, end):
            if not claim(stats):
                since = None
                continue
            since = at if since is None else since
            longest = max(longest, at - since)
        return longest
