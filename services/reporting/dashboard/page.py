"""The page at `/` and the files that it loads. It holds no figure: the script asks for those."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.reporting.dashboard.overview import Language, name_of
from services.reporting.domain.query import domain
from shared.text.templating import Words, printable
from shared.web.app import IfNoneMatch
from shared.web.pages.assets import FOR_EVER, SHARED, TYPES
from shared.web.pages.forms import SESSION
from shared.web.pages.routes import page_router
from shared.web.problems import Problem

_HERE = Path(__file__).parent
UPLOT = "uplot-1.6.32.min"

#: Nothing but our own files: no inline script or style, no other host, no frame around it.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_TYPES = {**TYPES, ".txt": "text/plain"}


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    media_type: str
    etag: str
    keep: str


@dataclass(frozen=True, slots=True)
class Tile:
    """Where a kecamatan is on the schematic map."""

    code: str
    column: int
    row: int
    name: str
    """With soft hyphens where it may be broken."""


def routes(*, open_data: bool, by_account: bool = False) -> APIRouter:
    """`open_data`: whether there is an open edition for who has no key; `by_account`: whether
    people sign in with an account of the issuer, at intake's page."""
    router = page_router()
    files = _files()

    @router.get("/", response_class=HTMLResponse)
    async def dashboard(
        request: Request,
        lang: Annotated[str | None, Query()] = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """In Indonesian, whatever the browser prefers, unless `lang=en` is asked for."""
        # what is in the cookie is intake's to say; the page asks it, where there is one
        is_signed_in = SESSION in request.cookies
        made = _page("en" if lang == "en" else "id", open_data, by_account, is_signed_in)
        return _file(made, if_none_match, {**_HEADERS, "Vary": "Cookie"})

    @router.get("/dashboard/{name:path}")
    async def dashboard_file(name: str, if_none_match: IfNoneMatch = None) -> Response:
        if name not in files:
            raise Problem("not_found")
        return _file(files[name], if_none_match, _HEADERS)

    return router


def _file(file: File, if_none_match: str | None, headers: Mapping[str, str]) -> Response:
    headers = {**headers, "Cache-Control": file.keep, "ETag": file.etag}
    known = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    if file.etag in known:
        return Response(status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


def _made(content: bytes, media_type: str, keep: str = "no-cache") -> File:
    return File(content, media_type, f'"{sha256(content).hexdigest()[:32]}"', keep)


def _files() -> dict[str, File]:
    folder, tokens = _HERE / "static", SHARED / "tokens.css"
    return {
        "tokens.css": _made(tokens.read_bytes(), TYPES[".css"]),
        **{
            path.relative_to(folder).as_posix(): _made(
                path.read_bytes(),
                _TYPES[path.suffix],
                FOR_EVER if path.stem.startswith(UPLOT) else "no-cache",
            )
            for path in folder.rglob("*")
            if path.suffix in _TYPES
        },
    }


@cache
def _page(said: Language, open_data: bool, by_account: bool, is_signed_in: bool) -> File:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("dashboard.html").render(
        said=said,
        other="id" if said == "en" else "en",
        t=Words(texts(said)),
        for_script=json.dumps(
            {"texts": texts(said), "openData": open_data, "signedIn": is_signed_in},
            ensure_ascii=False,
        ),
        by_account=by_account,
        kecamatan=_names("kecamatan", said),
        kinds=_names("kind", said),
        groups=[(code, texts(said)[f"group_{code}"]) for code in domain("topic_group")],
        tiles=tiles(),
        uplot=UPLOT,
    )
    return _made(text.encode(), "text/html")


@cache
def texts(said: Language) -> dict[str, str]:
    """What the page says, by name; `{…}` is filled in by the script."""
    known = json.loads((_HERE / "texts.json").read_text(encoding="utf-8"))
    return {name: of[said] for name, of in known.items()}


@cache
def tiles() -> tuple[Tile, ...]:
    with (_HERE / "tiles.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Tile(row["code"], int(row["column"]), int(row["row"]), row["name"])
            for row in csv.DictReader(file)
        )


def _names(key: str, said: Language) -> list[tuple[Any, str]]:
    named = [(code, name_of(key, code, said) or str(code)) for code in domain(key)]
    return sorted(named, key=lambda one: one[1]) if key == "kecamatan" else named
