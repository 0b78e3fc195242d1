"""What the dashboard's page reads reports by, of who is signed in to the pages.

intake, which knows the session, gives it to the page; reporting, which has no key to open a
session with, lets its caller in. It is kept in the page's memory alone.
"""

import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from shared.text.wording import Text
from shared.web.api_keys import Keys
from shared.web.pages.caller_tokens import CallerToken, CallerTokens
from shared.web.permissions import Caller

#: After which the page asks again, and is given another where the session is still there.
LIFETIME = timedelta(minutes=5)
#: What their key is derived for, from the one that both services have.
PURPOSE = b"report tokens"

_OVER = Text("Token halaman sudah kedaluwarsa.", "The page's token has expired.")
_WRONG = Text("Token halaman ini tidak berlaku.", "The page's token is not valid.")


class ReportTokens:
    """Gives them out, and tells whose one is."""

    def __init__(self, stream_key: bytes, keys: Keys, clock: Callable[[], datetime]) -> None:
        """`stream_key`: the same in all replicas of intake and reporting."""
        self._clock = clock
        self._tokens = CallerTokens(
            hmac.digest(stream_key, PURPOSE, "sha256"),
            keys,
            clock,
            kind="klik-report+jwt",
            audience="klikdesa/reporting",
            lifetime=LIFETIME,
            called="report token",
            over=_OVER,
            wrong=_WRONG,
        )

    def issue(self, caller: Caller) -> CallerToken:
        """A stream that is opened by it ends with it: the page asks for another one meanwhile."""
        return self._tokens.issue(replace(caller, until=self._clock() + LIFETIME))

    def identify(self, token: str) -> Caller | None:
        """The caller; None where it is a token of another kind.

        Raises `Problem`, `unauthorized`, where it does not hold.
        """
        return self._tokens.caller_of(token) if self._tokens.is_of_this_kind(token) else None
