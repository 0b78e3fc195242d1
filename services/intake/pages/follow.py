"""`/lacak`: the requester's page of a consultation, by ticket and PIN.

The PIN travels once, in the body of a form, where no log and no history keeps it. What follows goes
by the requester's token, in a cookie for the pages of that ticket alone: two tabs with two tickets
do not meet. Each move is the API's own, with its rules.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.api.moves import Mover
from services.intake.api.read import ask_for_link, find_tracked, show
from services.intake.api.track import TrackView
from services.intake.domain.consultation import Consultation, Private
from services.intake.domain.lifecycle import NO_LINK, MoveName
from services.intake.domain.move_bodies import MoveBody, NewMessage, Rating
from services.intake.domain.tickets import normal_ticket
from services.intake.link_tokens import CHARACTERS, LinkTokens
from services.intake.moves import Moves
from services.intake.pages.site import PAGES, unsent, words_of
from services.intake.ports import Reading
from services.intake.requester_tokens import RequesterTokens
from services.intake.tracking import LinkRequests, Tracking
from shared.audit import trail
from shared.errors import StoreUnavailable
from shared.keys.link_tokens import LinkRefused
from shared.limits.buckets import TooMany
from shared.text.wording import Language
from shared.web.pages.forms import PROOF, check_own, check_site, fields_of, proof_of
from shared.web.pages.page import language_of
from shared.web.permissions import Caller, Role, Scope
from shared.web.problems import Problem, too_many, validated

log = logging.getLogger(__name__)

#: Of what was typed, so much is looked at; a ticket has 12 characters, a PIN 6.
MAX_TYPED_CHARACTERS = 20
PIN = re.compile(r"[0-9]{6}")
COOKIE = "klik_tiket"
#: How long a browser keeps it; ticket and PIN open the page again.
SESSION = timedelta(hours=12)

#: The buttons of the page, each with the move that it makes.
MOVES: Mapping[str, MoveName] = {
    "balas": "reply",
    "selesai": "close",
    "buka": "reopen",
    "batalkan": "withdraw",
    "nilai": "rate",
}


class Following:
    def __init__(
        self,
        tracking: Tracking,
        tokens: RequesterTokens,
        links: LinkTokens,
        link_requests: LinkRequests,
        moves: Moves,
        store: Reading,
    ) -> None:
        self.tracking = tracking
        self._tokens = tokens
        self._links = links
        self.link_requests = link_requests
        self._moves = moves
        self._store = store

    def sign_in(self, request: Request, found: Consultation) -> Response:
        """To the page of the ticket, with a new session."""
        answer = RedirectResponse(f"/lacak/{found.ticket}", status_code=303)
        answer.set_cookie(
            COOKIE,
            self._tokens.issue(found.id).text,
            max_age=int(SESSION.total_seconds()),
            path=f"/lacak/{found.ticket}",
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    async def of_link(self, request: Request, token: str, ticket: str) -> Consultation:
        """That of an alert's link. Raises `LinkRefused`; the log says why, without the token."""
        try:
            found = await self._store.for_move(self._links.consultation(token))
            if found is None or found.ticket != ticket:
                raise LinkRefused("of_another_ticket")
            if found.erased or found.status in NO_LINK:
                raise LinkRefused("over")
        except LinkRefused as error:
            log.info("link refused", extra={"reason": error.reason})
            raise
        trail.open_trail(request.scope, Role.REQUESTER, Role.REQUESTER)
        trail.saw([found.id])
        return found

    async def of_session(
        self, request: Request, ticket: str
    ) -> tuple[Caller, Consultation, Private] | None:
        """The requester, and the consultation of this ticket; None where the session is over, or
        of another one, or where that was erased."""
        try:
            caller = self._tokens.identify(request.cookies.get(COOKIE, ""))
        except Problem:
            return None
        if caller is None or caller.consultation is None:
            return None
        trail.open_trail(request.scope, Role.REQUESTER, Role.REQUESTER)
        kept = await self._store.get_with_private(caller.consultation)
        if kept is None or kept[0].ticket != ticket or kept[0].erased:
            return None
        trail.saw([caller.consultation])
        return replace(caller, scope=Scope.ONE), *kept

    async def move(
        self,
        caller: Caller,
        found: Consultation,
        fields: Mapping[str, str],
        said: Language,
    ) -> None:
        """Raises `Problem`."""
        name = MOVES.get(fields.get("langkah", ""))
        if name is None or caller.consultation is None:
            raise Problem("malformed")
        body = _body(name, fields)
        version = fields.get("versi", "")
        # words are welcome whatever else happened; a decision is for what was read
        seen = None if name == "reply" else f'"{version}-requester"'
        key = fields.get("kunci") or None
        mover = Mover(caller.consultation, caller, Response(), said, key and key[:255], seen)
        try:
            await mover.carry_out(self._moves, self._store, name, body)
        except TooMany as error:
            raise too_many(error) from None
        except StoreUnavailable:
            raise Problem("unavailable") from None


def _body(name: MoveName, fields: Mapping[str, str]) -> MoveBody | None:
    """What the move comes with. Raises `Problem`, `invalid`."""
    text = fields.get("pesan", "")
    if name == "reply":
        return validated(NewMessage, {"kind": "reply", "body": text})
    if name == "rate":
        number = fields.get("nilai", "")
        rating = int(number) if number in ("1", "2", "3", "4", "5") else None
        return validated(Rating, {"rating": rating, "comment": text if text.strip() else None})
    return None


def add_follow(router: APIRouter, following: Following) -> None:
    @router.get("/lacak")
    async def track_page(request: Request, tiket: str = "", izin: str = "") -> Response:
        """Where the requester types ticket and PIN, or opens an alert's link: by a button, so that
        whoever only looks at links, as mail servers do, opens nothing."""
        return _asking(request, typed_line(tiket), link=izin[:CHARACTERS])

    @router.post("/lacak")
    async def track_by_form(request: Request) -> Response:
        """On to the page of the ticket, or why not."""
        check_site(request)
        fields = await fields_of(request)
        ticket, pin = (typed_line(fields.get(name, "")) for name in ("tiket", "pin"))
        try:
            if "kirim_tautan" in fields:
                await ask_for_link(following.link_requests, ticket, request)
                return _asking(request, ticket, asked="link_asked")
            if link := fields.get("izin"):
                found = await following.of_link(request, link, normal_ticket(ticket) or "")
                return following.sign_in(request, found)
            if not PIN.fullmatch(pin):
                raise Problem("not_found")
            found = await find_tracked(following.tracking, ticket, pin, request)
        except LinkRefused:
            return _asking(request, ticket, "link_over", status=403)
        except StoreUnavailable:
            refused = Problem("unavailable")
        except TooMany as error:
            refused = too_many(error)
        except Problem as problem:
            refused = problem
        else:
            return following.sign_in(request, found)
        why = "wrong" if refused.kind == "not_found" else "unavailable"
        return _asking(request, ticket, why, status=refused.status, headers=refused.headers)

    @router.get("/lacak/{ticket}")
    async def follow_page(request: Request, ticket: str) -> Response:
        """The consultation, to the session that opened it."""
        opened = await following.of_session(request, normal_ticket(ticket) or "")
        if opened is None:
            return _asking(request, typed_line(ticket))
        return _shown(request, *opened)

    @router.post("/lacak/{ticket}")
    async def follow_move(request: Request, ticket: str) -> Response:
        """A button of the page. A repeated one, by its key, is carried out once."""
        fields = await fields_of(request)
        opened = await following.of_session(request, normal_ticket(ticket) or "")
        if opened is None:
            return _over(request, ticket, fields)
        try:
            check_own(request, request.cookies[COOKIE], fields)
        except Problem:  # of another tab, where the ticket was opened anew
            return unsent(request, fields, "unsent_other_session", 403)
        try:
            await following.move(opened[0], opened[1], fields, language_of(request))
        except Problem as problem:
            # never what was read before: it may be erased since
            again = await following.of_session(request, opened[1].ticket)
            if again is None:
                return _over(request, ticket, fields)
            return _shown(request, *again, fields=fields, refused=problem)
        return RedirectResponse(f"/lacak/{opened[1].ticket}#percakapan", status_code=303)

    @router.post("/lacak/{ticket}/keluar")
    async def follow_end(request: Request, ticket: str) -> Response:
        """The browser forgets the session. It needs no proof: to be signed out harms nobody."""
        answer = RedirectResponse("/lacak", status_code=303)
        if known := normal_ticket(ticket):
            answer.delete_cookie(COOKIE, path=f"/lacak/{known}", httponly=True, samesite="strict")
        return answer


def _asking(
    request: Request,
    ticket: str,
    why: str = "",
    *,
    link: str = "",
    asked: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`why`: the name of the text that says why it is asked again; `link`: an alert's token;
    `asked`: the name of the text that says what becomes of it."""
    t = PAGES.texts(language_of(request))
    wrong = t[why] if why else ""
    return PAGES.page(
        "track",
        request,
        status=status,
        headers=headers,
        wrong=wrong,
        asked=t[asked] if asked else "",
        ticket=ticket,
        link=link,
    )


def _over(request: Request, ticket: str, fields: Mapping[str, str]) -> Response:
    """The session is: what was written for it is not lost with it."""
    if words_of(request, fields).strip():
        return unsent(request, fields, "session_over", 403)
    return _asking(request, typed_line(ticket), "over", status=403)


def _shown(
    request: Request,
    caller: Caller,
    found: Consultation,
    private: Private,
    *,
    fields: Mapping[str, str] | None = None,
    refused: Problem | None = None,
) -> Response:
    """Also where a move was `refused`: the consultation is shown, and the audit has it so."""
    said = language_of(request)
    t = PAGES.texts(said)
    view = show(found, private, caller, said)
    fields = fields or {}
    return PAGES.page(
        "follow",
        request,
        found=view,
        tracked=TrackView.of(found, said),
        possible=frozenset(view.possible),
        version=found.version,
        # what was refused for a while may be sent again: it is the same move
        key=fields.get("kunci", "").partition("-")[0] or uuid4().hex,
        proof_name=PROOF,
        proof=proof_of(request.cookies[COOKIE]),
        typed=fields.get("pesan", ""),
        refused=t[f"refused_{refused.kind}"] if refused else "",
        at_fault=refused.errors[0].detail.said_in(said) if refused and refused.errors else "",
    )


def typed_line(typed: str, most: int = MAX_TYPED_CHARACTERS) -> str:
    return "".join(one for one in typed if one.isprintable()).strip()[:most]
