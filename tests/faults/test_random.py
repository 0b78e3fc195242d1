"""Faults and load mixed by a seed: `make faults ARGS="--random --minutes 10 --seed 7"`."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from random import Random, SystemRandom

import pytest
from rich.console import Console

from klik.local.processes import ServiceProcess
from tests.faults.rig.injections import (
    alarm,
    close_all_connections,
    cut_off,
    dead,
    failing_mail,
    frozen,
    half_open,
    killed,
    rolling_restart,
    slow,
    stopped,
)
from tests.faults.rig.town import Town

pytestmark = pytest.mark.integration

#: Posts, and how many a second; the load of one fault.
POSTS, RATE = (20, 120), (5.0, 20.0)
#: Seconds that a fault lasts, and until the next one begins.
LASTS, BETWEEN = (0.5, 12.0), (0.0, 4.0)
#: Faults after which everything has to be quiet and whole, before the next ones.
SETTLE_AFTER = 5
#: Seconds to become quiet after several of them.
WITHIN = 150.0

Lasting = Callable[[Town, Random], AbstractAsyncContextManager[None]]

LASTING: dict[str, Lasting] = {
    "RabbitMQ killed": lambda town, _: killed(town, town.system.rabbit),
    "RabbitMQ stopped": lambda town, _: stopped(town, town.system.rabbit),
    "RabbitMQ frozen": lambda town, _: frozen(town, town.system.rabbit),
    "RabbitMQ blocks": lambda town, _: alarm(town, "set_vm_memory_high_watermark", "0.00001"),
    "store killed": lambda town, _: killed(town, town.system.store),
    "store frozen": lambda town, _: frozen(town, town.system.store),
    "a process killed": lambda town, chance: dead(town, one_of(town, chance)),
    "a process frozen": lambda town, chance: frozen(town, one_of(town, chance)),
    "a process cut off": lambda town, chance: cut_off(town, one_of(town, chance)),
    "a process half open": lambda town, chance: half_open(town, one_of(town, chance)),
    "a slow network": lambda town, chance: slow(town, chance.uniform(0.01, 0.2), 0.05),
    "a failing mail server": lambda town, chance: failing_mail(town, chance.uniform(0.2, 1)),
}


def one_of(town: Town, chance: Random) -> ServiceProcess:
    return chance.choice(town.system.processes())


@pytest.mark.fault(0, "faults and load mixed by a seed")
async def test_random(town: Town, request: pytest.FixtureRequest) -> None:
    seed = request.config.option.seed
    seed = SystemRandom().randrange(10**6) if seed is None else seed
    console = Console()
    console.print(f"\nseed {seed}: replay it with --random --seed {seed}")
    chance, until = Random(seed), time.monotonic() + 60 * request.config.option.minutes  # noqa: S311
    number = 0
    while time.monotonic() < until:
        loads = []
        for _ in range(SETTLE_AFTER):
            number += 1
            loads.append(
                town.load(chance.randint(*POSTS), chance.uniform(*RATE), f"{seed}.{number}")
            )
            await one_fault(town, chance, console)
            await asyncio.sleep(chance.uniform(*BETWEEN))
        outcome = await town.settle(*loads, within=WITHIN)
        console.print(f"  quiet and whole after {outcome.recovery:.1f} s: {outcome}")
        assert outcome.parked == 0


async def one_fault(town: Town, chance: Random, console: Console) -> None:
    """One of them, for a while; the choice and its length come from the seed."""
    name = chance.choice([*LASTING, "all connections closed", "a rolling restart"])
    lasts = chance.uniform(*LASTS)
    own = Random(chance.getrandbits(64))  # noqa: S311
    if name == "all connections closed":
        console.print(f"  {name}")
        await close_all_connections(town)
    elif name == "a rolling restart":
        console.print(f"  {name}")
        assert set(await rolling_restart(town, [own.choice(list(town.system.services))])) == {0}
    else:
        console.print(f"  {name} for {lasts:.1f} s")
        async with LASTING[name](town, own):
            await asyncio.sleep(lasts)
