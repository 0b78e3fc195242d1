"""`klik parked`: messages put aside, listed, shown, replayed and discarded."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from klik.parked.audit import Audit, outcome
from klik.parked.lot import ParkingLot
from klik.parked.options import (
    All,
    Because,
    By,
    Id,
    Newer,
    Older,
    OneId,
    Reason,
    Service,
    Type,
    expect_because,
    expect_choice,
    expect_service,
    expect_user,
    select,
)
from klik.parked.printing import console, print_line, print_table, when
from klik.parked.session import audited, in_lot
from klik.parked.view import UNKNOWN, Parked
from shared.settings import Connections
from shared.times import utc_now

app = typer.Typer(no_args_is_help=True, help="Messages put aside, with the reason.")


@app.command("list")
def list_parked(
    service: Service = None,
    reason: Reason = None,
    kind: Type = None,
    older: Older = None,
    newer: Newer = None,
    limit: Annotated[int, typer.Option(min=1, help="How many are shown.")] = 100,
) -> None:
    """List parked messages, the oldest first, and how many there are of which kind."""
    wanted = select(service, None, reason, kind, older, newer)
    found = in_lot(lambda lot: lot.look(wanted))
    if not found:
        console.print("Nothing is parked.")
        return
    found.sort(key=lambda one: (one.at is None, one.at or utc_now()))
    print_table(
        ("service", "id", "type", "reason", "attempts", "parked", "error"),
        [
            (
                one.service,
                one.id,
                one.type,
                one.reason,
                str(one.attempts),
                when(one.at),
                one.error,
            )
            for one in found[:limit]
        ],
    )
    if len(found) > limit:
        console.print(f"… and {len(found) - limit} more: narrow it down, or --limit {len(found)}")
    for (of, why), number in sorted(Counter((one.service, one.reason) for one in found).items()):
        console.print(f"{number:>6} {of} {why}", highlight=False)


@app.command("show")
def show(
    id: Id,
    service: Service = None,
    raw: Annotated[
        bool, typer.Option(help="Everything, as it came. Needs --because and is written down.")
    ] = False,
    because: Because = "",
    by: By = None,
) -> None:
    """Show one parked message: its headers, and the fields of its event, without private data."""
    who, why = (expect_user(by), expect_because(because)) if raw else ("", "")
    wanted = select(service, id)
    found = in_lot(lambda lot: lot.look(wanted))
    _expect_some(found)
    if raw:
        audited(who, why, lambda audit: _note_shown(audit, found))
        typer.echo("RAW: may hold private data. It is written down that you saw it.", err=True)
    for one in found:
        print_line(f"{one.service}  {one.type}  {one.reason}: {one.error}")
        print_line(
            f"consultation {one.consultation}, attempts {one.attempts}, parked {when(one.at)}"
        )
        lines = [*one.shown_headers(), *one.shown_body()] if not raw else _raw(one)
        for name, value in lines:
            print_line(f"  {name}: {value}")


@app.command("replay")
def replay(
    service: Service = None,
    id: OneId = None,
    reason: Reason = None,
    kind: Type = None,
    older: Older = None,
    newer: Newer = None,
    all: All = False,
    rate: Annotated[float, typer.Option(min=0.1, max=1000, help="At most so many a second.")] = 50,
    by: By = None,
) -> None:
    """Send parked messages back to their queue, with a fresh count of attempts.

    Ctrl-C ends it between two messages; the rest stays parked.
    """
    expect_choice(service, id, reason, kind, older, newer, all)
    wanted = select(service, id, reason, kind, older, newer)
    done: list[Parked] = []

    async def act(lot: ParkingLot, audit: Audit) -> list[Parked]:
        await lot.replay(wanted, audit=audit, rate=rate, told=done.append)
        return await lot.look(wanted)

    left = _take("replayed", done, expect_user(by), "", act)
    if left:
        console.print(f"still parked: {len(left)}; they have failed again, or are doubles")


@app.command("discard")
def discard(
    because: Because = "",
    service: Service = None,
    id: OneId = None,
    reason: Reason = None,
    kind: Type = None,
    older: Older = None,
    newer: Newer = None,
    all: All = False,
    by: By = None,
) -> None:
    """Throw parked messages away, for good; `klik parked audit` keeps what they were, and why."""
    expect_choice(service, id, reason, kind, older, newer, all)
    wanted = select(service, id, reason, kind, older, newer)
    why = expect_because(because)
    done: list[Parked] = []

    async def act(lot: ParkingLot, audit: Audit) -> list[Parked]:
        return await lot.discard(wanted, audit=audit, told=done.append)

    _take("discarded", done, expect_user(by), why, act)


@app.command("audit")
def show_audit(
    id: Annotated[str | None, typer.Option("--id", metavar="ID", help="Of this message.")] = None,
    service: Service = None,
    action: Annotated[str | None, typer.Option(help="replay, discard or show_raw.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many are shown.")] = 50,
) -> None:
    """List what was done with parked messages, the newest first."""
    expect_service(service)
    given = {"message": id, "service": service, "action": action}
    wanted = {name: value for name, value in given.items() if value is not None}
    entries = audited("", "", lambda audit: audit.newest(limit, **wanted))
    if not entries:
        console.print("Nothing was done so far.")
        return
    print_table(
        ("when", "who", "what", "service", "id", "type", "reason", "because", "sha256"),
        [
            (
                when(one["at"]),
                one["by"],
                f"{one['action']} {outcome(one)}",
                one["service"],
                one["message"],
                one["type"],
                one["reason"],
                one["because"] or UNKNOWN,
                one["sha256"][:12],
            )
            for one in entries
        ],
    )


def _take(
    what: str,
    done: list[Parked],
    by: str,
    because: str,
    act: Callable[[ParkingLot, Audit], Awaitable[list[Parked]]],
) -> list[Parked]:
    """Do it, and say how far it came, also where it was broken off."""

    async def go(audit: Audit) -> list[Parked]:
        async with ParkingLot.open(Connections.load_beside().amqp_dsn) as lot:
            return await act(lot, audit)

    try:
        left = audited(by, because, go)
    except BaseException:
        typer.echo(f"{what}: {len(done)}, then it was broken off; the rest is parked", err=True)
        raise
    _expect_some(done)
    console.print(f"{what}: {len(done)}")
    return left


async def _note_shown(audit: Audit, found: list[Parked]) -> None:
    for one in found:
        await audit.done(await audit.begin("show_raw", one))


def _expect_some(found: list[Parked]) -> None:
    if not found:
        console.print("No such message is parked.")
        raise typer.Exit(1)


def _raw(one: Parked) -> list[tuple[str, str]]:
    headers = [(name, repr(value)) for name, value in one.headers.items()]
    return [*headers, ("body", one.body.decode("utf-8", "backslashreplace"))]
