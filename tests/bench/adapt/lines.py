# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cases of one viewer and its line."""

import time

from .notes import quantile
from .stage import THREE, WIDTHS, Stage, layers
from .tell import detail, say

WIDE = "5mbit"
CONSTANT = ("300kbit", "1mbit", "3mbit")
TRUTH = {"300kbit": 300e3, "1mbit": 1e6, "3mbit": 3e6}
LOSS = 0.05


def step(text, seconds):
    """Waits and says so; the time it began."""
    began = time.time()
    say(f"      {text} ({seconds:g} s)")
    time.sleep(seconds)
    return began


def milliseconds(seconds):
    return seconds * 1000


def percent(part, whole):
    return 100 * part / whole if whole else None


def drop(lab, key):
    with Stage(lab, key) as stage:
        viewer = stage.host("viewer")
        viewer.limit_down(WIDE)
        stage.publish()
        notes = stage.watch()
        server = stage.watch_server()
        stage.wait_for_width(notes, WIDTHS[2])
        begun = step("5 Mbit/s", 8)
        viewer.limit_down("500kbit")
        dropped = step("500 kbit/s", 14)
        viewer.limit_down(WIDE)
        returned = step("5 Mbit/s again", 16)
        end = time.time()
        track = notes.take().tracks[0]
        tell_layers(notes, track, begun, end, server)
        return {
            "pause": milliseconds(notes.longest_pause(dropped, end)),
            "down": notes.reaches(track, WIDTHS[1], dropped, returned),
            "up": notes.reaches(track, WIDTHS[2], returned, end),
            "frozen": percent(notes.grown("totalFreezesDuration", dropped, end), end - dropped),
            "changes": notes.changes_of_width(track, dropped, end),
        }


def tell_layers(notes, track, begin, end, server=None, who="viewer"):
    """The course of it, one character a second: which layer was seen; and the estimates in kbit/s."""
    marks = {0: ".", **{width: str(n) for n, width in enumerate(WIDTHS)}}
    seconds = range(int(end - begin))
    say("      layers    " + "".join(marks.get(notes.at(track, begin + n)["frameWidth"], "?") for n in seconds))
    if server:
        means = (server.mean(who, "estimated-bitrate", begin + n, begin + n + 1) for n in seconds)
        say("      estimate  " + " ".join("–" if mean is None else f"{mean / 1000:.0f}" for mean in means))
    for at, estimate, slot in notes.given(track, begin, end):
        detail(f"      {at - begin:5.1f} s  {track}, estimate {estimate / 1000:.0f} kbit/s: {slot['spatial']}.{slot['temporal']} "
               f"of {slot['bitrate'] / 1000:.0f} kbit/s, {slot['reason']}")


def _top(stage):
    return max(stage.publisher.call("sent"), key=lambda one: one["width"])["framesEncoded"]


def settle(stage, viewers, within=20):
    """Until everybody sees nearly every frame of the best layer. If not in time, then as it is: a case shows it."""
    end = time.time() + within
    while time.time() < end:
        encoded, began = _top(stage), time.time()
        time.sleep(2)
        encoded = _top(stage) - encoded
        if min(stage.viewers[name].take().grown("framesDecoded", began, time.time()) for name in viewers) > 0.9 * encoded:
            return


def _under_loss(stage, viewers, dropped_on, seconds=20):
    """What each viewer made of the frames that were encoded; the worst of them."""
    notes = [stage.viewers[name] for name in viewers]
    host = stage.host(dropped_on)
    encoded, began = _top(stage), time.time()
    step("without loss", 6)
    end = time.time()
    encoded = _top(stage) - encoded
    calm = min(percent(one.take().grown("framesDecoded", began, end), encoded) for one in notes)
    host.lose(LOSS, source=stage.host("publisher").address if dropped_on == "server" else None)
    step("loss begins", 3)
    encoded, began, lost = _top(stage), time.time(), host.lost()
    step("with loss", seconds)
    end = time.time()
    encoded = _top(stage) - encoded
    lost = host.lost() - lost
    worst = {"decoded": 200.0, "all": 200.0, "frozen": 0.0, "calm": calm}
    for one in notes:
        one.take()
        decoded = percent(one.grown("framesDecoded", began, end), encoded)
        sent = one.share_of_frames(one.tracks[0], began, end)
        frozen = percent(one.grown("totalFreezesDuration", began, end), end - began)
        say(f"      {decoded:.1f} % of {encoded} frames, {100 * sent:.0f} % were to be sent, frozen {frozen:.2f} %, longest pause "
            f"{milliseconds(one.longest_pause(began, end)):.0f} ms, {one.grown('nackCount', began, end)} NACKs, "
            f"{one.grown('retransmittedPacketsReceived', began, end)} came again, "
            f"{one.grown('packetsLost', began, end)} lost, {one.grown('pliCount', began, end)} PLI, "
            f"{lost} datagrams dropped")
        worst["decoded"] = min(worst["decoded"], decoded / sent)
        worst["all"] = min(worst["all"], decoded)
        worst["frozen"] = max(worst["frozen"], frozen)
    if dropped_on == "viewer":
        worst["lost"] = percent(lost, lost + notes[0].grown("packetsReceived", began, end))
    return worst


def viewer_loss(lab, key):
    with Stage(lab, key) as stage:
        stage.delay("viewer", "delay=50ms")
        stage.publish()
        stage.watch()
        server = stage.watch_server()
        begun = step("100 ms round trip", 4)
        settle(stage, ["viewer"])
        figures = _under_loss(stage, ["viewer"], "viewer")
        notes = stage.viewers["viewer"]
        tell_layers(notes, notes.tracks[0], begun, time.time(), server)
        return figures


def publisher_loss(lab, key):
    with Stage(lab, key) as stage:
        stage.publish()
        stage.watch("viewer", "viewer")
        stage.watch("others", "second")
        step("the line is good", 4)
        settle(stage, ["viewer", "second"])
        return _under_loss(stage, ["viewer", "second"], "server")


def shared(lab, key):
    # Two layers of four small pictures: all of them at their best would take 1.6 Mbit/s.
    encodings = layers(("q", 4, 80), ("h", 2, 400))
    with Stage(lab, key) as stage:
        stage.host("viewer").limit_down("1mbit")
        stage.publish(encodings, cameras=4)
        notes = stage.watch(cameras=4)
        line = stage.watch_line()
        server = stage.watch_server()
        step("the line is found out", 10)
        begun = step("1 Mbit/s", 20)
        end = time.time()
        notes.take()
        for track in notes.tracks:
            tell_layers(notes, track, begun, end)
        if server:
            tell_layers(notes, notes.tracks[0], begun, end, server)
        waits = line.waits(begun, end, TRUTH["1mbit"])
        frozen = [percent(notes.grown("totalFreezesDuration", begun, end, track), end - begun) for track in notes.tracks]
        return {
            "use": percent(line.rate(begun, end), TRUTH["1mbit"]),
            "wait": milliseconds(quantile(waits, 0.95)),
            "frozen": sum(frozen) / len(frozen),
            "changes": sum(notes.changes_of_width(track, begun, end) for track in notes.tracks),
        }


def bystander_pause(stage, notes):
    """Of a viewer who stays as he is while another one's changes make the publisher send keyframes."""
    other = stage.watch("others", "second")
    stage.wait_for_width(other, WIDTHS[2])
    step("another viewer comes", 3)
    begun = time.time()
    for layer in (0, 1, 2):
        other.page.call("limit", layer)
        step(f"the other one changes to layer {layer}", 4)
    notes.take()
    return notes.longest_pause(begun, time.time())


def switch(lab, key):
    with Stage(lab, key) as stage:
        stage.publish()
        notes = stage.watch()
        stage.wait_for_width(notes, WIDTHS[2])
        step("it is at its best", 4)
        notes.take()
        track = notes.tracks[0]
        begun = time.time()
        reached = 0
        for layer in (0, 2, 1, 2, 0, 1):
            notes.page.call("limit", layer)
            asked = step(f"layer {layer}", 5)
            notes.take()
            seconds = notes.reaches(track, WIDTHS[layer], asked, time.time(), hold=0.5)
            reached += seconds is not None
        end = time.time()
        tell_layers(notes, track, begun, end)
        decoders = {sample["decoderImplementation"] for sample in notes.samples[track] if sample["at"] > begun}
        counts = [sample["framesDecoded"] for sample in notes.samples[track]]
        resets = sum(1 for a, b in zip(counts, counts[1:]) if b < a) + len(decoders) - 1
        return {
            "pause": milliseconds(notes.longest_pause(begun, end)),
            "bystander": milliseconds(bystander_pause(stage, notes)),
            "backwards": notes.backwards,
            "resets": resets + notes.grown("freezeCount", begun, end),
            "reached": reached,
        }


def estimate(lab, key):
    figures = {}
    for rate in CONSTANT:
        # The line must be worth finding out: viewers want more than it carries.
        encodings = layers(("q", 4, 100), ("h", 2, 500), ("f", 1, 3500)) if rate == "3mbit" else THREE
        with Stage(lab, key) as stage:
            stage.host("viewer").limit_down(rate)
            stage.publish(encodings)
            server = stage.watch_server()
            began = time.time()
            notes = stage.watch()
            step(f"a line of {rate}", 24)
            end = time.time()
            truth = TRUTH[rate]
            mean = server.mean("viewer", "estimated-bitrate", began + 10, end)
            figures[f"off-{rate}"] = abs(percent(mean, truth) - 100)
            figures[f"over-{rate}"] = server.longest("viewer", began, end, lambda one: one["estimated-bitrate"] > 1.2 * truth)
            say(f"      {rate}: mean {mean / 1000:.0f} kbit/s after 10 s")
            tell_layers(notes.take(), notes.tracks[0], began, end, server)
    return figures
