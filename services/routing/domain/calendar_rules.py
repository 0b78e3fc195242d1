"""What a regency sets of its calendar: office hours, announced Ramadan, days closed or opened.

Pure. The same shape is read from `data/` at the start and edited over HTTP afterwards.
"""

import contextlib
import re
from datetime import date, time
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from shared.calendar import (
    WEEKDAYS,
    Hours,
    Interval,
    Profile,
    Season,
    check_hours,
)
from shared.text.characters import LEGIBLE, one_line
from shared.text.wording import Text, Unfit
from shared.web.fields import Day


def _interval(text: object) -> object:
    """`07:30-12:00`"""
    if isinstance(text, str) and re.fullmatch(r"[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}", text):
        opens, _, closes = text.partition("-")
        with contextlib.suppress(ValueError):
            time.fromisoformat(opens), time.fromisoformat(closes)
            return text
    raise Unfit(Text("Jam kerja ditulis seperti 07:30-12:00.", "hours are written as 07:30-12:00"))


IntervalText = Annotated[
    str, Field(pattern=r"^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$"), BeforeValidator(_interval)
]
HoursText = Annotated[tuple[IntervalText, ...], Field(max_length=8)]
"""A day's intervals, in order; none for a free day."""


class _Local(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Week(_Local):
    """Office hours of a week; they neither overlap nor run past midnight."""

    Monday: HoursText
    Tuesday: HoursText
    Wednesday: HoursText
    Thursday: HoursText
    Friday: HoursText
    Saturday: HoursText
    Sunday: HoursText

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        self.profile("week")
        return self

    def profile(self, code: str) -> Profile:
        """Raises ValueError, naming the day, for hours that overlap or end before they begin."""
        return Profile(code, tuple(hours_of(getattr(self, day)) for day in WEEKDAYS))


class Weeks(_Local):
    """`version` names where the hours come from."""

    version: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.\-]+$")]
    regular: Week
    ramadan: Week

    @model_validator(mode="after")
    def _are_worked(self) -> Self:
        for name, week in (("regular", self.regular), ("ramadan", self.ramadan)):
            if not any(week.profile(name).week):
                raise Unfit(
                    Text(
                        f"{name}: minggu tanpa hari kerja tidak mempunyai batas waktu.",
                        f"{name}: a week without a working day has no deadlines",
                    )
                )
        return self


class Ramadan(_Local):
    """As announced, both days included. One that is not listed is reckoned from Idul Fitri."""

    first: Day
    last: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise Unfit(
                Text(
                    f"Berakhir pada {self.last}, sebelum dimulai pada {self.first}.",
                    f"ends on {self.last}, before it begins on {self.first}",
                )
            )
        return self


class LocalDay(_Local):
    """A day that is free here, or worked although it would be free."""

    day: Day
    kind: Literal["closed", "open"]
    name: Annotated[
        str,
        AfterValidator(one_line),
        Field(min_length=1, max_length=100, json_schema_extra={"pattern": f"^{LEGIBLE}*$"}),
    ]
    hours: HoursText = ()
    """For an open day."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.kind == "open") != bool(self.hours):
            raise Unfit(
                Text(
                    "Hari buka mempunyai jam kerja, hari tutup tidak.",
                    "an open day has hours, a closed one has none",
                )
            )
        check_hours(str(self.day), hours_of(self.hours))
        return self


class LocalCalendar(_Local):
    """Everything the regency decides itself. National holidays are not in it."""

    weeks: Weeks
    ramadan: Annotated[tuple[Ramadan, ...], Field(max_length=40)] = ()
    days: Annotated[tuple[LocalDay, ...], Field(max_length=250)] = ()

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        seen: set[date] = set()
        for one in self.days:
            if one.day in seen:
                raise Unfit(Text(f"{one.day} tercantum dua kali.", f"{one.day} is listed twice"))
            seen.add(one.day)
        seasons = sorted(self.ramadan, key=lambda one: one.first)
        for earlier, later in pairwise(seasons):
            if later.first <= earlier.last:
                raise Unfit(
                    Text(f"Dua Ramadan pada {later.first}.", f"two Ramadan on {later.first}")
                )
        return self

    def seasons(self) -> list[Season]:
        fasting = self.weeks.ramadan.profile("ramadan")
        return [Season(fasting, one.first, one.last, estimated=False) for one in self.ramadan]


def hours_of(texts: tuple[str, ...]) -> Hours:
    return tuple(
        Interval(time.fromisoformat(opens), time.fromisoformat(closes))
        for opens, _, closes in (text.partition("-") for text in texts)
    )
