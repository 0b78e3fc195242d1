"""In which language somebody is answered: by the weights of `Accept-Language`."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from shared.web.problems import Problem, language


def asked(*headers: str) -> str:
    """The language for a request with these lines of `Accept-Language`."""
    lines = [(b"accept-language", one.encode("latin-1")) for one in headers]
    return language(Request({"type": "http", "headers": lines}))


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("", "id"),
        ("en", "en"),
        ("EN-us", "en"),
        ("id", "id"),
        ("in-ID", "id"),
        ("en;q=0.1,id;q=0.9", "id"),
        ("id;q=0.1,en;q=0.9", "en"),
        ("en-US,en;q=0.9,id;q=0.8", "en"),
        ("id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7", "id"),
        ("fr, de;q=0.9, en;q=0.5", "en"),
        ("fr", "id"),
        ("en, id", "en"),
        ("id, en", "id"),
        ("*", "id"),
        ("*, en;q=0.2", "id"),
        ("*;q=0.2, en;q=0.5", "en"),
        ("en;q=0", "id"),
        ("en;q=0.000, *", "id"),
        ("id;q=0, *;q=0.1", "en"),
        ("id;q=0", "en"),
        ("id;q=0, en;q=0", "id"),
        ("*;q=0", "id"),
        (" en ; Q=0.4 ,\tid;q=0.3", "en"),
        # what cannot be read counts as not written
        ("en;q=2, id;q=0.1", "id"),
        ("en;q=-1, id;q=0.1", "id"),
        ("en;q=satu", "id"),
        ("en;level=1", "id"),
        ("english", "id"),
        ("en_US", "id"),
        (";;;,,q=1", "id"),
        ("\xe9\xff,en;q=0.3", "en"),
    ],
)
def test_language_is_the_one_with_most_weight(header: str, said: str) -> None:
    assert asked(header) == said


def test_language_is_weighed_over_all_lines_when_the_header_is_repeated() -> None:
    assert asked("en;q=0.1", "id;q=0.9") == "id"
    assert asked("id;q=0.1", "en;q=0.9") == "en"


WEIGHTS = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)
OTHERS = st.lists(st.sampled_from(["fr", "jv", "zh-Hant", "de-AT;q=0.3", "x;;", "q=1", ""]))


@given(WEIGHTS, WEIGHTS, OTHERS, st.booleans())
def test_language_goes_by_weight_whatever_else_and_in_which_order(
    indonesian: float, english: float, others: list[str], english_first: bool
) -> None:
    ours = [f"id-ID;q={indonesian:.3f}", f"en-GB;q={english:.3f}"]
    header = ", ".join([*others, *(reversed(ours) if english_first else ours)])

    if english == indonesian:
        expected = "en" if english_first and english > 0 else "id"
    else:
        expected = "en" if english > indonesian else "id"
    assert asked(header) == expected


@given(st.text(st.characters(max_codepoint=255), max_size=200))
def test_language_is_one_of_ours_whatever_is_sent(header: str) -> None:
    assert asked(header) in ("id", "en")


@pytest.mark.parametrize("kind", ["unauthorized", "unavailable"])
def test_problem_is_told_in_the_language_that_weighs_more(kind: str) -> None:
    """What is told of and what is asked for go by the same."""
    titles = {one: Problem(kind).body(one)["title"] for one in ("id", "en")}
    assert titles["id"] != titles["en"]
    request = Request({"type": "http", "headers": [(b"accept-language", b"en;q=0.1,id;q=0.9")]})
    body: Mapping[str, Any] = json.loads(json.dumps(Problem(kind).body(language(request))))
    assert body["title"] == titles["id"]
