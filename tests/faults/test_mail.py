"""A mail server that is slow, puts off, breaks, and hangs up."""

import pytest

from tests.faults.rig.census import Census
from tests.faults.rig.injections import failing_mail
from tests.faults.rig.town import Town
from tests.support.system import until

pytestmark = pytest.mark.integration


@pytest.mark.fault(
    25, "the mail server fails: 451, 450, hanging up at the recipient or in its reply"
)
async def test_failing_mail_server(town: Town) -> None:
    load = town.load(80, rate=20)
    async with failing_mail(town):
        await load.done()
        await everything_but_mail(town, load.accepted)
    await town.settle(load)


@pytest.mark.fault(25, "the mail server takes 5 s for each e-mail")
async def test_slow_mail_server(town: Town) -> None:
    """Only e-mail lags: what routing and reporting do does not wait for it."""
    load = town.load(20, rate=20)
    town.mail.slowness = 5.0
    town.mail.fail("slow")
    await load.done()
    await everything_but_mail(town, load.accepted)
    town.mail.heal()
    town.healed()
    await town.settle(load)


async def everything_but_mail(town: Town, accepted: set[str]) -> None:
    async def routed_and_counted() -> bool:
        looks.append(await town.registrar.take())
        return accepted <= looks[-1].routed & looks[-1].reported

    looks: list[Census] = []
    await until(routed_and_counted, 60.0, "all to be routed and counted without e-mail")
    assert looks[-1].undecided, "some e-mails are still to go"
