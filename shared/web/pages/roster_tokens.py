"""What opens the page of rosters, routing's, to who is signed in at intake.

intake, which knows the session, gives it as a cookie for that page alone, for some minutes;
routing, which has no key to open a session with, lets its caller in. The page leads back to intake
for another one, and to the form of sign-in where the session is over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from shared.text.wording import Text
from shared.web.api_keys import Keys
from shared.web.pages.caller_tokens import CallerTokens
from shared.web.permissions import Caller
from shared.web.problems import Problem

#: The page, and where intake gives the cookie for it.
PAGE, GIVEN_AT = "/petugas", "/masuk/petugas"
COOKIE = "klik_petugas"
LIFETIME = timedelta(minutes=5)
#: The browser forgets it so much earlier: one that does not hold is then no matter of time.
EARLY = timedelta(seconds=30)

_OVER = Text("Izin halaman sudah kedaluwarsa.", "The page's leave has expired.")
_WRONG = Text("Izin halaman ini tidak berlaku.", "The page's leave is not valid.")


@dataclass(frozen=True, slots=True)
class Visitor:
    caller: Caller
    proof: str
    """What the forms of the session carry (`proof_of`)."""


class RosterTokens:
    """Gives them out, and tells whose one is."""

    def __init__(self, secret: bytes, keys: Keys, clock: Callable[[], datetime]) -> None:
        """`secret`: the same in all replicas of intake and routing."""
        self._tokens = CallerTokens(
            secret,
            keys,
            clock,
            kind="klik-roster+jwt",
            audience="klikdesa/rosters",
            lifetime=LIFETIME,
            called="roster token",
            over=_OVER,
            wrong=_WRONG,
        )

    def give(self, answer: Response, request: Request, visitor: Visitor) -> None:
        answer.set_cookie(
            COOKIE,
            f"{self._tokens.issue(visitor.caller).text}.{visitor.proof}",
            max_age=int((LIFETIME - EARLY).total_seconds()),
            path=PAGE,
            httponly=True,
            # as the session's: links are followed from elsewhere
            samesite="lax",
            secure=request.url.scheme == "https",
        )

    def of(self, request: Request) -> Visitor | None:
        """Who comes; None without the cookie. Raises `Problem`, `unauthorized`, where what is in it
        does not hold."""
        token, _, proof = request.cookies.get(COOKIE, "").rpartition(".")
        if not token and not proof:
            return None
        caller = self._tokens.caller_of(token)
        if not proof:
            raise Problem("unauthorized", detail=_WRONG)
        return Visitor(caller, proof)

    @staticmethod
    def end(answer: Response) -> None:
        answer.delete_cookie(COOKIE, path=PAGE, httponly=True, samesite="lax")
