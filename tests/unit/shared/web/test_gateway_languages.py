"""The gateway's own answers: in the language that the services would answer in."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from shared.web.problems import language

CONF = (Path(__file__).parents[4] / "deploy" / "nginx.conf").read_text()


def mapped(variable: str, source: str) -> str:
    """What nginx's `map` makes of `source`: the first regular expression that fits."""
    block = re.search(rf"map [^\n]* \${variable} \{{\n(.*?)\n    \}}", CONF, re.DOTALL)
    assert block is not None, variable
    for line in block[1].splitlines():
        key, _, value = line.strip().removesuffix(";").rpartition(" ")
        if key == "default":
            return value.strip('"')
        flags = re.IGNORECASE if key.startswith('"~*') else 0
        if found := re.search(key.strip('"').lstrip("~*"), source, flags):
            return found[1] if value == "$1" else value.strip('"')
    raise AssertionError("no default")


def gateway_says(header: str) -> str:
    if "$english_weight" not in CONF:
        return mapped("english", header) or "id"
    weights = [mapped(f"{name}_weight", header) for name in ("english", "indonesian")]
    return mapped("english", " ".join([*weights, header])) or "id"


def services_say(header: str) -> str:
    lines = [(b"accept-language", header.encode())]
    return language(Request({"type": "http", "headers": lines}))


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("", "id"),
        ("en", "en"),
        ("en;q=0.1,id;q=0.9", "id"),
        ("id;q=0.1,en;q=0.9", "en"),
        ("en-US,en;q=0.9,id;q=0.8", "en"),
        ("id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7", "id"),
        ("fr, en;q=0.5", "en"),
        ("id, en", "id"),
        ("en, id", "en"),
        ("*, en;q=0.2", "id"),
        ("en;q=0", "id"),
    ],
)
def test_gateway_answers_in_the_language_with_most_weight(header: str, said: str) -> None:
    assert (gateway_says(header), services_say(header)) == (said, said)


WEIGHTS = st.integers(0, 1000).map(lambda number: f"{number / 1000:.3f}") | st.sampled_from(
    ["0", "1", "0.5", "0.85", "0.80", "1.0", "0.9"]
)


@given(WEIGHTS, WEIGHTS, st.booleans())
def test_gateway_answers_like_the_services_whatever_the_weights(
    indonesian: str, english: str, english_first: bool
) -> None:
    ours = [f"id;q={indonesian}", f"en-GB;q={english}"]
    header = ", ".join(reversed(ours) if english_first else ours)
    if float(indonesian) == float(english) and indonesian != english:
        return  # 0.8 and 0.80: which was named first is then no matter
    assert gateway_says(header) == services_say(header)
