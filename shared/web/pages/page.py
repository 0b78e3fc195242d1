"""What every page is made by: templates, texts in both languages, headers.

A service has a folder with templates and texts; its templates extend the base page of this folder.
Texts are `{"name": {"id": …, "en": …}}`; a template says `{{ t.name }}`, and
`{{ t.name.format(count=3) }}` where a text has a place to fill.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast, get_args
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request

from shared.text.templating import Words, printable
from shared.text.wording import Language
from shared.times import local, local_day
from shared.web.pages.assets import Assets
from shared.web.problems import KINDS, Problem, language

_HERE = Path(__file__).parent

#: Nothing but files of this host: no inline script or style, no other host, no frame around it.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    # a ticket may be in the address, and a page holds what is between two people
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language, Cookie",
    "X-Content-Type-Options": "nosniff",
}

#: The parameter of an address, and the cookie, that say in which language.
SAID = "bahasa"
_YEAR_SECONDS = 365 * 24 * 3600
#: Of what is due within so many days the day of the week says when.
_NAMED_DAYS = 6
_HOURS_OF_A_DAY = 24

_MONTHS: Mapping[Language, str] = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "en": "January February March April May June July August September October November December",
}
_DAYS: Mapping[Language, str] = {
    "id": "Senin Selasa Rabu Kamis Jumat Sabtu Minggu",
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
}


class Pages:
    """The pages of one service."""

    def __init__(self, folder: Path, assets: Assets) -> None:
        self._folder = folder
        self._assets = assets
        self._environment = Environment(
            loader=FileSystemLoader((folder / "templates", _HERE / "templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=printable,
        )

    def page(
        self,
        name: str,
        request: Request,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """`name`: of the template; `values`: what it shows, beside `t`, `said`, `asset`, `when` and
        `on_day`. Remembers the language that the address asks for."""
        said = language_of(request)
        text = self._environment.get_template(f"{name}.html").render(
            said=said,
            other="id" if said == "en" else "en",
            switch=_switched(request, said),
            t=self.texts(said),
            asset=self._assets.url,
            when=lambda at: when(at, said),
            on_day=lambda at: on_day(at, said),
            path=request.url.path,
            **values,
        )
        answer = HTMLResponse(text, status_code=status, headers={**HEADERS, **(headers or {})})
        if request.query_params.get(SAID) == said:
            answer.set_cookie(SAID, said, max_age=_YEAR_SECONDS, samesite="lax", httponly=True)
        return answer

    def text(self, name: str, **values: Any) -> str:
        """A file that is made as pages are, such as a script with addresses in it."""
        return self._environment.get_template(name).render(asset=self._assets.url, **values)

    def error(self, request: Request, problem: Problem) -> HTMLResponse:
        """A page for a problem that no page of its own explains."""
        said = language_of(request)
        title = KINDS[problem.kind][1 if said == "id" else 2]
        return self.page(
            "error",
            request,
            status=problem.status,
            headers=problem.headers,
            heading=title,
            detail=problem.detail.said_in(said) if problem.detail else "",
        )

    def texts(self, said: Language) -> Words:
        """What the service's pages say, by name; what all pages say is among it."""
        return _texts(self._folder, said)


ErrorPage = Callable[[Request, Problem], HTMLResponse]


@cache
def _texts(folder: Path, said: Language) -> Words:
    known: dict[str, Mapping[Language, str]] = {}
    for one in (_HERE, folder):
        known |= json.loads((one / "texts.json").read_text(encoding="utf-8"))
    return Words({name: of[said] for name, of in known.items()})


def language_of(request: Request) -> Language:
    """As the address says, else as was chosen before, else as the browser prefers."""
    for given in (request.query_params.get(SAID), request.cookies.get(SAID)):
        if given in get_args(Language):
            return cast(Language, given)
    return language(request)


def _switched(request: Request, said: Language) -> str:
    """This page in the other language."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != SAID]
    return f"?{urlencode([*kept, (SAID, 'id' if said == 'en' else 'en')])}"


def when(at: datetime, said: Language) -> str:
    """`24 November 2026, 12.00 WITA`"""
    here = local(at)
    clock = f"{here:%H.%M}" if said == "id" else f"{here:%H:%M}"
    return f"{day(here, said)}, {clock} WITA"


def day(on: date, said: Language) -> str:
    """`24 November 2026`"""
    return f"{on.day} {_MONTHS[said].split()[on.month - 1]} {on.year}"


def on_day(at: datetime, said: Language) -> str:
    """`Selasa, 24 November 2026, 12.00 WITA`"""
    return f"{_DAYS[said].split()[local(at).weekday()]}, {when(at, said)}"


def until(at: datetime, now: datetime, said: Language) -> str:
    """How a person says when something is due: `besok 10.00`, `Rabu 16.00`, `4 Desember 16.00`;
    once it is over `lewat 3 jam`, `lewat 2 hari`."""
    if at <= now:
        hours = int((now - at).total_seconds() // 3600)
        return _late(hours, said)
    here, days = local(at), (local_day(at) - local_day(now)).days
    clock = f"{here:%H.%M}" if said == "id" else f"{here:%H:%M}"
    if days < _NAMED_DAYS:
        near = {"id": ("hari ini", "besok"), "en": ("today", "tomorrow")}[said]
        day = near[days] if days < len(near) else _DAYS[said].split()[here.weekday()]
        return f"{day} {clock}"
    return f"{here.day} {_MONTHS[said].split()[here.month - 1]} {clock}"


def _late(hours: int, said: Language) -> str:
    if hours == 0:
        return "lewat, kurang dari 1 jam" if said == "id" else "overdue by less than an hour"
    number, unit = (hours, "hour") if hours < _HOURS_OF_A_DAY else (hours // _HOURS_OF_A_DAY, "day")
    if said == "id":
        return f"lewat {number} {'jam' if unit == 'hour' else 'hari'}"
    return f"overdue by {number} {unit}{'' if number == 1 else 's'}"
