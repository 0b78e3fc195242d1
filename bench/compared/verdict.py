"""Whether a comparison is fair: does what ours is held against run as well as it is known to?

Machines differ, so ratios are compared, in two ways. A peer must reach its share of what the sketch
by the packages of the system reaches, as both were measured in one run. And none may need more
processor time than it is known to, beside the others: that hardly changes with what else a machine
does, as seconds do.
"""

import statistics
from collections.abc import Mapping

CELERY, DRAMATIQ, TASKIQ, FASTSTREAM = "Celery", "Dramatiq", "Taskiq", "FastStream"
RAW = "sketch: aio-pika, PyMongo"
PROJECT = "sketch: FastStream, Motor"

#: Consultations a second of each in one run on 2 cores and secantusd-rs: the middle of its rounds.
RATES: Mapping[str, float] = {CELERY: 51, DRAMATIQ: 22.5, TASKIQ: 59.5, PROJECT: 208}
#: Milliseconds of processor time for one consultation, in one run of these peers and sketches.
COSTS: Mapping[str, float] = {CELERY: 8.3, DRAMATIQ: 5.7, TASKIQ: 6.9, RAW: 1.8, PROJECT: 4.2}

#: How much worse than known a contender may be.
TOLERANCE = 0.2


def unfair(rates: Mapping[str, float], costs: Mapping[str, float]) -> list[str]:
    """What makes a run invalid, a sentence each. `rates`: consultations a second, `costs`:
    milliseconds of processor time of a contender's processes, medians by name."""
    return [*_slow(rates), *_costly(costs)]


def _slow(rates: Mapping[str, float]) -> list[str]:
    if PROJECT not in rates:
        return []
    speed = rates[PROJECT] / RATES[PROJECT]
    return [
        f"{name} reaches {rates[name]:.0f} a second: known are {known * speed:.0f} where the sketch"
        f" reaches {rates[PROJECT]:.0f}"
        for name, known in RATES.items()
        if name in rates and rates[name] < (1 - TOLERANCE) * known * speed
    ]


def _costly(costs: Mapping[str, float]) -> list[str]:
    shares = {name: costs[name] / known for name, known in COSTS.items() if name in costs}
    if not shares:
        return []
    machine = statistics.median(shares.values())
    return [
        f"{name} needs {costs[name]:.1f} ms of processor for one: known are"
        f" {COSTS[name] * machine:.1f} beside the others"
        for name, share in shares.items()
        if share > machine / (1 - TOLERANCE)
    ]
