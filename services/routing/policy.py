"""The deadlines of a case: how many working days each step may take, and until when that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from services.routing.calendar import Calendar, OutsideCalendar


@dataclass(frozen=True, slots=True)
class Policy:
    """Working days from the assignment. `answer_by_kind` has the kinds that differ from `answer`.

    `version` is a code that names these numbers: whoever changes one gives it a new version.
    """

    version: str
    acknowledge: int
    answer: int
    resolve: int
    answer_by_kind: Mapping[str, int]

    def __post_init__(self) -> None:
        days = (self.acknowledge, self.answer, self.resolve, *self.answer_by_kind.values())
        if min(days) < 1:
            raise ValueError(f"policy {self.version}: a deadline is at least 1 working day")

    def answer_for(self, kind: str) -> int:
        return self.answer_by_kind.get(kind, self.answer)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Until when, in UTC, and by which rules."""

    acknowledge_due: datetime
    answer_due: datetime
    resolve_due: datetime
    policy_version: str
    calendar_version: str


def deadlines(policy: Policy, calendar: Calendar, kind: str, start: datetime) -> Deadlines | None:
    """None beyond the calendar's years: a case without deadlines still gets its officer."""
    try:
        return Deadlines(
            acknowledge_due=calendar.add_working_days(start, policy.acknowledge).astimezone(UTC),
            answer_due=calendar.add_working_days(start, policy.answer_for(kind)).astimezone(UTC),
            resolve_due=calendar.add_working_days(start, policy.resolve).astimezone(UTC),
            policy_version=policy.version,
            calendar_version=calendar.version,
        )
    except OutsideCalendar:
        return None
