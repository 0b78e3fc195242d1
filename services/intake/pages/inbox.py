"""`/satgas`: a satgas's inbox, by the questions of `GET /v1/consultations`."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from services.intake.api.inbox_schemas import Cursor, InboxView
from services.intake.api.read import Wanted, list_inbox
from services.intake.domain.lifecycle import Status
from services.intake.domain.tickets import normal_ticket
from services.intake.pages.follow import typed_line
from services.intake.pages.sign_in import FIRST_OPERATION, to_sign_in
from services.intake.pages.site import PAGES
from services.intake.ports import Reading
from services.intake.search import LEAST_TYPED, MOST_TYPED
from shared.reference import labels
from shared.web.auth import let_in, reach
from shared.web.pages.forms import proof_of
from shared.web.pages.page import language_of, until
from shared.web.pages.sessions import Session, Sessions
from shared.web.pages.signed_in import frame
from shared.web.permissions import Caller

#: Consultations on one page.
PAGE_ITEMS = 100

#: The parts of the inbox, in their order: by deadline first.
PARTS: Mapping[str, Wanted] = {
    "tenggat": Wanted(order="due"),
    "baru": Wanted(status="assigned"),
    "menunggu": Wanted(status="waiting_requester"),
    "saya": Wanted(),
    "semua": Wanted(),
}
FIRST_PART = "tenggat"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks of the inbox; what it says wrongly, it does not say."""

    part: str
    wanted: Wanted
    cursor: Cursor | None

    @classmethod
    def of(cls, request: Request, caller: Caller) -> "Asked":
        query = request.query_params
        typed = typed_line(query.get("tiket", ""))
        words = typed_line(query.get("kata", ""), MOST_TYPED)
        part = query.get("bagian", FIRST_PART)
        # a ticket is looked for wherever it may be, and so are words
        part = "semua" if typed or words or part not in PARTS else part
        wanted = PARTS[part]
        if part == "saya":
            wanted = replace(wanted, officer=caller.key_id)
        status = query.get("status")
        if part in ("saya", "semua") and status in get_args(Status):
            wanted = replace(wanted, status=cast(Status, status))
        if typed:
            wanted = replace(wanted, ticket=typed)
        elif len(words) >= LEAST_TYPED:
            wanted = replace(wanted, text=words)
        with suppress(ValueError):
            return cls(part, wanted, Cursor.read(query.get("setelah", "")))
        return cls(part, wanted, None)

    def address(self, **changed: str | None) -> str:
        """Of the same view, but for what is `changed`; that starts at its first page."""
        wanted = self.wanted
        said = {"bagian": self.part, "status": wanted.status}
        said |= {"tiket": wanted.ticket, "kata": wanted.text}
        kept = {name: value for name, value in (said | changed).items() if value}
        return f"/satgas?{urlencode(kept)}"


class Inbox:
    def __init__(self, sessions: Sessions, store: Reading, clock: Callable[[], datetime]) -> None:
        self.sessions = sessions
        self._store = store
        self._clock = clock

    async def read(self, caller: Caller, asked: Asked, request: Request) -> InboxView:
        said, searches = language_of(request), request.app.state.searches
        return await list_inbox(
            self._store, caller, said, asked.wanted, asked.cursor, PAGE_ITEMS, searches
        )

    async def page(self, request: Request, session: Session) -> Response:
        caller = let_in(request, session.caller, FIRST_OPERATION)
        asked, said = Asked.of(request, caller), language_of(request)
        view = await self.read(caller, asked, request)
        now = self._clock()
        ticket = asked.wanted.ticket
        return PAGES.page(
            "inbox",
            request,
            **frame(caller, proof_of(session.id), said),
            view=view,
            mark=mark_of(view) if asked.wanted.text is None else "",
            asked=asked,
            parts=list(PARTS),
            least_typed=LEAST_TYPED,
            most_typed=MOST_TYPED,
            statuses=[(code, label.text.said_in(said)) for code, label in _statuses().items()],
            ticket=ticket or "",
            is_no_ticket=ticket is not None and normal_ticket(ticket) is None,
            until=lambda at: until(at, now, said),
            is_late=lambda at: at <= now,
        )


def mark_of(view: InboxView) -> str:
    """Another one whenever the list would show something else; it tells nothing of what."""
    shown: list[Any] = [view.counts, view.next]
    shown += [[one.id, one.status, one.officer, one.satgas] for one in view.items]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def add_inbox(router: APIRouter, inbox: Inbox) -> None:
    @router.get("/satgas")
    async def inbox_page(request: Request) -> Response:
        """The inbox, of the caller's satgas."""
        session = await inbox.sessions.of(request)
        if session is None:
            return await to_sign_in(request)
        answer = await inbox.page(request, session)
        return inbox.sessions.keep(answer, request, session)

    @router.get("/satgas/tanda")
    async def inbox_mark(request: Request) -> Response:
        """The mark of what an inbox shows now, for a page that looks whether it is out of date.
        Nothing of a person is in it; and it keeps no session alive."""
        session = await inbox.sessions.of(request)
        if session is None:
            return PlainTextResponse("", status_code=401)
        caller = reach(session.caller, FIRST_OPERATION)
        asked = Asked.of(request, caller)
        if asked.wanted.text is not None:
            return PlainTextResponse("")  # a search is not made anew by itself
        view = await inbox.read(caller, asked, request)
        return PlainTextResponse(mark_of(view))


def _statuses() -> Mapping[str, Any]:
    known = labels("statuses")
    return {code: known[code] for code in get_args(Status)}
