"""Whether a comparison is fair: does what ours is held against run as well as it is known to?

Machines differ, so ratios are compared. A peer is held against the sketch by the packages of the
system, as both were measured together; the sketches are held against the peers.
"""

import statistics
from collections.abc import Mapping

CELERY, DRAMATIQ, TASKIQ, FASTSTREAM = "Celery", "Dramatiq", "Taskiq", "FastStream"
RAW = "sketch: aio-pika, PyMongo"
PROJECT = "sketch: FastStream, Motor"

#: Consultations a second of each in one run on 2 cores and secantusd-rs: the middle of its rounds.
KNOWN: Mapping[str, float] = {CELERY: 51, DRAMATIQ: 22.5, TASKIQ: 59.5, RAW: 267, PROJECT: 208}
SKETCHES = (RAW, PROJECT)

#: How much less than its share of the known a contender may reach.
TOLERANCE = 0.2


def unfair(rates: Mapping[str, float]) -> list[str]:
    """What makes a run invalid, a sentence each; `rates`: medians, consultations a second."""
    speed = {name: rates[name] / known for name, known in KNOWN.items() if name in rates}
    peers = {name: value for name, value in speed.items() if name not in SKETCHES}
    held: dict[str, float] = {}
    if PROJECT in speed:
        held |= dict.fromkeys(peers, speed[PROJECT])
    if peers:
        of_peers = statistics.median(peers.values())
        held |= {name: of_peers for name in SKETCHES if name in speed}
    return [
        f"{name} reaches {rates[name]:.0f} a second, {1 - speed[name] / other:.0%} less than in "
        f"the known run ({KNOWN[name]:.0f}, scaled to this machine: {KNOWN[name] * other:.0f})"
        for name, other in held.items()
        if speed[name] < (1 - TOLERANCE) * other
    ]
