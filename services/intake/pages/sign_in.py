"""`/masuk` and `/keluar`: an officer's session, opened with an access code.

What a page then does is an operation of the API, for which the session's caller is let in as at the
API itself: same table, audit and limits.
"""

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.pages.site import PAGES
from shared.limits.buckets import TooMany
from shared.web.auth import take_refused, without_key
from shared.web.pages.forms import PROOF, check_own, fields_of, proof_of
from shared.web.pages.page import language_of
from shared.web.pages.sessions import COOKIE, Session, Sessions
from shared.web.permissions import ACCESS
from shared.web.problems import Problem, too_many

#: Of what was typed, so much is looked at; ours have some fifty.
MAX_CODE_CHARACTERS = 200
#: What proves the form of who has no session yet; it opens nothing.
BEFORE = "klik_masuk"
BEFORE_SECONDS = 3600
#: What whoever signs in must be allowed to do: else there is no page to show.
FIRST_OPERATION = "list_consultations"


async def to_sign_in(request: Request, id_: UUID | None = None) -> Response:
    """On to the form, and from there back to the consultation. Raises `TooMany`."""
    await without_key(request)
    over = "1" if COOKIE in request.cookies else ""
    asked = {"konsultasi": str(id_) if id_ else "", "berakhir": over}
    query = "&".join(f"{name}={value}" for name, value in asked.items() if value)
    answer = RedirectResponse(f"/masuk?{query}" if query else "/masuk", status_code=303)
    if over:
        Sessions.end(answer)
    return answer


def unsent(request: Request, typed: Mapping[str, str], why: str, status: int) -> Response:
    """What was typed, to whom it cannot be taken from now: nothing of it is lost. `why`: the name
    of a text."""
    said = language_of(request)
    # only what a page of ours sends is shown on one
    is_own = request.headers.get("sec-fetch-site") == "same-origin"
    return PAGES.page(
        "unsent",
        request,
        status=status,
        why=PAGES.texts(said)[why],
        typed=typed.get("pesan", "") if is_own else "",
    )


def add_sign_in(router: APIRouter, sessions: Sessions) -> None:
    @router.get("/masuk")
    async def sign_in_page(request: Request, konsultasi: str = "", berakhir: str = "") -> Response:
        """Where the access code is typed."""
        if sessions.of(request):
            return RedirectResponse(_target(konsultasi), status_code=303)
        return _asking(request, konsultasi, "session_over" if berakhir else "")

    @router.post("/masuk")
    async def sign_in(request: Request) -> Response:
        """A new session, or why not."""
        fields = await fields_of(request)
        given = request.cookies.get(BEFORE, "")
        consultation = fields.get("konsultasi", "")
        if not given:
            return _asking(request, consultation, "no_cookie", status=403)
        check_own(request, given, fields)
        code = fields.get("kode", "").strip()[:MAX_CODE_CHARACTERS]
        session = sessions.begin(request.app.state.keyring, code) if code else None
        try:
            if session is None:
                take_refused(request, code)
        except TooMany as error:
            headers = too_many(error).headers
            return _asking(request, consultation, "code_rests", status=429, headers=headers)
        if session is None:
            return _asking(request, consultation, "code_wrong", status=403)
        if session.caller.role not in ACCESS[FIRST_OPERATION]:
            return _asking(request, consultation, "code_elsewhere", status=403)
        answer = RedirectResponse(_target(consultation), status_code=303)
        sessions.give(answer, request, session)
        answer.delete_cookie(BEFORE, path="/masuk", httponly=True, samesite="strict")
        return answer

    @router.post("/keluar")
    async def sign_out(request: Request) -> Response:
        """The browser forgets the session."""
        session, fields = sessions.of(request), await fields_of(request)
        if session is not None:
            check_own(request, session.id, fields)
        answer = RedirectResponse("/masuk", status_code=303)
        sessions.end(answer)
        return answer


def who(session: Session) -> Mapping[str, Any]:
    """What the head of each page of an officer shows, and its forms carry."""
    return {"caller": session.caller, "proof_name": PROOF, "proof": proof_of(session.id)}


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


def _target(consultation: str) -> str:
    """Only ever a page of ours."""
    id_ = uuid_of(consultation)
    return f"/satgas/{id_}" if id_ else "/satgas"


def _asking(
    request: Request,
    consultation: str,
    why: str = "",
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`why`: the name of the text that says why it is asked again."""
    before = request.cookies.get(BEFORE) or secrets.token_urlsafe(16)
    t = PAGES.texts(language_of(request))
    answer = PAGES.page(
        "sign_in",
        request,
        status=status,
        headers=headers,
        wrong=t[why] if why else "",
        consultation=_target(consultation).removeprefix("/satgas").removeprefix("/"),
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
