"""Kinds of fields that the bodies of several services share."""

import re
from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator

from shared.text.wording import Text, Unfit


def _whole(value: object) -> object:
    """Pydantic alone would also take a text with a number in it; 13.0 is the 13 of some JSON."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise Unfit(
        Text("Harus berupa bilangan bulat.", "Input should be a valid integer"), code="int_type"
    )


WHOLE = BeforeValidator(_whole)
"""After the limits, or they vanish from the contract: `Annotated[int, Field(ge=1), WHOLE]`."""


def _day(value: object) -> object:
    """Pydantic alone would also take a number as seconds since 1970."""
    if isinstance(value, date) or (
        isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)
    ):
        return value
    raise Unfit(
        Text("Harus berupa tanggal, misalnya 2026-11-24.", "Expected a day, such as 2026-11-24"),
        code="day",
    )


Day = Annotated[date, BeforeValidator(_day)]

_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _rfc3339(value: object) -> object:
    """Pydantic alone would also take a number as seconds since 1970."""
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        return value
    raise Unfit(
        Text(
            "Harus berupa waktu dengan zonanya, misalnya 2026-11-24T09:30:00+08:00.",
            "Expected a time with its offset, such as 2026-11-24T09:30:00+08:00",
        ),
        code="rfc3339",
    )


Rfc3339 = Annotated[AwareDatetime, BeforeValidator(_rfc3339)]
"""A time with its offset."""
