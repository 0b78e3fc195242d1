from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.assignment_reason_rule import AssignmentReasonRule
from ..models.assignment_reason_strategy import AssignmentReasonStrategy
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.passed_over import PassedOver


T = TypeVar("T", bound="AssignmentReason")


@_attrs_define
class AssignmentReason:
    """Why this officer: the rule that decided and what it saw.

    Attributes:
        candidates (list[str]): Who could have taken it.
        rule (AssignmentReasonRule): `territory`: the satgas of the kecamatan; `dpmd_desk`: no satgas could or should
            take it;
            `transfer` and `escalation`: somebody asked for it.
        turn (int): How many cases the satgas had given out before.
        code (None | str | Unset): For `dpmd_desk`: `unknown_region`, `retired_region`, `no_officer` or `complaint`; for
            the
            others: the reason that was given, or `unknown_officer` where the one asked for is not there.
        fallback (bool | Unset): The coordinator has it because nobody else could take it. Default: False.
        loads (list[int] | None | Unset): The open cases of each candidate, in their order, when it decided.
        passed_over (list[PassedOver] | Unset): Who of the satgas could not take it.
        strategy (AssignmentReasonStrategy | Unset): How the officer is chosen Default:
            AssignmentReasonStrategy.ROUND_ROBIN.
    """

    candidates: list[str]
    rule: AssignmentReasonRule
    turn: int
    code: None | str | Unset = UNSET
    fallback: bool | Unset = False
    loads: list[int] | None | Unset = UNSET
    passed_over: list[PassedOver] | Unset = UNSET
    strategy: AssignmentReasonStrategy | Unset = AssignmentReasonStrategy.ROUND_ROBIN
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        candidates = self.candidates

        rule = self.rule.value

        turn = self.turn

        code: None | str | Unset
        if isinstance(self.code, Unset):
            code = UNSET
        else:
            code = self.code

        fallback = self.fallback

        loads: list[int] | None | Unset
        if isinstance(self.loads, Unset):
            loads = UNSET
        elif isinstance(self.loads, list):
            loads = self.loads

        else:
            loads = self.loads

        passed_over: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.passed_over, Unset):
            passed_over = []
            for passed_over_item_data in self.passed_over:
                passed_over_item = passed_over_item_data.to_dict()
                passed_over.append(passed_over_item)

        strategy: str | Unset = UNSET
        if not isinstance(self.strategy, Unset):
            strategy = self.strategy.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "candidates": candidates,
                "rule": rule,
                "turn": turn,
            }
        )
        if code is not UNSET:
            field_dict["code"] = code
        if fallback is not UNSET:
            field_dict["fallback"] = fallback
        if loads is not UNSET:
            field_dict["loads"] = loads
        if passed_over is not UNSET:
            field_dict["passed_over"] = passed_over
        if strategy is not UNSET:
            field_dict["strategy"] = strategy

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.passed_over import PassedOver

        d = dict(src_dict)
        candidates = cast(list[str], d.pop("candidates"))

        rule = AssignmentReasonRule(d.pop("rule"))

        turn = d.pop("turn")

        def _parse_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        code = _parse_code(d.pop("code", UNSET))

        fallback = d.pop("fallback", UNSET)

        def _parse_loads(data: object) -> list[int] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                loads_type_0 = cast(list[int], data)

                return loads_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[int] | None | Unset, data)

        loads = _parse_loads(d.pop("loads", UNSET))

        _passed_over = d.pop("passed_over", UNSET)
        passed_over: list[PassedOver] | Unset = UNSET
        if _passed_over is not UNSET:
            passed_over = []
            for passed_over_item_data in _passed_over:
                passed_over_item = PassedOver.from_dict(passed_over_item_data)

                passed_over.append(passed_over_item)

        _strategy = d.pop("strategy", UNSET)
        strategy: AssignmentReasonStrategy | Unset
        if isinstance(_strategy, Unset):
            strategy = UNSET
        else:
            strategy = AssignmentReasonStrategy(_strategy)

        assignment_reason = cls(
            candidates=candidates,
            rule=rule,
            turn=turn,
            code=code,
            fallback=fallback,
            loads=loads,
            passed_over=passed_over,
            strategy=strategy,
        )

        assignment_reason.additional_properties = d
        return assignment_reason

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
