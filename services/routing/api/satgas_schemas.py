"""A satgas over HTTP: the roster that is sent, and what is answered."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from services.routing.domain.roster import Leave, Officer, Roster, Satgas
from services.routing.domain.roster_check import KNOWLEDGE
from shared.events import Code
from shared.web.fields import WHOLE, Day

#: Far more than a satgas has, far less than a document or a number in it can hold.
MAX_ENTRIES = 100
MAX_CAPACITY = 1_000_000

#: The choice for a form; which of them are unknown is `check_roster`'s to say, with all else.
Topic = Annotated[Code, Field(json_schema_extra={"enum": sorted(KNOWLEDGE)})]


class _Body(BaseModel):
    """A misspelt field is refused: left out silently, it would change the roster."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class LeaveBody(_Body):
    """Days away, both included."""

    first: Day
    last: Day


class OfficerBody(_Body):
    code: Code
    topics: Annotated[list[Topic], Field(max_length=MAX_ENTRIES)] = []
    """Codes of topics, or of groups of them, that the officer knows."""
    capacity: Annotated[int, Field(ge=1, le=MAX_CAPACITY), WHOLE] | None = None
    """How many open cases at once; null is no limit."""
    available: StrictBool = True
    leave: Annotated[list[LeaveBody], Field(max_length=MAX_ENTRIES)] = []

    def officer(self) -> Officer:
        return Officer(
            code=self.code,
            topics=tuple(self.topics),
            capacity=self.capacity,
            available=self.available,
            leave=tuple(Leave(one.first, one.last) for one in self.leave),
        )


class RosterBody(_Body):
    """The whole roster: what is left out is as if it had never been there."""

    officers: Annotated[list[OfficerBody], Field(min_length=1, max_length=MAX_ENTRIES)]
    """In the order in which the round robin goes round."""
    coordinator: Code | None = None
    """One of the officers; gets what nobody else can take."""
    camat: Code | None = None
    """Is told when a case is late; is dealt none."""

    def roster(self) -> Roster:
        officers = tuple(one.officer() for one in self.officers)
        return Roster(officers, self.coordinator, self.camat)


class LeaveView(BaseModel):
    first: date
    last: date


class OfficerView(BaseModel):
    """An officer, with how much he has and whether he is there today."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    code: str
    topics: list[str]
    capacity: int | None
    available: bool
    leave: list[LeaveView]
    presence: Literal["present", "unavailable", "on_leave"]
    """Today."""
    open_cases: int

    @classmethod
    def of(cls, officer: Officer, open_cases: int, today: date) -> Self:
        return cls(
            code=officer.code,
            topics=list(officer.topics),
            capacity=officer.capacity,
            available=officer.available,
            leave=[LeaveView(first=one.first, last=one.last) for one in officer.leave],
            presence=officer.absence(today) or "present",
            open_cases=open_cases,
        )


class SatgasView(BaseModel):
    """A satgas: its roster and how its cases are spread."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    code: str
    """A kecamatan, or `dpmd`."""
    name: str
    edition: int
    """Goes up with every new roster."""
    coordinator: str | None
    camat: str | None
    turn: int
    """How many cases it has given out."""
    officers: list[OfficerView]

    @classmethod
    def of(cls, satgas: Satgas, today: date) -> Self:
        return cls(
            code=satgas.code,
            name=satgas.name,
            edition=satgas.edition,
            coordinator=satgas.coordinator,
            camat=satgas.camat,
            turn=satgas.turn,
            officers=[
                OfficerView.of(one, satgas.load_of(one.code), today) for one in satgas.officers
            ],
        )
