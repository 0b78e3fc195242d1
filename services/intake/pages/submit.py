"""`/kirim`: a form that needs no script, posts as a front-end of its own, and shows the receipt.

It goes by the rules of `POST /v1/consultations`: same acceptance, validation, limits and pointers.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.intake.acceptance import Acceptance, Accepted
from services.intake.api.schemas import Notice
from services.intake.api.submit import accept_post
from services.intake.pages import choices
from services.intake.pages.qr import qr_code
from services.intake.pages.site import ASSETS, PAGES
from services.intake.pages.submission_form import (
    KEY,
    Filled,
    key_of,
    submission_of,
    wrong_fields,
)
from shared.errors import StoreUnavailable
from shared.limits.buckets import TooMany
from shared.limits.callers import CallerLimits
from shared.times import local, local_day
from shared.web.pages.forms import check_site, fields_of
from shared.web.pages.page import POLICY, language_of
from shared.web.problems import Problem, too_many

#: Files that the page has without signal.
OFFLINE = (
    "tokens.css",
    "pages.css",
    "requester.css",
    "draft.js",
    "queue.js",
    "submit.js",
    "waiting.js",
    "manifest.webmanifest",
    "icon.svg",
)


#: The cookie by which the form knows what was sent last: the receipt's script, which forgets the
#: draft, may come late or never. It holds the form's key, and opens nothing.
SENT = "klik_terkirim"
SENT_SECONDS = 7 * 24 * 3600
#: As the form makes them.
_OWN_KEY = re.compile(r"[0-9a-f]{32}")

#: From writing to receipt, with signal.
NOW = timedelta(minutes=2)


class Submitting:
    """What the page is made of, and what it may do."""

    def __init__(
        self,
        acceptance: Acceptance,
        clock: Callable[[], datetime],
        *,
        front_end: str,
        public_url: str,
        limits: CallerLimits,
    ) -> None:
        """`front_end`: as which one it posts; `limits`: on who does, by source."""
        self._acceptance = acceptance
        self._clock = clock
        self._front_end = front_end
        self._public_url = public_url
        self._limits = limits

    def form(self, request: Request, filled: Filled, **more: Any) -> Response:
        """`more`: `status`, `headers`, and `said_above`, what went wrong as a whole."""
        today, said = local_day(self._clock()), language_of(request)
        return PAGES.page(
            "submit",
            request,
            **{"said_above": "", **more},
            filled=filled,
            key=key_of(filled.fields) or uuid4().hex,
            places=choices.places(today),
            topics=choices.topics(today, said),
            kinds=choices.kinds(said),
            roles=choices.roles(said),
        )

    def empty(self, request: Request, desa: str) -> Response:
        """`desa`: a code, as a QR code on a wall names it."""
        code = choices.desa_of(desa, local_day(self._clock())) if desa else ""
        return self.form(request, Filled({"desa": code}))

    async def accept(self, request: Request, fields: Mapping[str, str]) -> Accepted:
        """Raises `Problem`."""
        try:
            self._limits.take_anonymous(request.client.host if request.client else None)
            post = submission_of(fields)
            return await accept_post(self._acceptance, post, self._front_end, key_of(fields))
        except TooMany as error:
            raise too_many(error) from None
        except StoreUnavailable:
            raise Problem("unavailable") from None

    def refused(self, request: Request, fields: Mapping[str, str], problem: Problem) -> Response:
        """The form again, with what was typed, and what to do about it at each field."""
        said = language_of(request)
        t = PAGES.texts(said)
        wrong = wrong_fields(problem.errors, fields, t, said)
        if problem.kind == "key_reused":
            fields = {**fields, KEY: ""}
        above = f"failed_{problem.kind}"
        if problem.kind == "invalid" and not wrong:
            above = "failed_unreadable"
        return self.form(
            request,
            Filled(fields, wrong),
            status=problem.status,
            headers=problem.headers,
            said_above=t[above],
        )

    def receipt(self, request: Request, accepted: Accepted, key: str | None) -> Response:
        found = accepted.consultation
        address = f"{self._public_url}/lacak?tiket={found.ticket}"
        answer = PAGES.page(
            "receipt",
            request,
            ticket=found.ticket,
            pin=accepted.pin,
            address=address,
            qr=qr_code(address),
            # told only where it was not written just now
            written_at=found.submitted_at if found.submitted_at < found.received_at - NOW else None,
            received_at=found.received_at,
            notice=Notice.of(found, language_of(request)),
            key=key or "",
        )
        if key and _OWN_KEY.fullmatch(key):
            answer.set_cookie(
                SENT,
                key,
                max_age=SENT_SECONDS,
                path="/kirim",
                samesite="strict",
                secure=request.url.scheme == "https",
            )
        return answer


def add_submit(router: APIRouter, submitting: Submitting) -> None:
    @router.get("/kirim")
    async def submit_page(request: Request, desa: str = "") -> Response:
        """The form, with the desa chosen that the address names."""
        return submitting.empty(request, desa)

    @router.post("/kirim")
    async def submit_by_form(request: Request) -> Response:
        """The receipt, or the form again; JSON for the queue of posts that had no signal."""
        check_site(request)
        fields = await fields_of(request)
        is_page = "application/json" not in request.headers.get("accept", "")
        try:
            accepted = await submitting.accept(request, fields)
        except Problem as problem:
            if is_page:
                return submitting.refused(request, fields, problem)
            raise
        if is_page:
            return submitting.receipt(request, accepted, key_of(fields))
        found = accepted.consultation
        return JSONResponse(
            {
                "ticket": found.ticket,
                "pin": accepted.pin,
                "received_at": local(found.received_at).isoformat(),
            }
        )

    @router.get("/kirim/antrean")
    async def queue_page(request: Request) -> Response:
        """What this device keeps until there is signal. The page itself knows nothing of it."""
        return PAGES.page("waiting", request)

    @router.get("/kirim/sw.js")
    async def service_worker() -> Response:
        """Keeps the page for when there is no signal. Its address is always the same, and it
        changes with the files that it keeps."""
        text = PAGES.text(
            "sw.js", files=[ASSETS.url(name) for name in OFFLINE], edition=ASSETS.edition
        )
        headers = {
            "Service-Worker-Allowed": "/kirim",
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-store",
        }
        return Response(text, media_type="text/javascript", headers=headers)
