"""The whole system against who asks too much, too slowly, or for what is not to be seen."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from klik.nodes import NodeUnavailable
from tests.support.backends import unavailable
from tests.support.builders import a_post
from tests.support.system import System, running_system, until

pytestmark = pytest.mark.integration

BURST = 40
SLOW_CLIENTS = 1000


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[System, None]:
    env = {"KLIK_LIMIT_POSTS_BY_KEY": f"0.5/{BURST}"}
    folder = tmp_path_factory.mktemp("withstanding")
    try:
        async with running_system(folder, env, intake=2) as system:
            yield system
    except NodeUnavailable as missing:
        unavailable(str(missing))


def secrets_of(folder: Path) -> set[str]:
    """Every value in the secrets folder that is long enough to be one."""
    keys: dict[str, str] = json.loads((folder / "keys.json").read_text())
    kept = [file for file in folder.rglob("*") if file.is_file() and file.name != "keys.json"]
    files = [file.read_text().strip() for file in kept]
    parts = {part for text in files for part in text.replace(":", ",").split(",")}
    return {text for text in {*keys.values(), *files, *parts} if len(text) >= 20}


def command_lines() -> list[str]:
    """Those of all processes of this host."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found.append((process / "cmdline").read_bytes().decode(errors="replace"))
    return found


def core_limit(pid: int | None) -> list[str]:
    """Soft and hard, in bytes."""
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    (core,) = (line.split() for line in lines if line.startswith("Max core file size"))
    return core[4:6]


async def test_secrets_are_in_no_command_line_when_the_system_runs(system: System) -> None:
    secrets, typed = secrets_of(system.folder / "secrets"), command_lines()
    assert len(secrets) > len(system.keys)
    assert sum("services.intake" in line for line in typed) >= 2
    assert [secret for secret in secrets for line in typed if secret in line] == []


async def test_services_write_no_core_dump_when_they_crash(system: System) -> None:
    limits = {process.name: core_limit(process.pid) for process in system.processes()}
    assert set(map(tuple, limits.values())) == {("0", "0")}, limits


async def test_posts_are_taken_when_a_thousand_requests_are_half_sent(system: System) -> None:
    intake = system.services["intake"][0]
    opened: list[asyncio.StreamWriter] = []
    try:
        for _ in range(SLOW_CLIENTS):
            _, writer = await asyncio.open_connection("127.0.0.1", intake.port)
            opened.append(writer)
            writer.write(b"POST /v1/consultations HTTP/1.1\r\nHost: x\r\nX-Pelan: ")
        for _ in range(10):
            assert (await system.post(a_post())).status_code == 202
    finally:
        for writer in opened:
            writer.transport.abort()


async def test_posts_of_a_key_are_refused_by_both_replicas_when_one_took_them(
    system: System,
) -> None:
    statuses = [
        (await system.post(a_post(), replica=number % 2)).status_code for number in range(150)
    ]
    assert set(statuses) == {202, 429}
    # at most what is written down, with 10 that were taken before and a minute that passes
    assert statuses.count(202) <= 2 * (1.1 * BURST + 0.5) + 30

    async def both_refuse() -> bool:
        replies = [await system.post(a_post(), replica=number) for number in (0, 1)]
        return [reply.status_code for reply in replies] == [429, 429]

    await until(both_refuse, 10, "both replicas to know")
    # another key is let in
    items = [a_post() for _ in range(5)]
    url = system.url("intake") + "/v1/consultations:batch"
    batch = await system.http.post(url, json={"items": items}, headers=system.bearer("admin"))
    assert batch.status_code == 207
    assert all("ticket" in result for result in batch.json()["results"])
