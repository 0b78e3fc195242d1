"""What the commands work with, opened and closed; and what they say where it does not answer."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NoReturn, TypeVar

import typer

from klik.parked.audit import Audit, open_audit, open_database
from klik.parked.lot import ParkingLot
from shared.errors import KlikError, StoreUnavailable
from shared.settings import Connections

T = TypeVar("T")

#: The exit code of what Ctrl-C ended.
INTERRUPTED = 130


def audited(by: str, because: str, act: Callable[[Audit], Coroutine[Any, Any, T]]) -> T:
    """`act`, with the audit at hand. No audit, no deed."""

    async def go() -> T:
        database = open_database(Connections.load_beside())
        try:
            return await act(open_audit(database, by, because))
        finally:
            await database.close()

    return _run(go())


def in_lot(act: Callable[[ParkingLot], Awaitable[T]]) -> T:
    async def go() -> T:
        async with ParkingLot.open(Connections.load_beside().amqp_dsn) as lot:
            return await act(lot)

    return _run(go())


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except StoreUnavailable:
        _fail(
            "The database does not answer, and what is done to parked messages has to be written "
            "down. Is it running, and does KLIK_MONGO_URL name it?"
        )
    except KlikError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def _fail(said: str) -> NoReturn:
    typer.echo(said, err=True)
    raise typer.Exit(1)
