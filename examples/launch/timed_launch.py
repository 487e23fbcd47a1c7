#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""gst-launch-1.0 that also changes properties, of elements and of pads, while the pipeline runs.

    timed_launch.py --seconds 4 --at 1 r.src_0::paused=true --at 2.5 encoder.target-bitrate=300000 "LAUNCH LINE"

At the end it prints the statistics of the pads of every element that has some.
"""
import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402


def change(pipeline, assignment):
    where, value = assignment.split("=", 1)
    owner, _, name = where.rpartition("::")  # "r.src_0" and "paused", or "" and "encoder.target-bitrate"
    element, _, rest = (owner or where).partition(".")
    target = pipeline.get_by_name(element)
    if target and owner:
        target = target.get_static_pad(rest)
    if not target:
        sys.exit(f"there is no {owner or element} in the pipeline")
    print(f"setting {assignment}", flush=True)
    Gst.util_set_object_arg(target, name if owner else rest, value)


def print_stats(pipeline):
    for element in pipeline.iterate_elements():
        if not element.find_property("stats"):
            continue
        stats = element.get_property("stats")
        for name in [stats.nth_field_name(i) for i in range(stats.n_fields())]:
            if element.get_static_pad(name):
                print(f"{element.get_name()}.{name}: {stats.get_value(name)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10, help="how long to run")
    parser.add_argument("--at", nargs=2, action="append", default=[], metavar=("SECOND", "WHAT"),
                        help="element.property=value or element.pad::property=value")
    parser.add_argument("launch")
    args = parser.parse_args()

    Gst.init(None)
    pipeline = Gst.parse_launch(args.launch)
    loop = GLib.MainLoop()
    failed = []

    def on_message(_bus, message):
        if message.type == Gst.MessageType.ERROR:
            failed.append(message.parse_error()[0].message)
            loop.quit()
        elif message.type == Gst.MessageType.EOS:
            loop.quit()

    pipeline.get_bus().add_signal_watch()
    pipeline.get_bus().connect("message", on_message)
    for second, assignment in args.at:
        GLib.timeout_add(int(float(second) * 1000), change, pipeline, assignment)
    GLib.timeout_add(int(args.seconds * 1000), loop.quit)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    print_stats(pipeline)
    pipeline.set_state(Gst.State.NULL)
    sys.exit(failed[0] if failed else 0)


if __name__ == "__main__":
    main()
