"""What operators do, written into the audit before it is done, and again with its outcome."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer

from klik.audit.chains import OPERATORS, open_chain
from klik.parked.audit import this_user
from shared.audit.chain import Entry
from shared.audit.log import AuditLog
from shared.audit.trail import BEGUN
from shared.errors import StoreUnavailable
from shared.settings import Connections
from shared.times import utc_now

OPERATOR = "operator"
DONE, FAILED = "done", "failed"


def entry(
    what: str, outcome: str, consultations: Iterable[object] = (), about: str | None = None
) -> Entry:
    return Entry(
        at=utc_now(),
        key=this_user() or OPERATOR,
        role=OPERATOR,
        what=what,
        outcome=outcome,
        consultations=tuple(map(str, consultations)),
        about=about,
    )


@dataclass(frozen=True, slots=True)
class Deeds:
    """Of one command, in a chain that is open."""

    audit: AuditLog
    what: str

    async def tell(self, outcome: str, consultations: Iterable[object] = ()) -> None:
        """Raises `StoreUnavailable`: then it must not be done."""
        await self.audit.record(entry(self.what, outcome, consultations))


@contextmanager
def key_change(what: str, about: str) -> Iterator[None]:
    """A change of the keyring, which is a file: where the database is away it is made all the
    same, for a key in wrong hands cannot wait, and that nothing was written down is said."""
    connections = Connections.beside_if_known()
    _tell(connections, entry(what, BEGUN, about=about))
    try:
        yield
    except BaseException:
        _tell(connections, entry(what, FAILED, about=about))
        raise
    _tell(connections, entry(what, DONE, about=about))


def _tell(connections: Connections | None, one: Entry) -> None:
    async def go(known: Connections) -> None:
        async with open_chain(known, OPERATORS) as audit:
            await audit.record(one)

    try:
        if connections is not None:
            asyncio.run(go(connections))
            return
        why = "it is not known of which system this is"
    except StoreUnavailable:
        why = "the database does not answer"
    if one.outcome == BEGUN:
        typer.echo(f"Not in the audit: {why}.", err=True)
