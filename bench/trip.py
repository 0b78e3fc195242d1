"""How far one message travels: own files and functions that it enters, and moves between files.

In memory, on the stand-ins of the unit tests; nothing is measured in seconds. A file or function is
our own where it is below `services/` or `shared/`. A move is a call, or what a call comes back to,
in another file than the last.
"""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.table import Table

from klik.local.processes import ROOT
from services.intake.acceptance import Acceptance
from services.intake.domain.submission import Submission
from tests.support.builders import NOON, a_post, assigned, submitted
from tests.support.fakes import Clock, FakeConsultations
from tests.support.services.notify import Notify
from tests.support.services.routing import routing

OWN = tuple(f"{ROOT / folder}/" for folder in ("services", "shared"))


@dataclass
class Trip:
    files: set[str] = field(default_factory=set)
    functions: set[tuple[str, str]] = field(default_factory=set)
    moves: int = 0
    _last: str = ""

    def enter(self, frame: FrameType, event: str, _: Any) -> None:
        """A profile function."""
        file = frame.f_code.co_filename
        if event != "call" or not file.startswith(OWN):
            return
        self.files.add(str(Path(file).relative_to(ROOT)))
        self.functions.add((file, frame.f_code.co_qualname))
        self.moves += file != self._last
        self._last = file


async def accept() -> Callable[[], Awaitable[object]]:
    acceptance = Acceptance(FakeConsultations(), Clock(NOON))
    return lambda: acceptance.accept(Submission.model_validate(a_post()), caller="a", key=None)


async def assign() -> Callable[[], Awaitable[object]]:
    here = routing()
    return lambda: here.hear(submitted())


async def tell() -> Callable[[], Awaitable[object]]:
    here = Notify()

    async def heard_and_sent() -> None:
        await here.hear(assigned())
        await here.look()

    return heard_and_sent


TRIPS = {
    "intake: accept one post": accept,
    "routing: one consultation.submitted": assign,
    "notify: one case.assigned heard and sent": tell,
}


async def trip(console: Console, *, files: bool) -> None:
    """`files`: name them."""
    table = Table("trip, in memory", "own files", "functions", "moves")
    for name, begin in TRIPS.items():
        await (await begin())()  # what is read once, as templates and code tables, is read
        once, taken = await begin(), Trip()
        sys.setprofile(taken.enter)
        try:
            await once()
        finally:
            sys.setprofile(None)
        table.add_row(name, *map(str, (len(taken.files), len(taken.functions), taken.moves)))
        if files:
            console.print(f"{name}: {' '.join(sorted(taken.files))}")
    console.print(table)
