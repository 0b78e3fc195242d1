"""The demo on the whole system, as `make run` starts it."""

from collections import Counter
from collections.abc import AsyncGenerator

import pytest
from rich.console import Console

from klik.local.demo import Addresses, demo, samples
from klik.nodes import NodeUnavailable
from tests.support.backends import unavailable
from tests.support.system import System, running_system

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[System, None]:
    try:
        async with running_system(tmp_path_factory.mktemp("system")) as system:
            yield system
    except NodeUnavailable as missing:
        unavailable(str(missing))


async def test_the_demo_says_that_nobody_was_told_when_there_is_no_channel_but_the_log(
    system: System,
) -> None:
    console = Console(record=True, width=100)
    addresses = Addresses(system.url("intake"), system.url("reporting"))
    assert await demo(addresses, system.keys, console)
    total = next(line for line in console.export_text().splitlines() if "total" in line)
    number = len(samples())
    assert [int(one) for one in total.replace("│", " ").split()[1:]] == [
        number, number, 0, number, number,
    ], "submitted, assigned, told, log only, counted"  # fmt: skip

    report = await system.get("reporting", "/v1/reports/consultations", group_by="alerted_by")
    assert [(row["alerted_by"], row["submitted"]) for row in report["rows"]] == [("log", number)]
    alerts = (await system.get("notify", "/v1/alerts", limit="100"))["alerts"]
    officers = [one for one in alerts if one["recipient_kind"] == "officer"]
    assert Counter((one["state"], one["reason"]) for one in officers) == {
        ("suppressed", "log_only"): number
    }
