"""The forms about one officer: what was typed, and the roster that it makes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Self

from services.routing.api.satgas_schemas import OfficerBody
from services.routing.domain.roster import Officer, Roster, Satgas
from shared import reference
from shared.text.wording import Language
from shared.web.problems import Problem, validated

#: Fields beside topics and leave, and what a time of leave has.
_OTHERS, _OF_LEAVE = 8, 3
#: Times of leave that are read, as many as a roster may have.
MOST_LEAVE = 100
#: The buttons beside that of saving, by what they send.
ADD, REMOVE = "tambah", "keluarkan"
MOST_FIELDS = _OTHERS + 60 + MOST_LEAVE * _OF_LEAVE


@dataclass(frozen=True, slots=True)
class Away:
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form shows: as it is kept, or as it was typed."""

    code: str
    available: bool
    capacity: str
    topics: frozenset[str]
    leave: Sequence[Away]
    step: str = ""
    """Of the form that was sent: `ADD` or `REMOVE`; else it changes who is there."""

    @classmethod
    def kept(cls, officer: Officer) -> Self:
        leave = [Away(one.first.isoformat(), one.last.isoformat()) for one in officer.leave]
        capacity = "" if officer.capacity is None else str(officer.capacity)
        topics = frozenset(officer.topics)
        return cls(officer.code, officer.available, capacity, topics, leave)

    @classmethod
    def sent(cls, fields: Mapping[str, str]) -> Self:
        leave = [
            Away(fields.get(f"mulai-{number}", ""), fields.get(f"sampai-{number}", ""))
            for number in range(MOST_LEAVE)
            if f"hapus-{number}" not in fields
        ]
        return cls(
            fields.get("petugas", ""),
            "tersedia" in fields,
            fields.get("kapasitas", "").strip(),
            frozenset(name.removeprefix("topik-") for name in fields if name.startswith("topik-")),
            [one for one in leave if one.first or one.last],
            fields.get("langkah", ""),
        )

    def officer(self) -> Officer:
        """Raises `Problem`, `invalid`, as the API does of such an officer."""
        body: dict[str, Any] = {
            "code": self.code,
            "topics": sorted(self.topics),
            "capacity": _number(self.capacity),
            "available": self.available,
            # one day is a day's leave
            "leave": [
                {"first": one.first or one.last, "last": one.last or one.first}
                for one in self.leave
            ],
        }
        return validated(OfficerBody, body).officer()


def _number(text: str) -> int | str | None:
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text


def roster_of(satgas: Satgas, typed: Typed) -> Roster:
    """The roster as the form wants it: with one more, one less, or one who is otherwise.

    Raises `Problem`: `changed_meanwhile`, where there is none of that code any more; `invalid`, as
    the API does of such an officer.
    """
    if typed.step == ADD:
        officers = (*satgas.officers, typed.officer())
    elif typed.code not in {one.code for one in satgas.officers}:
        raise Problem("changed_meanwhile")
    elif typed.step == REMOVE:
        officers = tuple(one for one in satgas.officers if one.code != typed.code)
    else:
        officer = typed.officer()
        officers = tuple(officer if one.code == officer.code else one for one in satgas.officers)
    return Roster(officers, satgas.coordinator, satgas.camat)


GROUPS = frozenset(one.group for one in reference.topics().values())


@dataclass(frozen=True, slots=True)
class TopicGroup:
    code: str
    topics: Sequence[tuple[str, str]]
    """Code and name; empty where the group is its only topic."""


def topic_groups(on: date, said: Language) -> Sequence[TopicGroup]:
    """The topics of today, by group: an officer may know the one or the other."""
    known = [one for one in reference.topics().values() if one.active(on)]
    found = []
    for code, some in groupby(sorted(known, key=lambda one: one.group), lambda one: one.group):
        names = [(one.code, reference.label("topics", one.code, said)) for one in some]
        found.append(TopicGroup(code, names if len(names) > 1 else []))
    return found
