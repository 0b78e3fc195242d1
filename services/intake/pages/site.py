"""intake's pages and their files, made ready once; and the one for what could not be taken."""

from collections.abc import Mapping
from pathlib import Path

from fastapi import Request, Response

from shared.web.pages.assets import Assets
from shared.web.pages.page import Pages, language_of

_HERE = Path(__file__).parent

ASSETS = Assets("/aset", _HERE / "static")
PAGES = Pages(_HERE, ASSETS)


def unsent(request: Request, typed: Mapping[str, str], why: str, status: int) -> Response:
    """What was typed, to whom it cannot be taken from now: nothing of it is lost. `why`: the name
    of a text."""
    return PAGES.page(
        "unsent",
        request,
        status=status,
        why=PAGES.texts(language_of(request))[why],
        typed=words_of(request, typed),
    )


def words_of(request: Request, typed: Mapping[str, str]) -> str:
    """What was typed on a page of ours: only that is shown on one."""
    is_own = request.headers.get("sec-fetch-site") == "same-origin"
    return typed.get("pesan", "") if is_own else ""
