"""The facts of the whole log, in as many passes as its consultations need to fit into memory."""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from zlib import crc32

from services.reporting.domain.rows import Fact
from services.reporting.events.log import EventLog
from services.reporting.projection.facts import Known, Told
from services.reporting.projection.projector import facts_in

#: Events whose facts are in memory at once, some 700 bytes each.
PASS = 2_000_000

Step = Callable[[str, int, int], None]
"""Told of progress: what is being done, how much of it is done, how much there is."""


@dataclass
class _Gathered:
    """What one pass has found."""

    facts: dict[str, dict[str, Fact]] = field(default_factory=dict)
    recorded: dict[str, dict[str, int]] = field(default_factory=dict)

    def take(self, told: Iterable[Told]) -> None:
        for one in told:
            self.facts.setdefault(one.consultation, {})[one.event] = one.fact
            recorded = self.recorded.setdefault(one.consultation, {})
            recorded[one.event] = min(one.recorded, recorded.get(one.event, one.recorded))

    def known(self) -> list[Known]:
        return [Known(id_, of, self.recorded[id_]) for id_, of in sorted(self.facts.items())]


async def passes(log: EventLog, step: Step) -> AsyncIterator[list[Known]]:
    """All that the log knows of its consultations, a part of these at a time."""
    total = await log.count()
    parts = total // PASS + 1
    for part in range(parts):
        gathered, done = _Gathered(), 0
        async for segments in log.segments():
            gathered.take(one for one in facts_in(segments) if _part(one, parts) == part)
            done += sum(len(one.events) for one in segments)
            step("reading the log", part * total + done, parts * total)
        yield gathered.known()


def _part(told: Told, parts: int) -> int:
    return crc32(told.consultation.encode()) % parts
