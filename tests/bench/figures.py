# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is compared, how far it may go, and medians of rounds."""

import statistics
from dataclasses import dataclass


def at(result, path):
    """`result["a"]["b"]` for "a.b"; None when any of it is missing."""
    for key in path.split("."):
        if not isinstance(result, dict) or result.get(key) is None:
            return None
        result = result[key]
    return result


def median(results, path):
    values = [value for value in (at(result, path) for result in results) if value is not None]
    return statistics.median(values) if values else None


def ratio(ours, theirs, path):
    """Ours to theirs, in the median of the rounds: the two of one round ran one after the other, and the machine's speed
    changes by a third from minute to minute. None: not measured."""
    pairs = [(at(mine, path), at(other, path)) for mine, other in zip(ours, theirs)]
    ratios = [mine / other for mine, other in pairs if mine is not None and other]
    return statistics.median(ratios) if ratios else None


@dataclass(frozen=True)
class Figure:
    path: str
    title: str
    digits: int = 1
    scale: float = 1.0

    def of(self, results):
        value = median(results, self.path)
        return None if value is None else value * self.scale


COST = Figure("cpu_us_per_packet", "CPU µs per forwarded packet", 2)
LATENCY50 = Figure("latency_ms.p50", "latency p50, ms", 2)
LATENCY95 = Figure("latency_ms.p95", "latency p95, ms", 2)
LATENCY99 = Figure("latency_ms.p99", "latency p99, ms", 2)
LOSS = Figure("loss_percent", "loss, %", 2)
FIRST_PACKET = Figure("first_packet_ms.p50", "join: request to first packet p50, ms", 1)
JOIN = Figure("join_ms.p50", "join: request to answer p50, ms", 1)
THREADS = Figure("threads_per_subscriber", "threads per subscriber connection", 1)
MEMORY = Figure("rss_mib_per_subscriber", "memory per subscriber connection, MB", 2, 1.048576)
LIMIT = Figure("limit", "largest broadcast with loss under 0.5 %, subscribers", 0)
GENERATOR = Figure("generator_cpu_us_per_packet", "generator's CPU µs per packet", 2)


@dataclass(frozen=True)
class Target:
    load: str
    figure: Figure
    bound: float
    relative: bool = True  # to Janus as it comes; else in the figure's own unit
    at_least: bool = False

    def compare(self, ours, theirs):
        """Of the results of all rounds the number that is held against the bound, and whether it is met; None: not measured."""
        number = ratio(ours, theirs, self.figure.path) if self.relative else self.figure.of(ours)
        if number is None:
            return None, None
        # Absolute bounds hold for what the table shows: one thread of the whole process among those of 100
        # connections is 0.01 a connection.
        if not self.relative:
            number = round(number, self.figure.digits)
        return number, number >= self.bound if self.at_least else number <= self.bound

    def words(self):
        bound = f"{self.bound:g}" + (" × stock Janus" if self.relative else "")
        return ("at least " if self.at_least else "at most ") + bound


TARGETS = (
    Target("broadcast-100", COST, 0.16),
    Target("rooms", COST, 0.30),
    Target("broadcast-100", LATENCY99, 0.15),
    Target("broadcast-100", FIRST_PACKET, 0.3),
    Target("broadcast-100", THREADS, 4, relative=False),
    Target("broadcast-100", MEMORY, 0.7, relative=False),
    Target("limit", LIMIT, 5, at_least=True),
)
