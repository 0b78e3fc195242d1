from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.policy_view_strategy import PolicyViewStrategy
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.clock_rule import ClockRule
    from ..models.policy_view_strategy_by_satgas import PolicyViewStrategyBySatgas


T = TypeVar("T", bound="PolicyView")


@_attrs_define
class PolicyView:
    """The policy in force, and who set it when; nobody where it is the one it came with.

    Attributes:
        acknowledge (ClockRule): How long one step may take.
        answer (ClockRule): How long one step may take.
        reminder_percent (int): Share of a clock's time after which its officer is reminded.
        resolve (ClockRule): How long one step may take.
        set_at (datetime.datetime | None): When it was set; null for what it came with
        set_by (None | str): Who set it: the id of a key
        silence_days (int): Working days of the requester's silence after which a consultation is closed.
        strategy (PolicyViewStrategy): How the officer is chosen
        version (str): Rises or changes with every change
        strategy_by_satgas (PolicyViewStrategyBySatgas | Unset): Satgas (a kecamatan's code, or `dpmd`) that deal
            differently.
    """

    acknowledge: ClockRule
    answer: ClockRule
    reminder_percent: int
    resolve: ClockRule
    set_at: datetime.datetime | None
    set_by: None | str
    silence_days: int
    strategy: PolicyViewStrategy
    version: str
    strategy_by_satgas: PolicyViewStrategyBySatgas | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        acknowledge = self.acknowledge.to_dict()

        answer = self.answer.to_dict()

        reminder_percent = self.reminder_percent

        resolve = self.resolve.to_dict()

        set_at: None | str
        if isinstance(self.set_at, datetime.datetime):
            set_at = self.set_at.isoformat()
        else:
            set_at = self.set_at

        set_by: None | str
        set_by = self.set_by

        silence_days = self.silence_days

        strategy = self.strategy.value

        version = self.version

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
                "set_at": set_at,
                "set_by": set_by,
                "silence_days": silence_days,
                "strategy": strategy,
                "version": version,
            }
        )
        if strategy_by_satgas is not UNSET:
            field_dict["strategy_by_satgas"] = strategy_by_satgas

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.clock_rule import ClockRule
        from ..models.policy_view_strategy_by_satgas import PolicyViewStrategyBySatgas

        d = dict(src_dict)
        acknowledge = ClockRule.from_dict(d.pop("acknowledge"))

        answer = ClockRule.from_dict(d.pop("answer"))

        reminder_percent = d.pop("reminder_percent")

        resolve = ClockRule.from_dict(d.pop("resolve"))

        def _parse_set_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                set_at_type_0 = datetime.datetime.fromisoformat(data)

                return set_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        set_at = _parse_set_at(d.pop("set_at"))

        def _parse_set_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        set_by = _parse_set_by(d.pop("set_by"))

        silence_days = d.pop("silence_days")

        strategy = PolicyViewStrategy(d.pop("strategy"))

        version = d.pop("version")

        _strategy_by_satgas = d.pop("strategy_by_satgas", UNSET)
        strategy_by_satgas: PolicyViewStrategyBySatgas | Unset
        if isinstance(_strategy_by_satgas, Unset):
            strategy_by_satgas = UNSET
        else:
            strategy_by_satgas = PolicyViewStrategyBySatgas.from_dict(
                _strategy_by_satgas
            )

        policy_view = cls(
            acknowledge=acknowledge,
            answer=answer,
            reminder_percent=reminder_percent,
            resolve=resolve,
            set_at=set_at,
            set_by=set_by,
            silence_days=silence_days,
            strategy=strategy,
            version=version,
            strategy_by_satgas=strategy_by_satgas,
        )

        return policy_view
