# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/adaptation.md: the section between the markers is written here, the words around it by people."""

import statistics

import performance_doc

from .plan import CASES


def cell(value, measure):
    return "–" if value is None else f"{value:.{measure.digits}f}"


def values_of(runs, measure):
    return [run.get(measure.key) for run in runs]


def median(values):
    """Of the rounds in which it was reached at all; None if that were less than half of them."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known and 2 * len(known) >= len(values) else None


def each_round(runs, measure):
    return " ".join("failed" if "failed" in run else cell(run.get(measure.key), measure) for run in runs)


def rows(results):
    for case in CASES:
        of = results["runs"].get(case.key)
        if of is None:
            continue
        title = case.title
        for measure in case.measures:
            ours = median(values_of(of.get("ours", []), measure))
            met = measure.is_met(ours)
            theirs = of.get("janus")
            yield [title, measure.title + (f", {measure.unit}" if measure.unit else ""), measure.words(),
                   cell(ours, measure), {True: "yes", False: "**no**", None: ""}[met],
                   each_round(of.get("ours", []), measure),
                   each_round(theirs, measure) if theirs else ("not asked" if not case.without_janus else "cannot")]
            title = ""


def minutes_of(results):
    return ", ".join(f"{key} {sum(run['seconds'] for runs in of.values() for run in runs) / results['rounds']:.0f} s"
                     for key, of in results["runs"].items())


def section(results):
    of = results["machine"]
    cannot = "; ".join(f"{case.key}: {case.without_janus}" for case in CASES if case.without_janus)
    return f"""## Measured {of['date']}

{of['processor']}; {of['system']}, Linux {of['kernel']}; gst-rooms {of['gst-rooms']}; Janus {of['Janus']}; Chromium \
{of['Chromium']}. {results['rounds']} round{'s' if results['rounds'] > 1 else ''}, {results['minutes']:g} minutes; the \
medians are held against what is to be reached. {performance_doc.disturbance(results)}

{performance_doc.table(["case", "figure", "to reach", "gst-rooms", "met", "each round", "Janus, each round"], rows(results))}

A dash is something that was not seen to happen at all. Janus is not asked where it cannot: {cannot}.
Time for a round: {minutes_of(results)}.
"""


def write(path, text):
    performance_doc.write_section(path, "adapt", text, heading="# Adaptation\n")
