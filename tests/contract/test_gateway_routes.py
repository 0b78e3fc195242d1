"""Which of the services' paths the gateway passes on: those for people and front-ends."""

import re

import pytest

from klik.local.processes import ROOT

#: The gateway's locations that are chosen by a pattern, in their order, with what they begin with.
LOCATIONS = re.findall(
    r"location (?:~|=) (\S+) \{\s+(\w+)", (ROOT / "deploy" / "nginx.conf").read_text()
)


def is_passed_on(path: str) -> bool:
    does = next((does for pattern, does in LOCATIONS if re.search(_named(pattern), path)), None)
    return does == "set"


def _named(pattern: str) -> str:
    """nginx's groups with names, as Python writes them."""
    return pattern.replace("(?<", "(?P<")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/consultations",
        "/v1/consultations:batch",
        "/v1/consultations/01a222d1-d52e-7615-af13-f6598b9e2454",
        "/v1/track/KD-ATX0-PDNK",
    ],
)
def test_path_is_passed_on_when_front_ends_ask_it(path: str) -> None:
    assert is_passed_on(path)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/contacts",
        "/v1/contacts/",
        "/v1/accepted",
        "/metrics",
        "/readyz",
    ],
)
def test_path_is_not_passed_on_when_only_services_ask_it(path: str) -> None:
    assert not is_passed_on(path)
