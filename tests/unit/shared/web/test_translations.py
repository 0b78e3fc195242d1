"""Pydantic's messages in Indonesian, and the names of codes: none is missing."""

import string
from typing import Any, get_args

import pytest
from pydantic_core import PydanticKnownError

from services.intake.domain.lifecycle import MOVES, STATUSES
from services.intake.domain.move_bodies import Escalation, NewMessage, Rejection, Transfer
from services.notify.domain.alert import State
from services.routing.domain.case import HeldReason
from shared import reference
from shared.events import EVENTS, Attention, ClockName
from shared.reference import LABEL_LISTS, label, labels
from shared.text import translations
from shared.text.translations import indonesian, is_translated

#: What errors know of the fault, for any of them.
CONTEXT: dict[str, Any] = {
    "gt": 1, "ge": 1, "lt": 1, "le": 1, "min_length": 2, "max_length": 3, "actual_length": 1,
    "field_type": "List", "pattern": "^[a-z]$", "expected": "'a', 'b' or 'c'", "error": "x",
    "class_name": "A",
}  # fmt: skip


@pytest.mark.parametrize("type_", sorted(translations._INDONESIAN))
def test_message_is_whole_when_its_fault_is_known(type_: str) -> None:
    needed = {
        name
        for _, name, _, _ in string.Formatter().parse(translations._INDONESIAN[type_])
        if name is not None
    }
    english = PydanticKnownError(type_, CONTEXT).message()  # type: ignore[arg-type]

    said = indonesian(type_, CONTEXT)

    assert needed <= CONTEXT.keys()
    assert "{" not in said
    assert said != english
    assert " or " not in said


def test_message_says_something_when_the_type_is_new_or_knows_too_little() -> None:
    assert not is_translated("invented_later")
    assert indonesian("invented_later", {}) == "Isian ini tidak sesuai."
    assert indonesian("greater_than", {}) == "Isian ini tidak sesuai."


def test_every_code_that_is_answered_has_a_name() -> None:
    names = {one: set(labels(one)) for one in LABEL_LISTS}
    told = {event.name for event in EVENTS if event.name.startswith(("consultation.", "case."))}
    reasons = {
        code
        for model in (Rejection, Transfer, Escalation)
        for code in get_args(model.model_fields["reason"].annotation)
    }

    assert names["statuses"] == set(STATUSES)
    assert names["moves"] == set(MOVES)
    assert names["messages"] == set(get_args(NewMessage.model_fields["kind"].annotation))
    assert names["happenings"] == told
    assert names["reasons"] == reasons | set(get_args(HeldReason))
    assert names["clocks"] == set(get_args(ClockName))
    assert names["levels"] == {*get_args(Attention), "satgas"}
    assert names["case_states"] == {"assigned", "held", "over"}
    assert names["alert_states"] == set(get_args(State))


@pytest.mark.parametrize("of", [*LABEL_LISTS, "topics", "kinds", "channels", "roles"])
def test_code_is_shown_as_it_is_when_it_has_no_name(of: Any) -> None:
    assert label(of, "dari-dokumen-lama", "id") == "dari-dokumen-lama"


def test_goals_have_names_in_both_languages() -> None:
    assert all(one.name_id != one.name_en for one in reference.sdgs().values())
