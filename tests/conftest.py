"""Fixtures that more than one kind of test uses. Nothing is imported from here."""

import uuid
from collections.abc import AsyncGenerator, Iterator

import pytest

from shared.mongo import Database
from tests.backends import Backends, NodeUnavailable, open_backends, unavailable


@pytest.fixture(scope="session")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backends]:
    """A real RabbitMQ and a real store, shared by the run: use names of your own in them."""
    try:
        with open_backends(tmp_path_factory.mktemp("backends")) as found:
            print(f"\nbackends: {found.rung}")  # noqa: T201 - which rung is worth knowing
            yield found
    except NodeUnavailable as missing:
        unavailable(str(missing))


@pytest.fixture(params=["motor", "pymongo"])
async def database(
    backends: Backends, request: pytest.FixtureRequest
) -> AsyncGenerator[Database, None]:
    """An empty database of its own, through each of the two drivers (docs/decisions/0004)."""
    database = Database(backends.mongo_url, f"test_{uuid.uuid4().hex[:12]}", request.param)
    yield database
    await database.drop()
    await database.close()
