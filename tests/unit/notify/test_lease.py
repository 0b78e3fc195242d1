"""The leases of a process on the alerts that it has in hand."""

from datetime import timedelta

import pytest

from services.notify.dispatch.work_queue import LEASE, Leases
from services.notify.domain.alert import Alert
from services.notify.domain.retry_policy import DELAYS, delay
from shared.errors import Conflict
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.services.notify import FakeAlerts, an_alert


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def alerts() -> FakeAlerts:
    return FakeAlerts()


async def leased(alerts: FakeAlerts, id_: str = "one") -> Alert:
    await alerts.add(an_alert(id=id_))
    (taken,) = await alerts.take_due(None, NOON, LEASE, 10)
    return taken


async def test_leases_are_renewed_together_until_the_alerts_are_done(
    alerts: FakeAlerts, clock: Clock
) -> None:
    leases = Leases(alerts, clock)
    one, other = await leased(alerts), await leased(alerts, "other")
    with leases.held(one):
        with leases.held(other):
            clock.now += LEASE / 2
            await leases.renew()
            assert {kept.next_at for kept in alerts.kept.values()} == {clock.now + LEASE}
        clock.now += LEASE / 2
        await leases.renew()
    assert alerts.kept["one"].next_at == clock.now + LEASE
    assert alerts.kept["other"].next_at == clock.now + LEASE / 2
    await leases.renew()


async def test_a_lease_that_somebody_else_has_is_not_renewed(
    alerts: FakeAlerts, clock: Clock
) -> None:
    leases = Leases(alerts, clock)
    mine, fine = await leased(alerts), await leased(alerts, "fine")
    with leases.held(mine), leases.held(fine):
        await leases.make_sure(mine)
        alerts.kept["fine"] = fine
        clock.now += LEASE
        taken = {one.id: one for one in await alerts.take_due(None, clock.now, LEASE, 10)}
        alerts.kept["fine"] = fine
        await leases.renew()
        assert alerts.kept["one"] == taken["one"]
        with pytest.raises(Conflict):
            await leases.make_sure(mine)
        await leases.make_sure(fine)
        assert alerts.kept["fine"].next_at == clock.now + LEASE


async def test_a_lease_is_renewed_when_the_turn_comes_late(
    alerts: FakeAlerts, clock: Clock
) -> None:
    leases = Leases(alerts, clock)
    alert = await leased(alerts)
    with leases.held(alert):
        clock.now += LEASE / 2
        await leases.make_sure(alert)
        assert alerts.kept["one"].next_at == NOON + LEASE, "it holds long enough"
        clock.now += LEASE / 3
        await leases.make_sure(alert)
        assert alerts.kept["one"].next_at == clock.now + LEASE
        clock.now += LEASE / 2
        await leases.make_sure(alert)
        assert alerts.kept["one"].next_at == NOON + LEASE / 2 + LEASE / 3 + LEASE


async def test_an_alert_is_let_go_when_this_process_itself_took_it_again(
    alerts: FakeAlerts, clock: Clock
) -> None:
    """As after a stop of the whole process, longer than the lease."""
    leases = Leases(alerts, clock)
    before = await leased(alerts)
    with leases.held(before):
        clock.now += LEASE
        (again,) = await alerts.take_due(None, clock.now, LEASE, 10)
        with leases.held(again):
            with pytest.raises(Conflict):
                await leases.make_sure(before)
            await leases.make_sure(again)


def test_our_waiting_times_are_scaled_and_the_providers_are_not() -> None:
    assert delay(1, 0.5, scale=0.01) == DELAYS[0] * 0.01
    assert delay(9, 0.5, scale=0.01) == DELAYS[8] * 0.01
    asked = timedelta(seconds=7)
    assert delay(1, 0.5, asked, scale=0.01) == asked
