"""Templates print texts and numbers: no method, no None, no object of Python's."""

import ast
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined, UndefinedError

from shared.text.templating import Words, printable

ROOT = Path(__file__).parents[3]
ENVIRONMENT = Environment(undefined=StrictUndefined, finalize=printable, autoescape=True)

#: Names that a dict has of its own.
TAKEN = [name for name in dir(dict) if not name.startswith("_")]


@given(st.sampled_from(TAKEN), st.text(min_size=1))
def test_words_are_the_texts_when_a_dict_has_a_method_of_that_name(name: str, text: str) -> None:
    shown = ENVIRONMENT.from_string(f"{{{{ words.{name} }}}}").render(words=Words({name: text}))
    assert shown == ENVIRONMENT.from_string("{{ text }}").render(text=text)


@pytest.mark.parametrize("name", [*TAKEN, "_texts", "__class__", "__getitem__"])
def test_words_show_nothing_when_a_text_is_missing(name: str) -> None:
    with pytest.raises((UndefinedError, TypeError)):
        ENVIRONMENT.from_string(f"{{{{ words.{name} }}}}").render(words=Words({}))


@pytest.mark.parametrize("value", [None, True, {}, [], (), object(), str.lower, {}.clear, b"x"])
def test_a_template_is_refused_when_it_prints_what_is_no_text(value: Any) -> None:
    with pytest.raises(TypeError, match="a template prints a "):
        ENVIRONMENT.from_string("{{ value }}").render(value=value)


@pytest.mark.parametrize(("value", "shown"), [("a<b", "a&lt;b"), (7, "7"), (0.5, "0.5")])
def test_a_template_prints_when_it_is_given_texts_and_numbers(value: Any, shown: str) -> None:
    assert ENVIRONMENT.from_string("{{ value }}").render(value=value) == shown


def test_every_environment_prints_texts_only_when_it_is_made() -> None:
    found = [
        (path, {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords})
        for folder in ("services", "shared", "klik")
        for path in (ROOT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("Environment")
    ]
    assert found
    for path, given_ in found:
        assert given_.get("finalize") == "printable", path
        assert given_.get("undefined") == "StrictUndefined", path
