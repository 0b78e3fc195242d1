"""The options of `klik parked`: which messages are meant, by whom and why."""

import re
from typing import Annotated

import typer

from klik.durations import duration
from klik.parked.audit import this_user
from klik.parked.lot import Wanted
from klik.parked.view import Parked
from shared.events import EVENTS
from shared.messaging import topology
from shared.times import utc_now

#: A reason is a sentence or two.
LONGEST = 500

Id = Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")]
OneId = Annotated[str | None, typer.Option("--id", metavar="ID", help="Only the one with this id.")]
Service = Annotated[str | None, typer.Option(help="Only this service's.")]
Reason = Annotated[str | None, typer.Option(help="Only those parked for this reason.")]
Type = Annotated[
    str | None, typer.Option("--type", metavar="case.assigned", help="Only this event's.")
]
Older = Annotated[
    str | None, typer.Option("--older", metavar="2d", help="Only those parked longer ago.")
]
Newer = Annotated[
    str | None, typer.Option("--newer", metavar="6h", help="Only those parked since then.")
]
All = Annotated[bool, typer.Option("--all", help="All of them.")]
By = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who you are; else the system's user.")
]
Because = Annotated[
    str, typer.Option(metavar='"…"', help="Why; it is kept. No names of requesters.")
]


def select(
    service: str | None,
    id_: str | None,
    reason: str | None = None,
    kind: str | None = None,
    older: str | None = None,
    newer: str | None = None,
) -> Wanted:
    """Which messages are meant; ends the command where an option cannot be."""
    expect_service(service)
    types = {event.type() for event in EVENTS if kind in (event.name, event.type())}
    if kind is not None and not types:
        # a type from the future is parked because nobody here knows it
        types = {kind, f"klikdesa.{kind}.v1"}
    now = utc_now()
    before = now - duration(older, "--older") if older else None
    since = now - duration(newer, "--newer") if newer else None

    def wanted(one: Parked) -> bool:
        return (
            service in (None, one.service)
            and id_ in (None, one.id)
            and reason in (None, one.reason)
            and (kind is None or one.type in types)
            and (before is None or (one.at is not None and one.at < before))
            and (since is None or (one.at is not None and one.at >= since))
        )

    return wanted


def expect_service(service: str | None) -> None:
    if service is not None and service not in topology.SERVICES:
        raise typer.BadParameter(f"one of {', '.join(topology.SERVICES)}", param_hint="--service")


def expect_choice(*choices: object) -> None:
    if not any(choices):
        which = "--id, --service, --reason, --type, --older, --newer or --all"
        raise typer.BadParameter(f"say which: {which}")


def expect_because(because: str) -> str:
    text = because.strip()
    if not text or len(text) > LONGEST or not text.isprintable():
        raise typer.BadParameter(
            f"say why, in up to {LONGEST} letters on one line", param_hint="--because"
        )
    return text


def expect_user(by: str | None) -> str:
    who = (by if by is not None else this_user() or "").strip()
    if not re.fullmatch(r"[\w.@ -]{1,64}", who):
        raise typer.BadParameter("say who you are: a name of up to 64 letters", param_hint="--by")
    return who
