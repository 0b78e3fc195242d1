"""The policy of the regency: how many working days each step may take, who is told when it takes
longer, after how much silence a consultation is over, and how a satgas assigns its cases.

Numbers only; `clocks.py` says what they mean. Every change is a new version, and a case keeps the
version it was opened under.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from shared import reference
from shared.events import Attention, ClockName, Strategy
from shared.text.wording import Text, Unfit
from shared.web.fields import WHOLE

WorkingDays = Annotated[int, Field(ge=1, le=250), WHOLE]

LEVELS: tuple[Attention, ...] = ("officer", "coordinator", "camat", "dpmd")
"""Who sees to it that a case is answered, from the bottom up."""


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Escalation(_Rules):
    """At `percent` of a clock's time the person at `to` is told."""

    percent: Annotated[int, Field(ge=100, le=1000), WHOLE]
    to: Attention


class ClockRule(_Rules):
    """How long one step may take."""

    days: WorkingDays
    days_by_kind: Mapping[str, WorkingDays] = {}
    """Kinds of consultation that differ from `days`."""
    escalations: tuple[Escalation, ...] = ()
    """Upwards, the later the higher."""

    @field_validator("days_by_kind")
    @classmethod
    def _known_kinds(cls, value: Mapping[str, int]) -> Mapping[str, int]:
        if unknown := value.keys() - reference.kinds().keys():
            codes = ", ".join(sorted(unknown))
            raise Unfit(Text(f"Jenis tidak dikenal: {codes}.", f"unknown kind: {codes}"))
        return value

    @field_validator("escalations")
    @classmethod
    def _upwards(cls, value: tuple[Escalation, ...]) -> tuple[Escalation, ...]:
        for step in value:
            if step.to == LEVELS[0]:
                raise Unfit(
                    Text(
                        "Petugas diingatkan; eskalasi tidak ditujukan kepadanya.",
                        "the officer is reminded, not escalated to",
                    )
                )
        for lower, higher in pairwise(value):
            if higher.percent <= lower.percent or not is_higher(higher.to, lower.to):
                raise Unfit(
                    Text(
                        f"{higher.to} pada {higher.percent} % tidak sesudah {lower.to}.",
                        f"{higher.to} at {higher.percent} % is not after {lower.to}",
                    )
                )
        return value

    def days_for(self, kind: str) -> int:
        return self.days_by_kind.get(kind, self.days)


class PolicyBody(_Rules):
    """What the regency can set."""

    acknowledge: ClockRule
    """Until an officer has seen it."""
    answer: ClockRule
    """Until the first answer."""
    resolve: ClockRule
    """Until it is answered for good: stands still while it is the requester's turn."""
    reminder_percent: Annotated[int, Field(ge=1, le=99), WHOLE]
    """Share of a clock's time after which its officer is reminded."""
    silence_days: WorkingDays
    """Working days of the requester's silence after which a consultation is closed."""
    strategy: Strategy
    strategy_by_satgas: Mapping[str, Strategy] = {}
    """Satgas (a kecamatan's code, or `dpmd`) that deal differently."""

    @field_validator("strategy_by_satgas")
    @classmethod
    def _known_satgas(cls, value: Mapping[str, Strategy]) -> Mapping[str, Strategy]:
        for code in value:
            if code != reference.DPMD and not reference.is_kecamatan(code):
                raise Unfit(
                    Text(f"Satgas tidak dikenal: {code[:20]}.", f"unknown satgas: {code[:20]}")
                )
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for kind in {None, *self.answer.days_by_kind, *self.resolve.days_by_kind}:
            answer, resolve = (rule.days_for(kind or "") for rule in (self.answer, self.resolve))
            if answer > resolve:
                raise Unfit(
                    Text(
                        f"{answer} hari untuk menjawab lebih dari {resolve} untuk menyelesaikan.",
                        f"{answer} days to answer are more than {resolve} to resolve",
                    )
                )
        return self


class Policy(PolicyBody):
    """A policy with the code that names it."""

    version: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.\-]+$")]

    def clock(self, name: ClockName) -> ClockRule:
        rules: dict[ClockName, ClockRule] = {
            "acknowledge": self.acknowledge,
            "answer": self.answer,
            "resolve": self.resolve,
        }
        return rules[name]

    def strategy_of(self, satgas: str) -> Strategy:
        return self.strategy_by_satgas.get(satgas, self.strategy)


def is_higher(one: Attention, other: Attention) -> bool:
    return LEVELS.index(one) > LEVELS.index(other)
