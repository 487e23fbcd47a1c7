# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/performance.md: sections between markers are written here, the words around them by people."""

import re

import figures
import load

SERVERS = (("ours", "gst-rooms"), ("janus", "Janus, stock"), ("janus-loop", "Janus, event_loops=1"))


def write_section(path, name, text, heading="# Performance\n"):
    """Replaces what stands between the section's markers, or adds it at the end."""
    begin, end = f"<!-- {name}: written by ./bench -->", f"<!-- end of {name} -->"
    block = f"{begin}\n{text.strip()}\n{end}"
    old = path.read_text() if path.exists() else heading
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    new = pattern.sub(lambda _: block, old) if pattern.search(old) else f"{old.rstrip()}\n\n{block}\n"
    path.parent.mkdir(exist_ok=True)
    path.write_text(new)


def cell(value, digits):
    return "–" if value is None else f"{value:.{digits}f}"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def target_rows(runs):
    titles = {"broadcast-100": "1 → 100", "rooms": load.ROOMS.title, "limit": "1 → N"}
    for target in figures.TARGETS:
        of = runs.get(target.load)
        if of is None:
            continue
        results = [of.get(key, []) for key, _ in SERVERS]
        values = [target.figure.of(one) for one in results]
        _, met = target.compare(results[0], results[1])
        yield [titles[target.load], target.figure.title,
               *(cell(value, target.figure.digits) for value in values),
               cell(figures.ratio(results[0], results[1], target.figure.path), 2), target.words(),
               {True: "yes", False: "**no**", None: "not measured"}[met]]


def load_rows(runs):
    for key, of in runs.items():
        if key == "limit":
            continue
        title = key.replace("broadcast-", "1 → ") if key != "rooms" else load.ROOMS.title
        for server, name in SERVERS:
            results = of.get(server)
            if not results:
                continue
            row = [title, name]
            for figure in (figures.COST, figures.LATENCY50, figures.LATENCY95, figures.LATENCY99,
                           figures.LOSS, figures.FIRST_PACKET, figures.JOIN, figures.GENERATOR):
                row.append(cell(figure.of(results), figure.digits))
            costs = [figures.at(result, figures.COST.path) for result in results]
            row.append(" ".join(cell(cost, 2) for cost in costs))
            yield row


def disturbance(results):
    busy = [run["busy_cores_before"] for of in results["runs"].values() for runs in of.values()
            for run in runs if "busy_cores_before" in run]
    if not busy:
        return ""
    worst = max(busy)
    if worst <= 0.15:
        return f"The machine was otherwise idle (at most {worst:.2f} cores busy before a run)."
    return (f"**Other programs ran on the machine meanwhile** (cores busy before a run: median "
            f"{sorted(busy)[len(busy) // 2]:.2f}, at most {worst:.2f}): latencies and losses are disturbed, "
            "costs by caches that others emptied.")


def peers_section(results):
    of = results["machine"]
    runs = results["runs"]
    return f"""## Against Janus, {of['date']}

{of['processor']}; {of['system']}, Linux {of['kernel']}; gst-rooms {of['gst-rooms']} (GStreamer {of['GStreamer']}, \
OpenSSL {of['OpenSSL']}); Janus {of['Janus']}. Medians of {results['rounds']} round{'s' if results['rounds'] > 1 else ''} \
of {results['duration']} s after {results['warmup']} s of warm-up{', a quick run' if results['quick'] else ''}; a ratio is the median of the \
rounds' ratios. \
{disturbance(results)}

{table(["load", "figure", *(name for _, name in SERVERS), "ours / stock", "wanted", "met"], target_rows(runs))}

{table(["load", "server", "CPU µs/packet", "p50 ms", "p95 ms", "p99 ms", "loss %", "first packet ms", "answer ms",
        "generator µs/packet", "CPU µs/packet of each round"], load_rows(runs))}
"""


def write_peers(path, results):
    write_section(path, "peers", peers_section(results))
