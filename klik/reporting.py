"""`klik reporting`: what is derived from the event log, made anew and proved."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from klik.seed import seed as fill
from services.reporting.generations import Generations
from services.reporting.log import EventLog, open_log
from services.reporting.office import Office
from services.reporting.rebuild import Verdict
from services.reporting.rebuild import rebuild as build_anew
from services.reporting.rebuild import verify as prove
from services.reporting.settings import ReportingSettings
from shared.errors import KlikError
from shared.mongo import Database
from shared.times import utc_now

app = typer.Typer(no_args_is_help=True, help="Reports: rebuilt from the event log, and verified.")
console = Console()


@app.command()
def rebuild() -> None:
    """Derive everything anew from the event log, by today's calendar; readers notice nothing."""

    async def act(log: EventLog, generations: Generations) -> int:
        with Bars() as bars:
            built = await build_anew(log, generations, bars.step)
        console.print(f"generation {built.generation.number}, calendar {built.version}")
        return 0

    _run(act)


@app.command()
def verify() -> None:
    """Prove that what is read is what follows from the event log: two hashes, and every cube."""

    async def act(log: EventLog, generations: Generations) -> int:
        live = await generations.live()
        if live is None:
            console.print("Nothing has been counted yet.")
            return 0
        with Bars() as bars:
            verdict = await prove(log, live, bars.step)
        _show(verdict)
        if await generations.newest_calendar() != live.version:
            console.print("The calendar has changed since: klik reporting rebuild takes it up.")
        return 0 if verdict.holds else 1

    _run(act)


def seed(
    consultations: Annotated[int, typer.Option(min=1, help="How many.")] = 10_000,
    number: Annotated[int, typer.Option("--seed", help="The same ones for the same.")] = 1,
    year: Annotated[int, typer.Option(help="In which they were submitted.")] = 2026,
) -> None:
    """Fill reporting's event log with invented consultations of a year. For measurements."""

    async def act(log: EventLog, generations: Generations) -> int:
        await log.prepare()
        with Bars() as bars:
            await fill(log, generations, consultations, number, year, bars.step)
        return 0

    _run(act)


def _show(verdict: Verdict) -> None:
    console.print(f"from the log  {verdict.log}  ({verdict.rows_of_log} consultations)")
    console.print(f"as reported   {verdict.live}  ({verdict.rows_live} consultations)")
    for key in verdict.wrong_cubes:
        console.print(f"differs from its parts: {key}")
    console.print("the same" if verdict.holds else "NOT the same: klik reporting rebuild")


class Bars(Progress):
    """A bar for each thing that is done, as it is told of."""

    def __init__(self) -> None:
        super().__init__(
            TextColumn("{task.description:>16}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=console,
        )
        self._known: dict[str, TaskID] = {}

    def step(self, what: str, done: int, total: int) -> None:
        if what not in self._known:
            self._known[what] = self.add_task(what, total=total)
        self.update(self._known[what], completed=done, total=total)


def _run(act: Any) -> None:
    settings = ReportingSettings.load()

    async def go() -> int:
        database = Database(
            settings.mongo_dsn, f"{settings.mongo_prefix}_reporting", settings.mongo_driver
        )
        office = Office(settings.routing_url, settings.intake_key.get_secret_value().strip())
        try:
            log = open_log(database, utc_now)
            work: Coroutine[Any, Any, int] = act(log, Generations(database, office))
            return await work
        except KlikError as error:
            console.print(str(error))
            return 1
        finally:
            await office.close()
            await database.close()

    raise typer.Exit(asyncio.run(go()))
