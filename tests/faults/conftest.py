"""`make faults`: the options of the suite, the town that its tests share, and its table."""

import time
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from klik.nodes import NodeUnavailable
from tests.faults.rig.results import HELD, markdown, note, noted, table
from tests.faults.rig.town import Town, standing_town
from tests.support.backends import unavailable


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults")
    group.addoption("--random", action="store_true", help="faults and load mixed by a seed")
    group.addoption("--minutes", type=float, default=3.0, help="how long the random run takes")
    group.addoption("--seed", type=int, default=None, help="replays a random run")
    group.addoption("--backlog", type=int, default=1000, help="messages of the backlog flood")
    group.addoption("--write", metavar="FILE", help="keep the table as Markdown")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(number, text): a row of the catalogue")
    config.addinivalue_line("markers", "short: of the set that is part of `make test`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`--random` is that run and no other."""
    chosen = [item for item in items if (item.name == "test_random") == config.option.random]
    if any(item.get_closest_marker("fault") for item in items) or config.option.random:
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen


class Towns:
    """One town for all tests, and a new one after a test that left it broken."""

    def __init__(self, folder: pytest.TempPathFactory) -> None:
        self._folder = folder
        self._stack = AsyncExitStack()
        self._town: Town | None = None

    async def whole(self) -> Town:
        if self._town is None:
            folder = self._folder.mktemp("town")
            self._town = await self._stack.enter_async_context(standing_town(folder))
        return self._town

    async def abandon(self) -> None:
        self._town = None
        await self._stack.aclose()
        self._stack = AsyncExitStack()


@pytest.fixture(scope="session")
async def towns(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Towns, None]:
    towns = Towns(tmp_path_factory)
    yield towns
    await towns.abandon()


@pytest.fixture
async def town(request: pytest.FixtureRequest, towns: Towns) -> AsyncGenerator[Town, None]:
    try:
        town = await towns.whole()
    except NodeUnavailable as missing:
        unavailable(str(missing))
    town.outcome = None
    began = time.monotonic()
    yield town
    await town.stop_loads()
    note(request, time.monotonic() - began, town)
    if not request.node.stash.get(HELD, False):
        await towns.abandon()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[HELD] = report.passed
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    rows = noted(report for reports in terminalreporter.stats.values() for report in reports)
    if not rows:
        return
    Console(width=130).print(table(rows))
    if config.option.write:
        Path(config.option.write).write_text(markdown(rows, date.today()))
