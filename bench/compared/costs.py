"""What something has cost so far: counted by the system, the store and RabbitMQ, not timed."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pymongo

from klik.nodes import Rabbit, Store

TICKS = os.sysconf("SC_CLK_TCK")

#: All at once: each look starts a virtual machine.
RABBIT = (
    "{rabbit_global_counters:overview(),"
    " rabbit_networking:connection_info_all([recv_oct, send_oct])}."
)


@dataclass(frozen=True, slots=True)
class Costs:
    """`cpu`: seconds of processor time by name. `commands`: to the store. `documents`: written, -1
    where the store does not tell. `published`, `delivered`: messages; `octets`: between RabbitMQ
    and the connections that are open."""

    cpu: Mapping[str, float]
    commands: int
    documents: int
    published: int
    delivered: int
    octets: int

    @classmethod
    def so_far(cls, sessions: Mapping[str, int], rabbit: Rabbit, store: Store) -> Self:
        """`sessions`: the leaders' process ids by name; those of the nodes come besides."""
        told = rabbit.ctl("eval", RABBIT)
        status = _status(store)
        written = status.get("metrics", {}).get("document")
        return cls(
            cpu=processor({**nodes(rabbit, store), **sessions}),
            commands=status["network"]["numRequests"],
            documents=sum(written[how] for how in ("inserted", "updated")) if written else -1,
            published=_first(r"messages_received_total => (\d+)", told),
            delivered=_sum(r"messages_delivered_total => (\d+)", told),
            octets=_sum(r"(?:recv|send)_oct,(\d+)", told),
        )

    def since(self, before: Self, number: int) -> dict[str, float]:
        """For each of `number`: processor milliseconds by name, and what else was counted."""
        found = {
            f"{name} ms": (self.cpu[name] - before.cpu[name]) * 1000 / number for name in self.cpu
        }
        counted = ["commands", "published", "delivered", "octets"]
        if self.documents >= 0:
            counted.append("documents")
        for name in counted:
            found[name] = (getattr(self, name) - getattr(before, name)) / number
        return found


def nodes(rabbit: Rabbit, store: Store) -> dict[str, int]:
    return {"store": store.pid or 0, "rabbitmq": rabbit.pid or 0}


def processor(sessions: Mapping[str, int]) -> dict[str, float]:
    """Seconds of processor time of each session: of all its processes, and of those that ended."""
    spent = dict.fromkeys(sessions.values(), 0)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        session = int(fields[3])
        if session in spent:
            spent[session] += sum(map(int, fields[11:15]))  # its own, and that of ended children
    return {name: spent[session] / TICKS for name, session in sessions.items()}


def _status(store: Store) -> dict[str, Any]:
    with pymongo.MongoClient[dict[str, Any]](store.url) as client:
        return dict(client.admin.command("serverStatus"))


def _first(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found[1]) if found else 0


def _sum(pattern: str, text: str) -> int:
    return sum(map(int, re.findall(pattern, text)))
