"""The services that are asked, once for a file of tests."""

from collections.abc import AsyncGenerator

import pytest

from tests.contract.reach.asking import Asking
from tests.contract.reach.system import System


@pytest.fixture(scope="module")
async def asking() -> AsyncGenerator[Asking]:
    system = System()
    await system.make()
    async with system.clients() as clients:
        yield Asking(system, clients)
