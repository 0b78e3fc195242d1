from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.case_view_attention import CaseViewAttention
from ..models.case_view_held_reason_type_0 import CaseViewHeldReasonType0
from ..models.case_view_level_type_0 import CaseViewLevelType0
from ..models.case_view_state import CaseViewState
from ..models.case_view_turn import CaseViewTurn

if TYPE_CHECKING:
    from ..models.assignment_reason import AssignmentReason
    from ..models.clock_view import ClockView
    from ..models.decision_view import DecisionView


T = TypeVar("T", bound="CaseView")


@_attrs_define
class CaseView:
    """A case with the reason for what was decided about it.

    Attributes:
        acknowledge_due (datetime.datetime | None): Until when the officer confirms. Deadlines are null while the case
            is held.
        answer_due (datetime.datetime | None): Until when the first answer is due; null while there is no deadline
        attention (CaseViewAttention): Who sees to it that it is answered: goes up when a deadline is missed, or on
            request.
        calendar_version (None | str): The version of the calendar that deadlines were reckoned by
        clocks (list[ClockView]): The deadlines of each step, and how they stand
        decisions (list[DecisionView]): Every assignment, with its reason, oldest first
        desa (str): The desa or kelurahan, as a code or with its name
        held_reason (CaseViewHeldReasonType0 | None): Why nobody has it; null where somebody does
        held_reason_name (None | str): Why nobody has it, in the caller's language
        id (str): Its id
        kecamatan (str): The kecamatan, as a code or with its name
        kind (str): The kind of consultation: see `/v1/reference/kinds`
        kind_name (str): The kind's name, in the caller's language
        level (CaseViewLevelType0 | None): Who has it: the satgas's `officer`, or the desk of `dpmd`
        next_timer (datetime.datetime | None): When the next reminder, escalation or closing is due.
        officer (None | str): The officer's code
        opened_at (datetime.datetime): When routing heard of the consultation
        policy_version (None | str): The version of the policy that deadlines were reckoned by
        reason (AssignmentReason | None): Of the latest decision; `decisions` has all of them.
        reopened (int): How often it was opened again
        resolve_due (datetime.datetime | None): Until when it is to be settled; null while there is no deadline
        satgas (None | str): The task force that has it: a kecamatan's code, or `dpmd`
        satgas_name (None | str): The satgas's name; null while nobody has it
        state (CaseViewState): How it stands
        state_name (str): The state's name, in the caller's language
        topic (str): The topic: see `/v1/reference/topics`
        topic_name (str): The topic's name
        turn (CaseViewTurn): Whose move it is; nobody's before there is an officer and when it is over.
        version (int): Rises or changes with every change
    """

    acknowledge_due: datetime.datetime | None
    answer_due: datetime.datetime | None
    attention: CaseViewAttention
    calendar_version: None | str
    clocks: list[ClockView]
    decisions: list[DecisionView]
    desa: str
    held_reason: CaseViewHeldReasonType0 | None
    held_reason_name: None | str
    id: str
    kecamatan: str
    kind: str
    kind_name: str
    level: CaseViewLevelType0 | None
    next_timer: datetime.datetime | None
    officer: None | str
    opened_at: datetime.datetime
    policy_version: None | str
    reason: AssignmentReason | None
    reopened: int
    resolve_due: datetime.datetime | None
    satgas: None | str
    satgas_name: None | str
    state: CaseViewState
    state_name: str
    topic: str
    topic_name: str
    turn: CaseViewTurn
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.assignment_reason import AssignmentReason

        acknowledge_due: None | str
        if isinstance(self.acknowledge_due, datetime.datetime):
            acknowledge_due = self.acknowledge_due.isoformat()
        else:
            acknowledge_due = self.acknowledge_due

        answer_due: None | str
        if isinstance(self.answer_due, datetime.datetime):
            answer_due = self.answer_due.isoformat()
        else:
            answer_due = self.answer_due

        attention = self.attention.value

        calendar_version: None | str
        calendar_version = self.calendar_version

        clocks = []
        for clocks_item_data in self.clocks:
            clocks_item = clocks_item_data.to_dict()
            clocks.append(clocks_item)

        decisions = []
        for decisions_item_data in self.decisions:
            decisions_item = decisions_item_data.to_dict()
            decisions.append(decisions_item)

        desa = self.desa

        held_reason: None | str
        if isinstance(self.held_reason, CaseViewHeldReasonType0):
            held_reason = self.held_reason.value
        else:
            held_reason = self.held_reason

        held_reason_name: None | str
        held_reason_name = self.held_reason_name

        id = self.id

        kecamatan = self.kecamatan

        kind = self.kind

        kind_name = self.kind_name

        level: None | str
        if isinstance(self.level, CaseViewLevelType0):
            level = self.level.value
        else:
            level = self.level

        next_timer: None | str
        if isinstance(self.next_timer, datetime.datetime):
            next_timer = self.next_timer.isoformat()
        else:
            next_timer = self.next_timer

        officer: None | str
        officer = self.officer

        opened_at = self.opened_at.isoformat()

        policy_version: None | str
        policy_version = self.policy_version

        reason: dict[str, Any] | None
        if isinstance(self.reason, AssignmentReason):
            reason = self.reason.to_dict()
        else:
            reason = self.reason

        reopened = self.reopened

        resolve_due: None | str
        if isinstance(self.resolve_due, datetime.datetime):
            resolve_due = self.resolve_due.isoformat()
        else:
            resolve_due = self.resolve_due

        satgas: None | str
        satgas = self.satgas

        satgas_name: None | str
        satgas_name = self.satgas_name

        state = self.state.value

        state_name = self.state_name

        topic = self.topic

        topic_name = self.topic_name

        turn = self.turn.value

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "acknowledge_due": acknowledge_due,
                "answer_due": answer_due,
                "attention": attention,
                "calendar_version": calendar_version,
                "clocks": clocks,
                "decisions": decisions,
                "desa": desa,
                "held_reason": held_reason,
                "held_reason_name": held_reason_name,
                "id": id,
                "kecamatan": kecamatan,
                "kind": kind,
                "kind_name": kind_name,
                "level": level,
                "next_timer": next_timer,
                "officer": officer,
                "opened_at": opened_at,
                "policy_version": policy_version,
                "reason": reason,
                "reopened": reopened,
                "resolve_due": resolve_due,
                "satgas": satgas,
                "satgas_name": satgas_name,
                "state": state,
                "state_name": state_name,
                "topic": topic,
                "topic_name": topic_name,
                "turn": turn,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.assignment_reason import AssignmentReason
        from ..models.clock_view import ClockView
        from ..models.decision_view import DecisionView

        d = dict(src_dict)

        def _parse_acknowledge_due(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                acknowledge_due_type_0 = datetime.datetime.fromisoformat(data)

                return acknowledge_due_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        acknowledge_due = _parse_acknowledge_due(d.pop("acknowledge_due"))

        def _parse_answer_due(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                answer_due_type_0 = datetime.datetime.fromisoformat(data)

                return answer_due_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        answer_due = _parse_answer_due(d.pop("answer_due"))

        attention = CaseViewAttention(d.pop("attention"))

        def _parse_calendar_version(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        calendar_version = _parse_calendar_version(d.pop("calendar_version"))

        clocks = []
        _clocks = d.pop("clocks")
        for clocks_item_data in _clocks:
            clocks_item = ClockView.from_dict(clocks_item_data)

            clocks.append(clocks_item)

        decisions = []
        _decisions = d.pop("decisions")
        for decisions_item_data in _decisions:
            decisions_item = DecisionView.from_dict(decisions_item_data)

            decisions.append(decisions_item)

        desa = d.pop("desa")

        def _parse_held_reason(data: object) -> CaseViewHeldReasonType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                held_reason_type_0 = CaseViewHeldReasonType0(data)

                return held_reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CaseViewHeldReasonType0 | None, data)

        held_reason = _parse_held_reason(d.pop("held_reason"))

        def _parse_held_reason_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        held_reason_name = _parse_held_reason_name(d.pop("held_reason_name"))

        id = d.pop("id")

        kecamatan = d.pop("kecamatan")

        kind = d.pop("kind")

        kind_name = d.pop("kind_name")

        def _parse_level(data: object) -> CaseViewLevelType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                level_type_0 = CaseViewLevelType0(data)

                return level_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CaseViewLevelType0 | None, data)

        level = _parse_level(d.pop("level"))

        def _parse_next_timer(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                next_timer_type_0 = datetime.datetime.fromisoformat(data)

                return next_timer_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        next_timer = _parse_next_timer(d.pop("next_timer"))

        def _parse_officer(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        officer = _parse_officer(d.pop("officer"))

        opened_at = datetime.datetime.fromisoformat(d.pop("opened_at"))

        def _parse_policy_version(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        policy_version = _parse_policy_version(d.pop("policy_version"))

        def _parse_reason(data: object) -> AssignmentReason | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                reason_type_0 = AssignmentReason.from_dict(data)

                return reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AssignmentReason | None, data)

        reason = _parse_reason(d.pop("reason"))

        reopened = d.pop("reopened")

        def _parse_resolve_due(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                resolve_due_type_0 = datetime.datetime.fromisoformat(data)

                return resolve_due_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        resolve_due = _parse_resolve_due(d.pop("resolve_due"))

        def _parse_satgas(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        satgas = _parse_satgas(d.pop("satgas"))

        def _parse_satgas_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        satgas_name = _parse_satgas_name(d.pop("satgas_name"))

        state = CaseViewState(d.pop("state"))

        state_name = d.pop("state_name")

        topic = d.pop("topic")

        topic_name = d.pop("topic_name")

        turn = CaseViewTurn(d.pop("turn"))

        version = d.pop("version")

        case_view = cls(
            acknowledge_due=acknowledge_due,
            answer_due=answer_due,
            attention=attention,
            calendar_version=calendar_version,
            clocks=clocks,
            decisions=decisions,
            desa=desa,
            held_reason=held_reason,
            held_reason_name=held_reason_name,
            id=id,
            kecamatan=kecamatan,
            kind=kind,
            kind_name=kind_name,
            level=level,
            next_timer=next_timer,
            officer=officer,
            opened_at=opened_at,
            policy_version=policy_version,
            reason=reason,
            reopened=reopened,
            resolve_due=resolve_due,
            satgas=satgas,
            satgas_name=satgas_name,
            state=state,
            state_name=state_name,
            topic=topic,
            topic_name=topic_name,
            turn=turn,
            version=version,
        )

        case_view.additional_properties = d
        return case_view

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
