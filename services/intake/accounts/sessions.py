"""Sessions that accounts opened: kept here, so that the issuer is asked again who somebody is.

A role that is taken away, or an account that is closed, ends the session within `CHECKED_EVERY`.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.intake.accounts.issuer import Account, Issuer, IssuerUnavailable, NotAdmitted
from shared.web.pages.sessions import WHOLE
from shared.web.permissions import Caller

log = logging.getLogger(__name__)

#: After so long the issuer is asked again; sooner where its word ends sooner.
CHECKED_EVERY = timedelta(minutes=5)
#: Not sooner than this, whatever it says: its clock may be behind ours.
CHECKED_AT_MOST_EVERY = timedelta(seconds=30)
#: How long its word is believed at most where it gives no refresh token to ask by.
UNCHECKED = timedelta(hours=1)
#: How long a session goes on while the issuer does not answer.
UNANSWERED = timedelta(minutes=30)
#: How long one request may take to ask; others, in any replica, do not ask meanwhile.
ASKING = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one session."""

    caller: Caller
    refresh_token: str
    good_until: datetime
    """When the issuer is to be asked again."""


class AccountsStore(Protocol):
    """Sessions by their id, which is not kept as it is."""

    async def add(self, session: str, kept: Kept, until: datetime) -> None:
        """`until`: when it is over in any case."""

    async def get(self, session: str) -> Kept | None: ...
    async def claim(self, session: str, now: datetime, until: datetime) -> bool:
        """Whether the issuer is to be asked now, and by whoever claims it; nobody else is told so
        before `until`."""

    async def renew(self, session: str, refresh_token: str, good_until: datetime) -> None: ...
    async def remove(self, session: str) -> None: ...


class AccountSessions:
    def __init__(self, issuer: Issuer, store: AccountsStore, clock: Callable[[], datetime]) -> None:
        self._issuer = issuer
        self._store = store
        self._clock = clock

    async def begin(self, session: str, account: Account) -> None:
        """`session`: its id."""
        now = self._clock()
        kept = Kept(account.caller, account.refresh_token, self._good_until(account, now))
        await self._store.add(session, kept, now + WHOLE)

    async def caller_of(self, session: str) -> Caller | None:
        """Whom the account is; None where the session is over."""
        kept, now = await self._store.get(session), self._clock()
        if kept is None:
            return None
        if now < kept.good_until:
            return kept.caller
        if kept.refresh_token and now < kept.good_until + UNANSWERED:
            if not await self._store.claim(session, now, now + ASKING):
                return kept.caller  # somebody else is asking, or has just asked
            return await self._asked(session, kept)
        await self._over(session, kept, "nobody_to_ask")
        return None

    async def end(self, session: str) -> None:
        """However many browsers have its cookie."""
        await self._store.remove(session)

    async def _asked(self, session: str, kept: Kept) -> Caller | None:
        try:
            id_token, refresh_token = await self._issuer.refreshed(kept.refresh_token)
            # at once: the one before may be of no use any more
            await self._store.renew(session, refresh_token, kept.good_until)
            account = await self._issuer.again(id_token, refresh_token)
        except IssuerUnavailable:
            return kept.caller  # nothing speaks against it; asked again once `ASKING` is over
        except NotAdmitted as error:
            await self._over(session, kept, error.why)
            return None
        if account.caller != kept.caller:
            await self._over(session, kept, "changed")
            return None
        good_until = self._good_until(account, self._clock())
        await self._store.renew(session, refresh_token, good_until)
        return account.caller

    async def _over(self, session: str, kept: Kept, reason: str) -> None:
        log.info("account's session over", extra={"key": kept.caller.key_id, "reason": reason})
        await self._store.remove(session)

    @staticmethod
    def _good_until(account: Account, now: datetime) -> datetime:
        believed = CHECKED_EVERY if account.refresh_token else UNCHECKED
        return max(min(account.expires_at, now + believed), now + CHECKED_AT_MOST_EVERY)
