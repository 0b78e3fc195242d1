"""Fills reporting's event log with invented consultations, and derives everything from it.

For measurements: nothing of it goes through intake, routing or notify.
"""

from datetime import datetime, timedelta
from itertools import islice

from klik.history.invented import lives
from services.reporting.events.log import EVENTS_PER_SEGMENT, EventLog, Segment
from services.reporting.projection.generations import Deriving, Generations
from services.reporting.projection.rebuild import Step, rebuild
from shared.events import Event
from shared.times import WITA, milliseconds, new_id

#: Segments written at once, each into a minute of its own.
SEGMENTS_PER_WRITE = 4
#: Consultations made at once.
CONSULTATIONS_PER_BATCH = 1000


async def seed(
    log: EventLog, generations: Generations, count: int, number: int, year: int, step: Step
) -> Deriving:
    """`count` consultations of one year; the same ones for the same `number`."""
    await write(log, count, number, year, step)
    return await rebuild(log, generations, step)


async def write(log: EventLog, count: int, number: int, year: int, step: Step) -> None:
    """Their events only."""
    first, last = datetime(year, 1, 1, tzinfo=WITA), datetime(year + 1, 1, 1, tzinfo=WITA)
    source = lives(number, count, first, last - timedelta(seconds=1))
    minute, done, waiting = first, 0, list[Event]()
    while batch := list(islice(source, CONSULTATIONS_PER_BATCH)):
        waiting += [event for life in batch for event in life]
        full = (
            len(waiting) // EVENTS_PER_SEGMENT * EVENTS_PER_SEGMENT
            if done + len(batch) < count
            else len(waiting)
        )
        ready, waiting = waiting[:full], waiting[full:]
        for at in range(0, len(ready), EVENTS_PER_SEGMENT * SEGMENTS_PER_WRITE):
            part = ready[at : at + EVENTS_PER_SEGMENT * SEGMENTS_PER_WRITE]
            # as if long ago, so that nothing of it is taken for new
            minute += timedelta(minutes=1)
            segments = [
                Segment(
                    str(new_id()), milliseconds(minute), tuple(part[of : of + EVENTS_PER_SEGMENT])
                )
                for of in range(0, len(part), EVENTS_PER_SEGMENT)
            ]
            await log.keep(segments, is_open=False)
        done += len(batch)
        step("writing events", done, count)
