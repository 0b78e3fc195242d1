"""`/masuk` and `/keluar`: a session, opened with an access code or an account of the issuer.

What a page then does is an operation of the API, for which the session's caller is let in as at the
API itself: same table, audit and limits.
"""

import logging
import re
import secrets
from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.accounts.issuer import Issuer
from services.intake.accounts.sessions import AccountSessions
from services.intake.pages.site import PAGES
from shared.errors import StoreUnavailable
from shared.limits.buckets import TooMany
from shared.web.auth import take_refused, without_key
from shared.web.pages.forms import PROOF, check_own, fields_of, proof_of
from shared.web.pages.page import language_of
from shared.web.pages.roster_tokens import RosterTokens
from shared.web.pages.sessions import COOKIE, Session, Sessions
from shared.web.pages.signed_in import REPORTS_OPERATION
from shared.web.permissions import ACCESS, Caller, Role
from shared.web.problems import Problem, too_many

log = logging.getLogger(__name__)

#: Of what was typed, so much is looked at; ours have some fifty.
MAX_CODE_CHARACTERS = 200
#: What proves the form of who has no session yet; it opens nothing.
BEFORE = "klik_masuk"
BEFORE_SECONDS = 3600
#: What whoever signs in must be allowed to do, one of these: else there is no page to show.
FIRST_OPERATION = "list_consultations"
#: The pages of who may do the one, and the other.
INBOX, DASHBOARD = "/satgas", "/"
#: A path of ours that people may be led to after they have signed in, with its query: the inbox, a
#: consultation, rosters, the dashboard. Nothing in it can be read as another host.
_TARGET = re.compile(r"/(satgas(/[A-Za-z0-9-]+)?|petugas(/[a-z0-9.]+)?)?(\?[A-Za-z0-9_.~%&=+-]*)?")
_MAX_TARGET_CHARACTERS = 300


class SigningIn:
    """The form, and the way from it to where the person wanted to go."""

    def __init__(
        self,
        sessions: Sessions,
        issuer: Issuer | None = None,
        accounts: AccountSessions | None = None,
    ) -> None:
        """`issuer` and `accounts`: None where people sign in by code alone."""
        self.sessions = sessions
        self.issuer = issuer
        self.accounts = accounts

    def ask(
        self,
        request: Request,
        target: str,
        why: str = "",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """`why`: the name of the text that says why it is asked again."""
        before = request.cookies.get(BEFORE) or secrets.token_urlsafe(16)
        t = PAGES.texts(language_of(request))
        target = own_target(target)
        answer = PAGES.page(
            "sign_in",
            request,
            status=status,
            headers=headers,
            wrong=t[why] if why else "",
            target=target,
            is_of_one="/satgas/" in target,
            by_account=f"/masuk/akun?{_query(ke=target)}" if self.issuer else "",
            proof_name=PROOF,
            proof=proof_of(before),
        )
        answer.set_cookie(
            BEFORE,
            before,
            max_age=BEFORE_SECONDS,
            path="/masuk",
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    def enter(self, request: Request, session: Session, target: str) -> Response:
        """On to the page, with the session."""
        answer = RedirectResponse(target_of(session.caller, target), status_code=303)
        self.sessions.give(answer, request, session)
        answer.delete_cookie(BEFORE, path="/masuk", httponly=True, samesite="strict")
        # of whoever was there before
        RosterTokens.end(answer)
        return answer

    async def leave(self, request: Request, session: Session | None) -> Response:
        """The browser forgets the session; so does intake, and the issuer, where an account opened
        it."""
        address = None
        if session is not None and session.key_hash:
            try:
                await self.sessions.close(session)
            except StoreUnavailable:
                # the browser forgets it all the same
                log.warning("session not closed", extra={"key": session.caller.key_id})
        if session is not None and not session.key_hash and self.accounts and self.issuer:
            await self.accounts.end(session.id)
            address = await self.issuer.sign_out_address()
        answer: Response
        if address:
            # not by a redirect of the form: its policy lets it lead to pages of ours alone
            headers = {"Refresh": f"0;url={address}"}
            answer = PAGES.page("signed_out", request, headers=headers, address=address)
        else:
            answer = RedirectResponse("/masuk", status_code=303)
        self.sessions.end(answer)
        RosterTokens.end(answer)
        return answer


async def to_sign_in(request: Request) -> Response:
    """On to the form, and from there back to this page. Raises `TooMany`."""
    query = f"?{request.url.query}" if request.url.query else ""
    target = own_target(f"{request.url.path}{query}") or own_target(request.url.path)
    return await ask_to_sign_in(request, target)


async def ask_to_sign_in(request: Request, target: str) -> Response:
    """On to the form, and from there to `target`, a page of ours. Raises `TooMany`."""
    await without_key(request)
    over = COOKIE in request.cookies
    asked = _query(ke="" if target == INBOX else target, berakhir="1" if over else "")
    answer = RedirectResponse(f"/masuk?{asked}" if asked else "/masuk", status_code=303)
    if over:
        Sessions.end(answer)
    return answer


def add_sign_in(router: APIRouter, signing_in: SigningIn) -> None:
    sessions = signing_in.sessions

    @router.get("/masuk")
    async def sign_in_page(request: Request, ke: str = "", berakhir: str = "") -> Response:
        """Where the access code is typed, or the account chosen."""
        if session := await sessions.of(request):
            return RedirectResponse(target_of(session.caller, ke), status_code=303)
        return signing_in.ask(request, ke, "session_over" if berakhir else "")

    @router.post("/masuk")
    async def sign_in(request: Request) -> Response:
        """A new session, or why not."""
        fields = await fields_of(request)
        given = request.cookies.get(BEFORE, "")
        target = fields.get("ke", "")
        if not given:
            return signing_in.ask(request, target, "no_cookie", status=403)
        check_own(request, given, fields)
        code = fields.get("kode", "").strip()[:MAX_CODE_CHARACTERS]
        session = sessions.begin(request.app.state.keyring, code) if code else None
        try:
            if session is None:
                take_refused(request, code)
        except TooMany as error:
            headers = too_many(error).headers
            return signing_in.ask(request, target, "code_rests", status=429, headers=headers)
        if session is None:
            return signing_in.ask(request, target, "code_wrong", status=403)
        if not has_a_page(session.caller.role):
            return signing_in.ask(request, target, "code_elsewhere", status=403)
        return signing_in.enter(request, session, target)

    @router.post("/keluar")
    async def sign_out(request: Request) -> Response:
        """The session is over, whatever page it is closed on."""
        if COOKIE not in request.cookies:
            # browsers send none with the form of another site, which is to sign nobody out
            return RedirectResponse("/masuk", status_code=303)
        session, fields = await sessions.of(request), await fields_of(request)
        if session is not None:
            check_own(request, session.id, fields)
        return await signing_in.leave(request, session)


def has_a_page(role: Role) -> bool:
    """Whether there is anything for it to see here, and it is a person's."""
    sees = any(role in ACCESS[name] for name in (FIRST_OPERATION, REPORTS_OPERATION))
    return sees and role is not Role.SERVICE


def uuid_of(text: str) -> UUID | None:
    """None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def consultation_id(text: str) -> UUID:
    """Raises `Problem`, `not_found`."""
    if (id_ := uuid_of(text)) is None:
        raise Problem("not_found")
    return id_


def own_target(text: str) -> str:
    """A page of ours that may be led to; empty where it is none."""
    is_one = len(text) <= _MAX_TARGET_CHARACTERS and _TARGET.fullmatch(text)
    return text if is_one else ""


def target_of(caller: Caller, wanted: str) -> str:
    """Where to lead somebody: where they wanted to go, else to the first page of their role."""
    first = INBOX if caller.role in ACCESS[FIRST_OPERATION] else DASHBOARD
    return own_target(wanted) or first


def _query(**named: str) -> str:
    return urlencode({name: value for name, value in named.items() if value})
