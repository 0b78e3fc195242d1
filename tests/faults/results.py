"""The table of what was tried: printed at the end of the run, and kept in docs/faults.md."""

from dataclasses import dataclass
from datetime import date

from rich.table import Table

from tests.faults.town import Outcome

COLUMNS = (
    "#", "fault", "held", "posts", "seconds", "lost", "doubled", "parked", "recovery, s", "largest, MB",
)  # fmt: skip

HEAD = """\
# Faults

Written by `make faults` on {day}: {held} of {all} held. The whole system as processes on one
machine ({cores} cores), with a private RabbitMQ {rabbit} and {store}; consultations are posted all the
while, each until it is accepted. After every fault the same is held: what was accepted is routed,
told and counted, each once; nothing is parked but what the fault put there; no process was started
by hand; none had more than 200 MB. *lost*: accepted and missing somewhere. *doubled*: records, counts
or e-mails too many. *recovery*: from the end of the fault until all was quiet and whole. An empty
cell: the fault is tried without load.

"""


@dataclass(frozen=True, slots=True)
class Row:
    number: str
    fault: str
    held: bool
    seconds: float
    outcome: Outcome | None

    def cells(self) -> tuple[str, ...]:
        one = self.outcome
        held = "yes" if self.held else "NO"
        if one is None:
            return self.number, self.fault, held, "", f"{self.seconds:.0f}", "", "", "", "", ""
        return (
            self.number,
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


def table(rows: list[Row]) -> Table:
    made = Table(title="Faults")
    for column in COLUMNS:
        made.add_column(column, justify="left" if column == "fault" else "right")
    for row in rows:
        made.add_row(*row.cells(), style=None if row.held else "bold red")
    return made


def markdown(rows: list[Row], day: date, **where: object) -> str:
    head = HEAD.format(day=day, held=sum(row.held for row in rows), all=len(rows), **where)
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *(row.cells() for row in rows)]
    return head + "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
