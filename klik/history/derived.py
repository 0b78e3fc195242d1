"""What is derived from reporting's event log: made anew, proved, and filled for measurements."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from rich.console import Console

from klik.bars import Bars
from klik.history.seed import seed as fill
from services.reporting.events.log import EventLog, open_log
from services.reporting.projection.generations import Generations
from services.reporting.projection.rebuild import rebuild as build_anew
from services.reporting.projection.verify import Verdict
from services.reporting.projection.verify import verify as prove
from services.reporting.settings import ReportingSettings
from shared.errors import KlikError
from shared.storage.mongo import Database
from shared.times import utc_now
from shared.working_calendar import Office

console = Console()


def rebuild() -> int:
    """The command's exit code, as of the others."""

    async def act(log: EventLog, generations: Generations) -> int:
        with Bars(console) as bars:
            built = await build_anew(log, generations, bars.step)
        console.print(f"generation {built.generation.number}, calendar {built.calendar_version}")
        return 0

    return with_log(act)


def verify() -> int:
    """1 where what is read is not what follows from the log."""

    async def act(log: EventLog, generations: Generations) -> int:
        live = await generations.live()
        if live is None:
            console.print("Nothing has been counted yet.")
            return 0
        with Bars(console) as bars:
            verdict = await prove(log, live, bars.step)
        _show(verdict)
        if not await generations.has_todays_calendar(live):
            console.print("The calendar has changed since: klik reporting rebuild takes it up.")
        return 0 if verdict.holds else 1

    return with_log(act)


def seed(consultations: int, number: int, year: int) -> int:
    """Invented consultations of one year; the same ones for the same `number`."""

    async def act(log: EventLog, generations: Generations) -> int:
        await log.prepare()
        with Bars(console) as bars:
            await fill(log, generations, consultations, number, year, bars.step)
        return 0

    return with_log(act)


def _show(verdict: Verdict) -> None:
    console.print(f"from the log  {verdict.log}  ({verdict.rows_of_log} consultations)")
    console.print(f"as reported   {verdict.live}  ({verdict.rows_live} consultations)")
    for key in verdict.wrong_cubes:
        console.print(f"differs from its parts: {key}")
    console.print("the same" if verdict.holds else "NOT the same: klik reporting rebuild")


def with_log(act: Any) -> int:
    """`act` on reporting's event log and what is derived from it; its exit code."""
    settings = ReportingSettings.load_beside()

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

    return asyncio.run(go())
