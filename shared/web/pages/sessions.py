"""Who is signed in: a sealed cookie that names an access code by its hash, never by itself.

The server keeps nothing. What the cookie says is asked again of the keyring at each request, so
that a session ends with the code that it was opened with, or with a change of its role or place.
"""

import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from jwt.utils import base64url_decode, base64url_encode
from starlette.requests import Request
from starlette.responses import Response

from shared.encryption import decrypt, encrypt
from shared.web.api_keys import Keys, digest
from shared.web.permissions import Caller, Role

log = logging.getLogger(__name__)

#: What the sealing key is derived for, and what each cookie is bound to.
PURPOSE = "page sessions"
COOKIE = "klik_sesi"
#: Without a page opened, and in all.
IDLE = timedelta(minutes=30)
WHOLE = timedelta(hours=12)
#: The cookie is made anew once it is so old: two requests at once need not race for it.
RENEWED_AFTER = timedelta(minutes=1)
#: Ours have about 350; nothing much longer is read.
LONGEST_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    """Drawn at sign-in. Outside of the sealed cookie nobody knows it: forms are proved by it."""
    caller: Caller
    key_hash: str
    since: datetime
    seen: datetime


class Sessions:
    def __init__(self, secret_of: Mapping[str, bytes], clock: Callable[[], datetime]) -> None:
        """`secret_of`: 32 bytes by the id of their master key; the first seals, all of them open,
        so that sessions outlive a change."""
        self._ciphers = [AESGCM(secret) for secret in secret_of.values()]
        self._clock = clock

    def begin(self, keys: Keys, code: str) -> Session | None:
        """A new session, whatever was there before; None where the code opens nothing."""
        caller = keys.identify(code)
        if caller is None:
            return None
        now = self._clock()
        return Session(secrets.token_urlsafe(16), caller, digest(code), now, now)

    def of(self, request: Request) -> Session | None:
        """The session that a request comes with; None where there is none, or it is over."""
        sealed = request.cookies.get(COOKIE, "")
        found = self._opened(sealed)
        if found is None:
            if sealed:
                log.info("session refused", extra={"reason": "not_sealed_here"})
            return None
        if reason := self._why_over(found, request.app.state.keyring):
            log.info("session refused", extra={"key": found.caller.key_id, "reason": reason})
            return None
        return found

    def _why_over(self, found: Session, keys: Keys) -> str | None:
        now = self._clock()
        if now >= found.since + WHOLE:
            return "absolute_end"
        if now >= found.seen + IDLE:
            return "idle"
        caller = keys.by_hash(found.key_hash)
        if caller is None:
            return "key_not_valid"
        return None if caller == found.caller else "key_changed"

    def keep(self, answer: Response, request: Request, session: Session) -> Response:
        """`answer`, which has the browser keep the session as long as it may stand idle."""
        now = self._clock()
        if now - session.seen >= RENEWED_AFTER and _is_opened_by_a_person(request):
            self.give(answer, request, replace(session, seen=now))
        return answer

    def give(self, answer: Response, request: Request, session: Session) -> None:
        answer.set_cookie(
            COOKIE,
            self._sealed(session),
            max_age=int(IDLE.total_seconds()),
            httponly=True,
            # not strict: links in alerts are followed from a mailbox on another site
            samesite="lax",
            secure=request.url.scheme == "https",
        )

    @staticmethod
    def end(answer: Response) -> None:
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax")

    def _sealed(self, session: Session) -> str:
        caller = session.caller
        content = [
            session.id,
            session.key_hash,
            caller.key_id,
            caller.role,
            caller.territory,
            session.since.timestamp(),
            session.seen.timestamp(),
        ]
        sealed = encrypt(self._ciphers[0], json.dumps(content).encode(), PURPOSE)
        return base64url_encode(sealed).decode()

    def _opened(self, text: str) -> Session | None:
        if not text or len(text) > LONGEST_CHARACTERS or not text.isascii():
            return None
        try:
            sealed = base64url_decode(text)
        except ValueError:
            return None
        for cipher in self._ciphers:
            try:
                return _session(json.loads(decrypt(cipher, sealed, PURPOSE)))
            except (InvalidTag, ValueError):
                continue
        return None


def _session(content: Any) -> Session:
    """What was sealed here. A change of its form must change `PURPOSE`."""
    id_, key_hash, key_id, role, territory, since, seen = content
    caller = Caller(key_id, Role(role), territory)
    times = (datetime.fromtimestamp(at, UTC) for at in (since, seen))
    return Session(id_, caller, key_hash, *times)


def _is_opened_by_a_person(request: Request) -> bool:
    """What a script asks for by itself keeps no session alive; browsers say which it is."""
    return request.headers.get("sec-fetch-dest", "document") == "document"
