"""Who is signed in: a sealed cookie that names an access code by its hash, never by itself, or
that an account of the issuer opened.

What the cookie says is asked again at each request, of the keyring or of what keeps the sessions of
accounts: a session ends with what it was opened with, or with a change of its role or place.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response

from shared.web.api_keys import Keys, digest
from shared.web.pages.forms import SESSION as COOKIE
from shared.web.pages.sealing import Seal
from shared.web.permissions import Caller, Role

log = logging.getLogger(__name__)

__all__ = ["COOKIE", "IDLE", "PURPOSE", "WHOLE", "Accounts", "Ended", "Session", "Sessions"]

#: What the sealing key is derived for, and what each cookie is bound to.
PURPOSE = "page sessions"
#: Without a page opened, and in all.
IDLE = timedelta(minutes=30)
WHOLE = timedelta(hours=12)
#: The cookie is made anew once it is so old: two requests at once need not race for it.
RENEWED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    """Drawn at sign-in. Outside of the sealed cookie nobody knows it: forms are proved by it."""
    caller: Caller
    key_hash: str
    """Empty where an account of the issuer opened it."""
    since: datetime
    seen: datetime


class Accounts(Protocol):
    """What keeps the sessions that accounts of the issuer opened."""

    async def caller_of(self, session: str) -> Caller | None:
        """Whom the account of a session, by its id, is now; None where it is over."""


class Ended(Protocol):
    """Sessions by code that were signed out of, by their ids."""

    async def add(self, session: str, until: datetime) -> None:
        """`until`: when it would have ended by itself."""

    async def has(self, session: str) -> bool: ...


class Sessions:
    def __init__(
        self,
        secret_of: Mapping[str, bytes],
        clock: Callable[[], datetime],
        ended: Ended,
        accounts: Accounts | None = None,
    ) -> None:
        """`secret_of`: 32 bytes by the id of their master key, as `Seal` takes them; `accounts`:
        None where nobody signs in with an account."""
        self._seal = Seal(secret_of, PURPOSE)
        self._clock = clock
        self._ended = ended
        self._accounts = accounts

    def begin(self, keys: Keys, code: str) -> Session | None:
        """A new session, whatever was there before; None where the code opens nothing."""
        caller = keys.identify(code)
        return None if caller is None else self._begun(caller, digest(code))

    def begin_by_account(self, caller: Caller) -> Session:
        """The same for who signed in with the issuer."""
        return self._begun(caller, "")

    def _begun(self, caller: Caller, key_hash: str) -> Session:
        now = self._clock()
        return Session(secrets.token_urlsafe(16), caller, key_hash, now, now)

    async def of(self, request: Request) -> Session | None:
        """The session that a request comes with; None where there is none, or it is over."""
        sealed = request.cookies.get(COOKIE, "")
        content = self._seal.opened(sealed)
        if content is None:
            if sealed:
                log.info("session refused", extra={"reason": "not_sealed_here"})
            return None
        found = _session(content)
        if reason := await self._why_over(found, request.app.state.keyring):
            log.info("session refused", extra={"key": found.caller.key_id, "reason": reason})
            return None
        return found

    async def _why_over(self, found: Session, keys: Keys) -> str | None:
        now = self._clock()
        if now >= found.since + WHOLE:
            return "absolute_end"
        if now >= found.seen + IDLE:
            return "idle"
        if found.key_hash:
            caller, kind = keys.by_hash(found.key_hash), "key"
        else:
            caller, kind = await self._by_account(found), "account"
        if caller is None:
            return f"{kind}_not_valid"
        if caller != found.caller:
            return f"{kind}_changed"
        # accounts know by themselves
        is_ended = bool(found.key_hash) and await self._ended.has(found.id)
        return "signed_out" if is_ended else None

    async def _by_account(self, found: Session) -> Caller | None:
        return await self._accounts.caller_of(found.id) if self._accounts else None

    def keep(self, answer: Response, request: Request, session: Session) -> Response:
        """`answer`, which has the browser keep the session as long as it may stand idle."""
        if _is_opened_by_a_person(request):
            self.renew(answer, request, session)
        return answer

    def renew(self, answer: Response, request: Request, session: Session) -> None:
        """The same where a person is known to be there, whatever the browser says."""
        now = self._clock()
        if now - session.seen >= RENEWED_AFTER:
            self.give(answer, request, replace(session, seen=now))

    def give(self, answer: Response, request: Request, session: Session) -> None:
        answer.set_cookie(
            COOKIE,
            self._seal.sealed(_content(session)),
            max_age=int(IDLE.total_seconds()),
            httponly=True,
            # not strict: links in alerts are followed from a mailbox on another site
            samesite="lax",
            secure=request.url.scheme == "https",
        )

    async def close(self, session: Session) -> None:
        """No copy of its cookie is to open anything; for those by code. Raises
        `StoreUnavailable`."""
        await self._ended.add(session.id, session.since + WHOLE)

    @staticmethod
    def end(answer: Response) -> None:
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax")


def _content(session: Session) -> list[Any]:
    caller = session.caller
    times = (session.since.timestamp(), session.seen.timestamp())
    return [session.id, session.key_hash, caller.key_id, caller.role, caller.territory, *times]


def _session(content: Any) -> Session:
    """What was sealed here. A change of its form must change `PURPOSE`."""
    id_, key_hash, key_id, role, territory, since, seen = content
    caller = Caller(key_id, Role(role), territory, is_by_token=not key_hash)
    times = (datetime.fromtimestamp(at, UTC) for at in (since, seen))
    return Session(id_, caller, key_hash, *times)


def _is_opened_by_a_person(request: Request) -> bool:
    """What a script asks for by itself keeps no session alive; browsers say which it is."""
    return request.headers.get("sec-fetch-dest", "document") == "document"
