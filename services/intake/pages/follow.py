"""`/lacak`: the requester's page of a consultation. The PIN travels in the body of a form, where no
log and no history keeps it."""

import re

from fastapi import APIRouter, Request, Response

from services.intake.api.read import find_tracked
from services.intake.api.track import TrackView
from services.intake.pages.site import PAGES
from services.intake.tracking import Tracking
from shared.errors import StoreUnavailable
from shared.text.templating import Words
from shared.web.pages.forms import fields_of
from shared.web.pages.page import language_of
from shared.web.problems import Problem

#: Of what was typed, so much is looked at; a ticket has 12 characters, a PIN 6.
MAX_TYPED_CHARACTERS = 20
PIN = re.compile(r"[0-9]{6}")


def add_follow(router: APIRouter, tracking: Tracking) -> None:
    @router.get("/lacak")
    async def track_page(request: Request, tiket: str = "") -> Response:
        """Where the requester types ticket and PIN."""
        return PAGES.page("track", request, found=None, wrong=None, ticket=typed_line(tiket))

    @router.post("/lacak")
    async def track_by_form(request: Request) -> Response:
        """Where the consultation is and what was said, or why that is not shown."""
        said = language_of(request)
        fields = await fields_of(request)
        ticket, pin = (typed_line(fields.get(name, "")) for name in ("tiket", "pin"))
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
            return PAGES.page("track", request, found=found)
        return PAGES.page(
            "track",
            request,
            status=refused.status,
            headers=refused.headers,
            found=None,
            wrong=_why(refused, PAGES.texts(said)),
            ticket=ticket,
        )


def typed_line(typed: str) -> str:
    return "".join(one for one in typed if one.isprintable()).strip()[:MAX_TYPED_CHARACTERS]


def _why(problem: Problem, t: Words) -> str:
    return t["wrong" if problem.kind == "not_found" else "unavailable"]
