"""The table of the gateway: which paths reach which service from outside. All others are 404.

`deploy/routes.conf` is made of it by `make docs`, for nginx; the proxy of `make run` reads it as it
stands. A pattern is a regular expression that PCRE and Python read alike, of the decoded path.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.messaging.topology import SERVICES

#: Beside deploy/nginx.conf, which includes it.
CONF = Path("routes.conf")


@dataclass(frozen=True, slots=True)
class Route:
    """The paths of one service that have one form."""

    pattern: str
    service: str
    to: str | None = None
    """The service's own path for it, with the groups of the pattern; else the path as it came."""
    streams: bool = False
    """Whether the answer goes on for as long as its reader stays."""


@dataclass(frozen=True, slots=True)
class Redirect:
    pattern: str
    to: str


#: In this order: the first that fits. Not `/v1/contacts`: how requesters are reached is for notify,
#: which asks intake itself; nor `/v1/accepted`, the probes and the metrics.
TABLE: tuple[Route | Redirect, ...] = (
    Route(r"^/v1/(consultations|track|reference|saved-replies)([/:]|$)", "intake"),
    Route(r"^/v1/(satgas|cases|policy|calendar)(/|$)", "routing"),
    Route(r"^/v1/(alerts|recipients|webhooks|opt-outs|callbacks)(/|$)", "notify"),
    Route(r"^/v1/reports/stream$", "reporting", streams=True),
    Route(r"^/v1/(reports|reconciliation|open)(/|$)", "reporting"),
    # pages for people, with their files: of who asks, of officers, and what links in alerts open
    Route(r"^/(kirim|lacak|satgas|masuk|keluar|aset|webhook|konsultasi)(/|$)", "intake"),
    # the page of the rosters, which are routing's
    Route(r"^/petugas(/|$)", "routing"),
    # where whoever gets our e-mails stops them
    Route(r"^/berhenti(/|$)", "notify"),
    # the page of each API, with its document beside it
    Redirect(r"^/docs/?$", f"/docs/{SERVICES[0]}/"),
    *(Redirect(rf"^/docs/{name}$", f"/docs/{name}/") for name in SERVICES),
    *(Route(rf"^/docs/{name}/([a-z.-]*)$", name, to=r"/docs/\1") for name in SERVICES),
    Route(r"^/(dashboard/.*)?$", "reporting"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What becomes of one path."""

    line: Route | Redirect
    to: str | None
    """The path that it is passed on as, or redirected to; None: as it came."""


def find(path: str, table: Sequence[Route | Redirect] = TABLE) -> Found | None:
    """`path`: decoded. None where nobody outside is to ask it.

    One with `.`, `..` or nothing between two slashes names another path than it seems to: it is
    nobody's here; nginx looks for the one that it names.
    """
    if {".", ".."} & {*path.split("/")} or "//" in path:
        return None
    for line in table:
        if match := re.search(line.pattern, path):
            return Found(line, match.expand(line.to) if line.to is not None else None)
    return None


def conf(address: Callable[[str], str], table: Sequence[Route | Redirect] = TABLE) -> str:
    """The table as nginx's locations; `address`: of a service, as `proxy_pass` takes it."""
    return "\n".join((_HEAD, *(_location(line, address) for line in table)))


_HEAD = """\
# Made of the table in klik/gateway/routes.py by `make docs`. Not to be edited.
"""

_STREAMS = """\
    # server-sent events: each at once, for as long as the reader stays
    proxy_buffering off;
    # heartbeats come every 15 s; it ends after 15 min, and the reader comes back
    proxy_read_timeout 60s;
    # who does not read is let go, here and at the service
    send_timeout 20s;
"""


def _location(line: Route | Redirect, address: Callable[[str], str]) -> str:
    if isinstance(line, Redirect):
        does = f"    return 302 {line.to};\n"
    else:
        to = (line.to or "").replace("\\", "$")
        does = (
            f"    set $upstream {line.service};\n    proxy_pass {address(line.service)}{to};\n"
            f"{_STREAMS if line.streams else ''}"
        )
    return f"location ~ {line.pattern} {{\n{does}}}\n"


def in_docker(service: str) -> str:
    """By name, in a variable, so that nginx asks for its replicas again and again."""
    return "http://$upstream:8000"


def write(folder: Path) -> list[Path]:
    """Bring the file in `folder` up to date; what was changed."""
    path, text = folder / CONF, conf(in_docker)
    if path.exists() and path.read_text() == text:
        return []
    path.write_text(text)
    return [path]
