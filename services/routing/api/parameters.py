"""Parameters that several of routing's routes share."""

import re
from typing import Annotated

from fastapi import Header

from shared.errors import Conflict
from shared.text.wording import Text
from shared.web.problems import Problem

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=64,
        description="The ETag of the version that is to be replaced; 412 if it has changed",
    ),
]


def changed_meanwhile(error: Conflict) -> Problem:
    said = Text("Baca kembali lalu putuskan lagi.", f"{error}: read it again and decide anew")
    return Problem("changed_meanwhile", detail=said)


def number_in(if_match: str | None, current: int) -> int:
    """The version that an ETag of ours stands for; `current` where none was given.

    -1, which no version has, for anything that is not one of ours.
    """
    if if_match is None or if_match.strip() == "*":
        return current
    found = re.fullmatch(r'(?:W/)?"([0-9]{1,9})"', if_match.strip())
    return int(found[1]) if found else -1
