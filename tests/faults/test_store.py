"""The store restarts, freezes, and has no room left."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest

from klik.nodes import NodeUnavailable
from tests.backends import unavailable
from tests.builders import a_post
from tests.faults.injections import frozen, killed
from tests.faults.results import note
from tests.faults.town import Town, standing_town
from tests.system import until

pytestmark = pytest.mark.integration

#: Of the small disk: room for a new store and some work, in megabytes.
DISK = 400


@pytest.mark.short
@pytest.mark.fault(20, "the store is killed under load and starts 10 s later")
async def test_store_restart_under_load(town: Town) -> None:
    load = town.load(150, rate=15)
    await load.half()
    async with killed(town, town.system.store):
        await asyncio.sleep(1)  # until nobody answers from memory
        reply = await town.system.post(a_post(), key="selama-mati")
        assert reply.status_code == 503, "never a 202 without a journaled write"
        assert int(reply.headers["Retry-After"]) > 0
        await asyncio.sleep(9)  # an outage has a length
    outcome = await town.settle(load)
    assert outcome.parked == 0, "consumers hold their messages"


@pytest.mark.fault(21, "the store freezes (SIGSTOP) for 20 s under load")
async def test_store_frozen(town: Town) -> None:
    """Whoever waits is told within the time limit of an operation, and may send again."""
    load = town.load(200, rate=20)
    await load.half()
    async with frozen(town, town.system.store):
        await asyncio.sleep(20)  # longer than every time limit
    outcome = await town.settle(load)
    assert outcome.parked == 0
    assert load.slowest < 20, "a post that could not be kept was answered long before"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Where the store of a town keeps its files: a disk that can be filled."""
    folder = tmp_path / "store"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        unavailable("a disk to fill takes root, and the right to mount")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
async def cramped(
    request: pytest.FixtureRequest, tmp_path: Path, small_disk: Path
) -> AsyncGenerator[Town, None]:
    """A town of its own, on that disk."""
    try:
        async with standing_town(tmp_path) as town:
            began = time.monotonic()
            yield town
            note(request, time.monotonic() - began, town)
    except NodeUnavailable as missing:
        unavailable(str(missing))


@pytest.mark.fault(23, "the store's disk is full")
async def test_disk_full(cramped: Town, small_disk: Path) -> None:
    """A store may end on a full disk; whoever starts it again has made room before."""
    town = cramped
    await town.settle(town.load(20, rate=20))
    ballast = small_disk / "ballast"
    _fill(ballast)
    load = town.load(60, rate=20)

    async def refused() -> bool:
        return load.refused["503"] > 0

    await until(refused, 60.0, "intake to say 503")
    ballast.unlink()
    if not town.system.store.running:
        await asyncio.to_thread(town.system.store.start)
    town.healed()
    await town.settle(load)


def _fill(file: Path) -> None:
    with file.open("wb") as ballast:
        try:
            while True:
                ballast.write(bytes(2**16))
                ballast.flush()
        except OSError:
            return
