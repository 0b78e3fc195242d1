"""What an operator sees of alerts that wait."""

from datetime import timedelta

from prometheus_client import REGISTRY

from services.notify.domain.alert import Backlog
from services.notify.jobs.backlog_metrics import BacklogMetrics
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.services.notify import FakeAlerts


class Counted(FakeAlerts):
    def __init__(self, *found: Backlog) -> None:
        super().__init__()
        self.found = list(found)

    async def backlog(self, at_most: int) -> list[Backlog]:
        return self.found


def number(state: str, channel: str) -> float | None:
    return REGISTRY.get_sample_value("klik_alerts_open", {"state": state, "channel": channel})


def late() -> float | None:
    return REGISTRY.get_sample_value("klik_alerts_late_seconds")


async def test_the_gauges_say_how_many_wait_where_and_how_late_the_first_is() -> None:
    clock, minute = Clock(NOON), timedelta(minutes=1)
    alerts = Counted(
        Backlog("queued", "email", 300, NOON + minute), Backlog("waiting", None, 2, NOON + minute)
    )
    backlog_metrics = BacklogMetrics(alerts, clock)
    await backlog_metrics.tick()
    assert (number("queued", "email"), number("waiting", "none"), late()) == (300, 2, 0)
    clock.now += 3 * minute
    await backlog_metrics.tick()
    assert late() == 120
    alerts.found.clear()
    await backlog_metrics.tick()
    assert (number("queued", "email"), late()) == (None, 0)
