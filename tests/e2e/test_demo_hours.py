"""The demo where a mail server is set: what waits for the morning, and what reaches nobody."""

import dataclasses
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from klik.local.demo import Addresses, demo, samples
from klik.nodes import NodeUnavailable, free_port
from shared.times import WITA, local, utc_now
from tests.support.backends import unavailable
from tests.support.system import System, running_system

pytestmark = pytest.mark.integration

NUMBER = len(samples())


def until_night() -> float:
    """Seconds from now until officers are asleep."""
    now = local(utc_now())
    night = datetime.combine(now.date(), time(22), WITA)
    return ((night - now) % timedelta(days=1)).total_seconds()


@asynccontextmanager
async def at_night(folder: Path, **channel: str) -> AsyncGenerator[System, None]:
    """With a channel whose server is not there: nobody is to be told before the morning."""
    env = {"KLIK_CLOCK_SHIFT": str(until_night()), **channel}
    try:
        async with running_system(folder, env) as system:
            yield system
    except NodeUnavailable as missing:
        unavailable(str(missing))


async def shown(system: System) -> tuple[bool, str, list[int]]:
    """Whether the demo held, what it printed, and the numbers of the last line."""
    names = [field.name for field in dataclasses.fields(Addresses)]
    addresses = Addresses(**{name: system.url(name) for name in names})
    console = Console(record=True, width=120)
    done = await demo(addresses, system.keys, console)
    text = console.export_text()
    total = next((line for line in text.splitlines() if "total" in line), "")
    return done, text, [int(one) for one in total.replace("│", " ").split()[1:]]


async def test_demo_counts_what_waits_when_officers_are_told_in_the_morning(
    tmp_path: Path,
) -> None:
    mail = {"KLIK_SMTP_HOST": "127.0.0.1", "KLIK_SMTP_PORT": str(free_port())}
    async with at_night(tmp_path, **mail) as system:
        done, text, total = await shown(system)
    assert done, text
    assert "waits: officers are told in office hours, the first at " in text
    assert total[-2:] == [NUMBER, NUMBER], "waits, counted"


async def test_demo_says_why_when_no_address_fits_the_channel(tmp_path: Path) -> None:
    """The officers that there are at first have e-mail addresses only."""
    bot = {
        "KLIK_TELEGRAM_TOKEN": "1:a",
        "KLIK_TELEGRAM_URL": f"http://127.0.0.1:{free_port()}",
    }
    async with at_night(tmp_path, **bot) as system:
        done, text, total = await shown(system)
    assert done, text
    assert "not told: no_address" in text
    assert total[-2:] == [NUMBER, NUMBER], "not told, counted"
