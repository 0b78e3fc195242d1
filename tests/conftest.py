"""Fixtures that more than one kind of test uses. Nothing is imported from here."""

import os
import uuid
from collections.abc import AsyncGenerator, Iterator

import pytest
from hypothesis import settings

from shared.storage.mongo import Database
from tests.support.backends import (
    Backends,
    NodeUnavailable,
    from_environment,
    open_backends,
    outlook,
    unavailable,
)

# workers are told that their terminal is narrow; the command line is tested as it is elsewhere
os.environ.pop("COLUMNS", None)

# no example has to be quick: how long one takes says how busy the machine is
settings.register_profile("klik", deadline=None)
settings.load_profile("klik")

#: Workers side by side: each has a RabbitMQ, a store and whole systems of its own.
MOST_WORKERS = 4


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than processors, since they wait for half of the time; none, all in this process,
    where there is one RabbitMQ for all: the services' queues have the same names in every test."""
    return 0 if from_environment() else min((os.cpu_count() or 1) + 1, MOST_WORKERS)


def pytest_report_header() -> str:
    return outlook()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test an id of its own: of those with the same, workers run only one.

    With pytest 9.2, Schemathesis gives the tests of all operations the id of their function.
    """
    for item in items:
        if item.parent is not None and not item.nodeid.endswith(item.name):
            item._id = item.parent.id.child(item.name)
    ids = {item.nodeid for item in items}
    assert len(ids) == len(items), "tests with the same id: all but one would be left out"


@pytest.fixture(scope="session")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backends]:
    """A real RabbitMQ and a real store, shared by the run: use names of your own in them."""
    try:
        with open_backends(tmp_path_factory.mktemp("backends")) as found:
            print(f"\nbackends: {found.rung}")  # noqa: T201 - which rung is worth knowing
            yield found
    except NodeUnavailable as missing:
        unavailable(str(missing))


@pytest.fixture
async def database(backends: Backends) -> AsyncGenerator[Database, None]:
    """An empty database of its own, through Motor. Through the other driver (docs/decisions/0004)
    go the repository suites, and the story of `tests/e2e`."""
    database = Database(backends.mongo_url, f"test_{uuid.uuid4().hex[:12]}")
    yield database
    await database.drop()
    await database.close()
