"""Which pages of other origins may read our answers in a browser (the Fetch standard's CORS).

Routes that hold nothing of the caller's are for any page. The others are for the origins that the
operator lists (`KLIK_CORS_ORIGINS`). Cookies go with neither: `Access-Control-Allow-Credentials` is
never said, so that a page has what its own key or token opens, and no more.
"""

from collections.abc import Iterable, Mapping

from starlette.types import Scope

#: Beginnings of paths that any page may read: codes, the open edition, what ticket and PIN open.
OPEN = ("/v1/open/", "/v1/reference/", "/v1/track/")

#: What a page may send besides what browsers let everybody send.
_SENT = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, "
    "X-Pin, traceparent"
)
#: What a page may read besides.
_READ = (
    "Allow, Content-Disposition, Content-Language, ETag, Link, Location, RateLimit, "
    "RateLimit-Policy, Retry-After, WWW-Authenticate"
)
#: Seconds that a browser keeps a preflight's answer; Chromium keeps none for longer.
_KEPT = 7200

Headers = list[tuple[bytes, bytes]]

_VARY: Headers = [(b"vary", b"Origin")]
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": _SENT,
    "Access-Control-Max-Age": str(_KEPT),
}


class Cors:
    """The headers of an answer, by who asks for which path."""

    def __init__(self, origins: Iterable[str] = ()) -> None:
        """`origins`: as browsers write them (`shared/text/origins.py`)."""
        self._granted = {one.encode(): _VARY + _grant(one) for one in origins}
        self._others: Headers = _VARY if self._granted else []
        self._anybody = _grant("*")

    def headers(self, scope: Scope) -> Headers:
        """What is added to the answer, whatever it is; none where nothing is granted to anybody."""
        if scope["path"].startswith(OPEN):
            return self._anybody
        if not self._granted:
            return []
        return self._granted.get(_origin(scope), self._others)

    def preflight(self, scope: Scope) -> Mapping[str, str] | None:
        """What is answered besides to a browser that asks whether a page may ask; None where it is
        no such question, or the page may not: the routes answer that."""
        if not _asks_for_a_method(scope) or self.headers(scope) == self._others:
            return None
        return _PREFLIGHT


def _grant(origin: str) -> Headers:
    return [
        (b"access-control-allow-origin", origin.encode()),
        (b"access-control-expose-headers", _READ.encode()),
    ]


def _origin(scope: Scope) -> bytes:
    return next((value for name, value in scope["headers"] if name == b"origin"), b"")


def _asks_for_a_method(scope: Scope) -> bool:
    return any(name == b"access-control-request-method" for name, _ in scope["headers"])
