# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is looked at, and what is to be reached."""

from dataclasses import dataclass

from . import crowd, lines, rooms


@dataclass(frozen=True)
class Measure:
    key: str
    title: str
    unit: str = ""
    digits: int = 0
    at_most: float | None = None
    at_least: float | None = None

    def is_met(self, value):
        """None: there is nothing to be reached. What was not seen to happen is not met."""
        if self.at_most is None and self.at_least is None:
            return None
        return value is not None and (self.at_most is None or value <= self.at_most) and (self.at_least is None or value >= self.at_least)

    def words(self):
        unit = f" {self.unit}" if self.unit else ""
        if self.at_most is not None and self.at_least is not None:
            return f"{self.at_least:g} to {self.at_most:g}{unit}"
        if self.at_most is not None:
            return f"at most {self.at_most:g}{unit}"
        return f"at least {self.at_least:g}{unit}" if self.at_least is not None else "–"


@dataclass(frozen=True)
class Case:
    key: str
    title: str
    play: object          # function of a Lab and the key of a server, gives {measure's key: value}
    measures: tuple
    without_janus: str = ""   # why Janus is not asked, if it is not


LOSS = (
    Measure("decoded", "frames decoded, of the temporal layers given", "%", 1, at_least=95),
    Measure("all", "frames decoded, of all", "%", 1),
    Measure("frozen", "frozen", "% of the time", 2, at_most=1),
    Measure("calm", "of all before, without loss", "%", 1),
    Measure("lost", "datagrams dropped", "%", 1),
)

CASES = (
    Case("drop", "the viewer's line drops from 5 Mbit/s to 500 kbit/s and back", lines.drop, (
        Measure("pause", "longest pause between two frames", "ms", at_most=500),
        Measure("down", "right layer after the drop", "s", 1, at_most=3),
        Measure("up", "right layer after the return", "s", 1, at_most=10),
        Measure("frozen", "frozen, of the whole time", "%", 1),
        Measure("changes", "changes of the picture's size"),
    )),
    Case("viewer-loss", "5 % loss towards the viewer, 100 ms round trip", lines.viewer_loss, LOSS),
    Case("publisher-loss", "5 % loss from the publisher, worst of two viewers", lines.publisher_loss, LOSS),
    Case("shared", "four tracks on a line of 1 Mbit/s", lines.shared, (
        Measure("use", "use of the line", "%", 1, at_least=85, at_most=95),
        Measure("wait", "queueing delay, p95", "ms", at_most=100),
        Measure("frozen", "frozen, mean of the four", "% of the time", 2),
        Measure("changes", "changes of a picture's size, all four in 20 s"),
    )),
    Case("switch", "six changes of layer, asked for", lines.switch, (
        Measure("pause", "longest pause between two frames", "ms", at_most=100),
        Measure("bystander", "the same of a viewer who changes nothing, while another one's changes make keyframes", "ms"),
        Measure("backwards", "steps back in RTP time", at_most=0),
        Measure("resets", "decoder begun anew, or freezes", at_most=0),
        Measure("reached", "changes that came within 5 s, of six", at_least=6),
    )),
    Case("estimate", "estimate of a constant line", lines.estimate, tuple(
        one for rate in lines.CONSTANT for one in (
            Measure(f"off-{rate}", f"{rate}: off by, after 10 s", "%", 1, at_most=15),
            Measure(f"over-{rate}", f"{rate}: longest time over 120 %", "s", 1, at_most=1),
        )), without_janus="Janus estimates nothing towards viewers"),
    Case("bad-viewer", "one of four viewers gets 300 kbit/s with 5 % loss", rooms.bad_viewer, (
        Measure("changes", "changes of layer at the other three", at_most=0),
        Measure("pictures", "frames of the others, after against before", "%", 1, at_least=95),
        Measure("pause", "longest pause of the others", "ms"),
        Measure("bad", "frames a second of the bad one", "", 1),
    )),
    Case("last-n", "everybody publishes, last-N 9, rooms of 10, 50 and 100", crowd.last_n, (
        Measure("packets", "packets of a subscriber, room of 100 against 10", "times", 2, at_most=1.1),
        Measure("cost", "server's CPU for a participant, 100 against 10", "times", 2, at_most=1.25),
        Measure("cpu-10", "CPU in a room of 10", "%", 1),
        Measure("cpu-50", "CPU in a room of 50", "%", 1),
        Measure("cpu-100", "CPU in a room of 100", "%", 1),
        Measure("lost", "packets lost in the room of 100", "%", 2),
    ), without_janus="the VideoRoom has no last-N: a room of 100 would be 9900 pictures"),
)
