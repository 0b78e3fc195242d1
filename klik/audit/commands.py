"""`klik audit`: whether the audit is whole, who read a consultation, and what a key did."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
from pydantic import SecretStr

from klik.audit.chains import CHAINS, Head, Verdict, open_chains, verify
from klik.parked.printing import print_line, print_table, when
from klik.reporting import TIMES
from shared.audit.chain import Entry, Unreadable
from shared.audit.log import AuditLog, hashed_source
from shared.errors import StoreUnavailable
from shared.limits.sources import source_of
from shared.settings import Connections
from shared.times import WITA, utc_now

app = typer.Typer(no_args_is_help=True, help="Who read personal data, and who changed what.")

T = TypeVar("T")
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
#: Ids that a line of a table has room for.
MOST_SHOWN = 3
HEAD = re.compile(r"([a-z]+):([0-9]{1,12}):([0-9a-f]{64})")


class _Settings(Connections):
    audit_key: SecretStr = SecretStr("")


@app.command("verify")
def verify_chains(
    head: Annotated[
        list[str] | None,
        typer.Option(metavar="CHAIN:SEGMENT:HASH", help="From a line `audit head` of a log."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Reckon every hash of every chain anew; says which entry is not as it was written.

    A chain whose end was cut off looks whole: the log's last `audit head` shows that.
    """
    told = dict(map(_head, head or []))

    async def look() -> list[Verdict]:
        async with open_chains(Connections.load_beside()) as chains:
            return [await verify(audit, chain, told.get(chain)) for chain, audit in chains.items()]

    verdicts = _run(look())
    if as_json:
        _print_json([_verdict(one) for one in verdicts])
    for one in () if as_json else verdicts:
        state = f"{len(one.faults)} faults" if one.faults else "whole"
        print_line(
            f"{one.chain}: {one.entries} entries in {one.segments} segments, {state}, "
            f"head {one.chain}:{one.segments}:{one.head}"
        )
        for fault in one.faults:
            print_line(f"  {one.chain}, {fault}")
    raise typer.Exit(1 if any(one.faults for one in verdicts) else 0)


@app.command()
def who(
    consultation: Annotated[UUID, typer.Option(metavar="ID", help="A consultation's id.")],
    as_json: Json = False,
) -> None:
    """Who read this consultation, or changed it, in the order of time."""
    found = _search(lambda audit: audit.about(str(consultation)))
    if as_json:
        _print_json([_line(chain, entry) for chain, entry in found])
        return
    columns = ("when", "key", "role", "territory", "what", "outcome", "source", "where")
    print_table(
        columns,
        (
            (when(one.at), one.key, one.role, one.territory or "-", one.what, one.outcome,
             one.source or "-", chain)
            for chain, one in found
        ),
    )  # fmt: skip


@app.command()
def what(
    key: Annotated[str, typer.Option(help="A key's id, a token's subject, `requester`.")],
    since: Annotated[datetime, typer.Option("--from", formats=TIMES, help="From when (WITA).")],
    until: Annotated[
        datetime | None, typer.Option("--to", formats=TIMES, help="Until when; else now.")
    ] = None,
    as_json: Json = False,
    as_ids: Annotated[
        bool, typer.Option("--ids", help="The consultations alone, each once, a line each.")
    ] = False,
) -> None:
    """Whose data this key read in that time, and what it changed."""
    first = since.replace(tzinfo=WITA)
    last = until.replace(tzinfo=WITA) if until else utc_now()
    if first > last:
        raise typer.BadParameter("is after the end", param_hint="--from")
    found = _search(lambda audit: audit.by(key, first, last))
    if as_ids:
        for id_ in dict.fromkeys(id_ for _, one in found for id_ in one.consultations):
            print_line(id_)
        return
    if as_json:
        _print_json([_line(chain, entry) for chain, entry in found])
        return
    print_table(
        ("when", "what", "outcome", "of", "source", "where"),
        (
            (when(one.at), one.what, one.outcome, _of(one), one.source or "-", chain)
            for chain, one in found
        ),
    )
    consultations = {id_ for _, one in found for id_ in one.consultations}
    print_line(f"{len(found)} entries, {len(consultations)} consultations")


@app.command()
def source(
    address: Annotated[str, typer.Argument(help="An IP address.")],
) -> None:
    """What stands for this address in the column `source`: its hash under KLIK_AUDIT_KEY."""
    key = _Settings.load_beside().audit_key.get_secret_value().strip()
    if not key:
        typer.echo("There is no KLIK_AUDIT_KEY: no source was written down.", err=True)
        raise typer.Exit(1)
    if source_of(address) == "unknown":
        raise typer.BadParameter("no IP address", param_hint="ADDRESS")
    print_line(hashed_source(key.encode(), address))


def _search(
    look: Callable[[AuditLog], AsyncGenerator[Entry]],
) -> list[tuple[str, Entry]]:
    """In all chains, by time."""

    async def go() -> list[tuple[str, Entry]]:
        async with open_chains(Connections.load_beside()) as chains:
            return [
                (chain, entry) for chain, audit in chains.items() async for entry in look(audit)
            ]

    return sorted(_run(go()), key=lambda found: found[1].at)


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except StoreUnavailable:
        said = "The database does not answer. Is it running, and does KLIK_MONGO_URL name it?"
    except Unreadable:
        said = "An entry cannot be read: `klik audit verify` says which."
    typer.echo(said, err=True)
    raise typer.Exit(1)


def _head(text: str) -> tuple[str, Head]:
    found = HEAD.fullmatch(text)
    if found is None or found[1] not in CHAINS:
        raise typer.BadParameter(
            f"CHAIN:SEGMENT:HASH, CHAIN one of {', '.join(CHAINS)}", param_hint="--head"
        )
    return found[1], Head(int(found[2]), found[3])


def _of(entry: Entry) -> str:
    ids: Sequence[str] = entry.consultations
    more = [f"and {len(ids) - MOST_SHOWN} more"] if len(ids) > MOST_SHOWN else []
    return ", ".join([*filter(None, [entry.about]), *ids[:MOST_SHOWN], *more]) or "-"


def _line(chain: str, entry: Entry) -> dict[str, Any]:
    return {"where": chain, **json.loads(entry.canonical())}


def _verdict(one: Verdict) -> dict[str, Any]:
    faults = [
        {"segment": fault.segment, "entry": fault.entry, "what": fault.what} for fault in one.faults
    ]
    return {
        "chain": one.chain,
        "entries": one.entries,
        "segments": one.segments,
        "head": one.head,
        "faults": faults,
    }


def _print_json(document: Any) -> None:
    typer.echo(json.dumps(document, indent=2))
