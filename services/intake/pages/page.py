"""The pages' HTML, in both languages."""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from shared.text.templating import Words, printable
from shared.text.wording import Language
from shared.times import local

_HERE = Path(__file__).parent
_STYLE = (_HERE / "templates" / "style.css").read_text(encoding="utf-8")
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{_STYLE_HASH}'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    # a ticket is in the address, and an answer holds what is between two people
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language",
    "X-Content-Type-Options": "nosniff",
}
_MONTHS: Mapping[Language, str] = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "en": "January February March April May June July August September October November December",
}


def page(
    name: str,
    said: Language,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """`name`: of the template. `values`: what it shows."""
    text = (
        _environment()
        .get_template(f"{name}.html")
        .render(
            said=said,
            t=texts(said),
            # ours, and its hash is in the policy
            style=Markup(_STYLE),  # noqa: S704
            when=lambda at: _when(at, said),
            **values,
        )
    )
    return HTMLResponse(text, status_code=status, headers={**_HEADERS, **(headers or {})})


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=printable,
    )


@cache
def texts(said: Language) -> Words:
    """What the pages say, by name; `{…}` is filled in."""
    known = json.loads((_HERE / "texts.json").read_text(encoding="utf-8"))
    return Words({name: of[said] for name, of in known.items()})


def _when(at: datetime, said: Language) -> str:
    here = local(at)
    month = _MONTHS[said].split()[here.month - 1]
    clock = f"{here:%H.%M}" if said == "id" else f"{here:%H:%M}"
    return f"{here.day} {month} {here.year}, {clock} WITA"
