"""What a request leaves in the audit: who was let in opens a trail, and the answer ends it.

`authorize` opens it and the middleware ends it, so that a route has nothing to do but to name the
consultations that its path does not; one that changes something begins it (`changes.py`). One
request has one trail, in a context variable.
"""

import re
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import Any, Protocol
from uuid import UUID

from shared.audit.chain import Entry
from shared.audit.operations import AT_TIMES, CHANGES, READS
from shared.times import utc_now

RECORDED = READS | CHANGES | AT_TIMES
BEGUN = "begun"
#: Of reads, answers that showed nothing are left out, but for these: somebody was turned away. That
#: waits for no store.
TURNED_AWAY = frozenset({403, 404})
#: What a request is about, as a path may say it; anything else is not written down.
_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")

#: Paths with a ticket; the consultation itself is written down.
_OF_A_TICKET = ("/v1/track", "/lacak")
#: Paths with the id of one.
_OF_A_CONSULTATION = ("/consultations/{id}", "/satgas/{id}")

_current: ContextVar["Trail | None"] = ContextVar("audit_trail", default=None)


class Audit(Protocol):
    """Where entries are kept."""

    async def record(self, entry: Entry) -> None:
        """Returns once it is on disk. Raises `StoreUnavailable`."""

    def note(self, entry: Entry) -> None:
        """At once, and on disk soon, where there is a store."""

    def source(self, host: str | None) -> str | None:
        """What stands for where a request came from."""


class Trail:
    """Of one request, whoever is calling."""

    def __init__(
        self,
        audit: Audit,
        scope: Mapping[str, Any],
        key: str,
        role: str,
        territory: str | None,
        operation: str,
    ) -> None:
        self._audit = audit
        self._key, self._role, self._territory = key, role, territory
        self._what = operation
        self._source = audit.source(scope["client"][0] if scope.get("client") else None)
        self._is_change = self._what in CHANGES
        self._is_wanted = self._what not in AT_TIMES
        self._about: str | None = None
        self._consultations: tuple[str, ...] = ()
        self._look_at(scope["route"].path, scope.get("path_params", {}))

    def _look_at(self, route: str, named: Mapping[str, Any]) -> None:
        for value in map(str, named.values()):
            if any(one in route for one in _OF_A_CONSULTATION):
                self._consultations = (str(UUID(value)),) if _is_uuid(value) else ()
            elif _CODE.fullmatch(value) and not route.startswith(_OF_A_TICKET):
                self._about = value

    def saw(self, consultations: Iterable[object]) -> None:
        self._consultations = tuple(map(str, consultations))

    def want(self) -> None:
        self._is_wanted = True

    async def begin(self) -> None:
        """Before a change is made: what was begun and not ended was interrupted."""
        if self._is_change:
            await self._audit.record(self._entry(BEGUN))

    async def end(self, status: int) -> None:
        """Before the answer is sent. Raises `StoreUnavailable`: then it must not be."""
        if not self._is_wanted or status >= 500:
            return
        if status < 400:
            await self._audit.record(self._entry(str(status)))
        elif self._is_change or status in TURNED_AWAY:
            self._audit.note(self._entry(str(status)))

    def _entry(self, outcome: str) -> Entry:
        return Entry(
            at=utc_now(),
            key=self._key,
            role=self._role,
            what=self._what,
            outcome=outcome,
            consultations=self._consultations,
            territory=self._territory,
            about=self._about,
            source=self._source,
        )


def clear() -> None:
    """At the start of a request."""
    _current.set(None)


def current() -> Trail | None:
    return _current.get()


def open_trail(
    scope: Mapping[str, Any],
    key: str,
    role: str,
    territory: str | None = None,
    operation: str | None = None,
) -> None:
    """For the request of `scope`, where its operation leaves one: the route's own, or `operation`
    where it is a page that carries that out."""
    audit: Audit | None = scope["app"].state.audit
    what: str = operation or scope["route"].name
    if audit is not None and what in RECORDED:
        _current.set(Trail(audit, scope, key, role, territory, what))


def saw(consultations: Iterable[object]) -> None:
    """The request under way shows these, by their ids."""
    if (trail := _current.get()) is not None:
        trail.saw(consultations)


async def begin() -> None:
    """The change that is asked for is about to be made."""
    if (trail := _current.get()) is not None:
        await trail.begin()


async def end(status: int) -> None:
    """Of a part of the request under way, which goes on with another operation."""
    if (trail := _current.get()) is not None:
        await trail.end(status)


def carries_away() -> None:
    """The request under way is to be written down, though others of its operation are not."""
    if (trail := _current.get()) is not None:
        trail.want()


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
