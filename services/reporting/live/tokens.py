"""Stream tokens: for a browser's own EventSource, which can send no header.

Who may read the stream gets one by key, and puts it into the stream's address. It opens that one
stream, for a minute.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from shared.text.wording import Text
from shared.web.api_keys import Keys
from shared.web.pages.caller_tokens import CallerToken, CallerTokens
from shared.web.permissions import Caller

#: From giving a token out until it was used; a connection that it opened goes on.
LIFETIME = timedelta(seconds=60)
#: The route that it opens, by its name.
ROUTE = "stream_changes"

_OVER = Text(
    "Token aliran sudah kedaluwarsa; minta yang baru.",
    "The stream token has expired; ask for another one.",
)
_WRONG = Text("Token aliran ini tidak berlaku.", "The stream token is not valid.")


class StreamTokens:
    """Gives them out, and tells whose one is."""

    route = ROUTE

    def __init__(
        self,
        secret: bytes,
        keys: Keys,
        clock: Callable[[], datetime],
        *,
        lifetime: timedelta = LIFETIME,
    ) -> None:
        """`secret`: the same in all replicas."""
        self._tokens = CallerTokens(
            secret,
            keys,
            clock,
            kind="klik-stream+jwt",
            audience=ROUTE,
            lifetime=lifetime,
            called="stream token",
            over=_OVER,
            wrong=_WRONG,
        )

    def issue(self, caller: Caller) -> CallerToken:
        return self._tokens.issue(caller)

    def identify(self, token: str) -> Caller:
        """Whose it is. Raises `Problem`, `unauthorized`, where it does not hold."""
        return self._tokens.caller_of(token)

    def is_still(self, caller: Caller) -> bool:
        """Whether the stream that `caller` opened may go on."""
        return self._tokens.is_still(caller)
