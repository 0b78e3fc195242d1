"""Ways to the issuer that somebody has begun: who comes back must be who left.

Each is a sealed cookie of its own, named after its state, so that two tabs are not in each other's
way. What the issuer sends back is taken from the browser that left alone, and from it once.
"""

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from shared.web.pages.sealing import Seal

#: What the sealing key is derived for, and what each cookie is bound to.
PURPOSE = "sign-in attempts"
#: For a person to type a password, and perhaps another factor.
LIFETIME = timedelta(minutes=10)
#: The one page that the cookie is sent to.
BACK = "/masuk/kembali"
_STATE = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True, slots=True)
class Attempt:
    state: str
    """What the issuer gives back as it was: 24 random bytes."""
    nonce: str
    """What it puts into the ID token."""
    verifier: str
    """What only who began can tell it (PKCE)."""
    target: str
    """The page of ours that the person wanted."""
    since: datetime


class Attempts:
    def __init__(self, secret_of: Mapping[str, bytes], clock: Callable[[], datetime]) -> None:
        """`secret_of`: as `Seal` takes them."""
        self._seal = Seal(secret_of, PURPOSE)
        self._clock = clock

    def begin(self, target: str) -> Attempt:
        drawn = (secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
        return Attempt(*drawn, target, self._clock())

    def give(self, answer: Response, request: Request, attempt: Attempt) -> None:
        content = [attempt.state, attempt.nonce, attempt.verifier, attempt.target]
        answer.set_cookie(
            _name(attempt.state),
            self._seal.sealed([*content, attempt.since.timestamp()]),
            max_age=int(LIFETIME.total_seconds()),
            path=BACK,
            httponly=True,
            # not strict: the issuer is another site
            samesite="lax",
            secure=request.url.scheme == "https",
        )

    def of(self, request: Request, state: str) -> Attempt | None:
        """The one that this browser began with this state; None where it did not, or too long
        ago."""
        if not _STATE.fullmatch(state):
            return None
        content = self._seal.opened(request.cookies.get(_name(state), ""))
        if content is None:
            return None
        began, nonce, verifier, target, since = content
        found = Attempt(began, nonce, verifier, target, datetime.fromtimestamp(since, UTC))
        if not hmac.compare_digest(found.state, state):
            return None
        return found if self._clock() < found.since + LIFETIME else None

    @staticmethod
    def end(answer: Response, attempt: Attempt) -> None:
        """It is used up, however it went."""
        answer.delete_cookie(_name(attempt.state), path=BACK, httponly=True, samesite="lax")


def _name(state: str) -> str:
    return f"klik_akun_{state[:8]}"
