"""The table of what was tried: printed at the end of the run, and kept in docs/faults.md."""

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

import pytest
from rich.table import Table

from tests.faults.rig.town import Outcome, Town

COLUMNS = (
    "#", "fault", "held", "posts", "seconds", "lost", "doubled", "parked",
    "recovery, s", "largest, MB",
)  # fmt: skip

HEAD = """\
# Faults

Written by `make faults` on {day}: {held} of {all} held. The whole system as processes, twice side
by side on one machine ({cores} cores), each with a private RabbitMQ and {store}; consultations are
posted all the while, each until it is accepted. After every fault the same is asked: what was
accepted is routed, told and counted, each once; nothing is parked but what the fault put there; no
process was started by hand; none had more than 200 MB. *lost*: accepted, and missing somewhere.
*doubled*: records, counts or e-mails too many. *recovery*: from the end of the fault until all was
quiet and whole. An empty cell: the fault is tried without load.

"""


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    fault: str
    held: bool
    seconds: float
    store: str
    outcome: Outcome | None

    def cells(self) -> tuple[str, ...]:
        one = self.outcome
        held = "yes" if self.held else "NO"
        if one is None:
            return str(self.number), self.fault, held, "", f"{self.seconds:.0f}", "", "", "", "", ""
        return (
            str(self.number),
            self.fault,
            held,
            str(one.posts),
            f"{self.seconds:.0f}",
            str(one.lost),
            str(one.doubled) + (f" (+{one.by_crash} e-mails by a crash)" if one.by_crash else ""),
            str(one.parked),
            f"{one.recovery:.1f}",
            f"{one.largest / 2**20:.0f}",
        )


#: Of a test: whether it has passed.
HELD = pytest.StashKey[bool]()
#: What a test's report carries, out of the process that ran it.
PROPERTY = "fault"


def note(request: pytest.FixtureRequest, seconds: float, town: Town) -> None:
    """Keep what came of the fault that a test is marked with; its text may name parameters."""
    mark = request.node.get_closest_marker("fault")
    if mark is None:
        return
    number, text = mark.args
    parameters = getattr(request.node, "callspec", None)
    row = Row(
        number,
        text.format(**(parameters.params if parameters else {})),
        request.node.stash.get(HELD, False),
        seconds,
        town.system.store.kind,
        town.outcome,
    )
    request.node.user_properties.append((PROPERTY, asdict(row)))


def noted(reports: Iterable[object]) -> list[Row]:
    """By number, of the reports of all tests."""
    found = [
        value
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "teardown"
        for name, value in report.user_properties
        if name == PROPERTY
    ]
    rows = [
        Row(**one | {"outcome": Outcome(**one["outcome"]) if one["outcome"] else None})
        for one in found
        if isinstance(one, dict)
    ]
    return sorted(rows, key=lambda row: row.number)


def table(rows: list[Row]) -> Table:
    made = Table(title="Faults")
    for column in COLUMNS:
        made.add_column(column, justify="left" if column == "fault" else "right")
    for row in rows:
        made.add_row(*row.cells(), style=None if row.held else "bold red")
    return made


def markdown(rows: list[Row], day: date) -> str:
    head = HEAD.format(
        day=day,
        held=sum(row.held for row in rows),
        all=len(rows),
        cores=os.cpu_count(),
        store=rows[0].store,
    )
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *(row.cells() for row in rows)]
    return head + "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
