"""Plain pages: what the links in alerts open (services/notify/messages/context.py makes them).

Nobody needs a key for them. They show what their address says, and a consultation to whoever has
its ticket and PIN; the PIN travels in the body, where no log and no history keeps it.
"""

import re
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.intake.api.read import find_tracked
from services.intake.api.track import TrackView
from services.intake.pages.page import page, texts
from services.intake.tracking import Tracking
from shared.errors import StoreUnavailable
from shared.text.templating import Words
from shared.web.problems import Problem, language

#: Of what was typed, so much is looked at; a ticket has 12 characters, a PIN 6.
MAX_TYPED_CHARACTERS = 20
PIN = re.compile(r"[0-9]{6}")


def add_pages(router: APIRouter, tracking: Tracking) -> None:
    @router.get("/lacak")
    async def track_page(request: Request, tiket: str = "") -> Response:
        """Where the requester types ticket and PIN."""
        ticket = _line(tiket)
        return page("track", language(request), found=None, wrong=None, ticket=ticket)

    @router.post("/lacak")
    async def track_by_form(request: Request) -> Response:
        """Where the consultation is and what was said, or why that is not shown."""
        said = language(request)
        ticket, pin = await _typed(request)
        try:
            if not PIN.fullmatch(pin):
                raise Problem("not_found")
            consultation = await find_tracked(tracking, ticket, pin, request)
        except StoreUnavailable:
            refused = Problem("unavailable")
        except Problem as problem:
            refused = problem
        else:
            found = TrackView.of(consultation, said)
            return page("track", said, found=found)
        return page(
            "track",
            said,
            status=refused.status,
            headers=refused.headers,
            found=None,
            wrong=_why(refused, texts(said)),
            ticket=ticket,
        )

    @router.get("/konsultasi")
    async def officer_page(request: Request) -> Response:
        """How officers come to their consultations."""
        return page("officer", language(request), id=None)

    @router.get("/konsultasi/{id}")
    async def officer_page_of(request: Request, id: str) -> Response:
        """The same for one; whether there is one of that id is not said."""
        return page("officer", language(request), id=_id(id))

    @router.get("/webhook")
    async def webhook_page(request: Request) -> Response:
        """What to do about a webhook that was paused."""
        return page("webhook", language(request))


async def _typed(request: Request) -> tuple[str, str]:
    """Ticket and PIN out of the form; empty where it has none."""
    try:
        form = parse_qs((await request.body()).decode(errors="replace"), max_num_fields=10)
    except ValueError:  # more fields than the form has
        form = {}
    ticket, pin = (_line(form.get(name, [""])[0]) for name in ("tiket", "pin"))
    return ticket, pin


def _line(typed: str) -> str:
    return "".join(one for one in typed if one.isprintable()).strip()[:MAX_TYPED_CHARACTERS]


def _why(problem: Problem, t: Words) -> str:
    return t["wrong" if problem.kind == "not_found" else "unavailable"]


def _id(given: str) -> str | None:
    try:
        return str(UUID(given))
    except ValueError:
        return None
