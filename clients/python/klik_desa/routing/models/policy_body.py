from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.policy_body_strategy import PolicyBodyStrategy
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.clock_rule import ClockRule
    from ..models.policy_body_strategy_by_satgas import PolicyBodyStrategyBySatgas


T = TypeVar("T", bound="PolicyBody")


@_attrs_define
class PolicyBody:
    """What the regency can set.

    Attributes:
        acknowledge (ClockRule): How long one step may take.
        answer (ClockRule): How long one step may take.
        reminder_percent (int): Share of a clock's time after which its officer is reminded.
        resolve (ClockRule): How long one step may take.
        silence_days (int): Working days of the requester's silence after which a consultation is closed.
        strategy (PolicyBodyStrategy): How the officer is chosen
        strategy_by_satgas (PolicyBodyStrategyBySatgas | Unset): Satgas (a kecamatan's code, or `dpmd`) that deal
            differently.
    """

    acknowledge: ClockRule
    answer: ClockRule
    reminder_percent: int
    resolve: ClockRule
    silence_days: int
    strategy: PolicyBodyStrategy
    strategy_by_satgas: PolicyBodyStrategyBySatgas | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        acknowledge = self.acknowledge.to_dict()

        answer = self.answer.to_dict()

        reminder_percent = self.reminder_percent

        resolve = self.resolve.to_dict()

        silence_days = self.silence_days

        strategy = self.strategy.value

        strategy_by_satgas: dict[str, Any] | Unset = UNSET
        if not isinstance(self.strategy_by_satgas, Unset):
            strategy_by_satgas = self.strategy_by_satgas.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "acknowledge": acknowledge,
                "answer": answer,
                "reminder_percent": reminder_percent,
                "resolve": resolve,
                "silence_days": silence_days,
                "strategy": strategy,
            }
        )
        if strategy_by_satgas is not UNSET:
            field_dict["strategy_by_satgas"] = strategy_by_satgas

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.clock_rule import ClockRule
        from ..models.policy_body_strategy_by_satgas import PolicyBodyStrategyBySatgas

        d = dict(src_dict)
        acknowledge = ClockRule.from_dict(d.pop("acknowledge"))

        answer = ClockRule.from_dict(d.pop("answer"))

        reminder_percent = d.pop("reminder_percent")

        resolve = ClockRule.from_dict(d.pop("resolve"))

        silence_days = d.pop("silence_days")

        strategy = PolicyBodyStrategy(d.pop("strategy"))

        _strategy_by_satgas = d.pop("strategy_by_satgas", UNSET)
        strategy_by_satgas: PolicyBodyStrategyBySatgas | Unset
        if isinstance(_strategy_by_satgas, Unset):
            strategy_by_satgas = UNSET
        else:
            strategy_by_satgas = PolicyBodyStrategyBySatgas.from_dict(
                _strategy_by_satgas
            )

        policy_body = cls(
            acknowledge=acknowledge,
            answer=answer,
            reminder_percent=reminder_percent,
            resolve=resolve,
            silence_days=silence_days,
            strategy=strategy,
            strategy_by_satgas=strategy_by_satgas,
        )

        return policy_body
