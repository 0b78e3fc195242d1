"""What notify asks intake and routing, and what it makes of their answers, or of none."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.notify.channels.base import NotSent
from services.notify.clients.intake import Requesters
from services.notify.clients.routing import USUAL, Office
from services.notify.domain.message import LinkToken
from services.notify.domain.recipients import Contact
from services.routing.api.calendar_schemas import CalendarView
from services.routing.data.calendar import build_calendar
from services.routing.domain.calendar_rules import LocalDay, hours_of
from tests.support.builders import CALENDAR, LOCAL

CONTACT = {"channel": "email", "address": "warga@example.org", "ticket": "KD-1", "anonymous": True}
UNTIL = datetime(2026, 12, 14, 8, 0, tzinfo=UTC)


class Server:
    """Answers in turn as it is told, an exception included; remembers what was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def requesters(self) -> Requesters:
        return Requesters("http://intake", "k", httpx.MockTransport(self))

    def office(self, **clocks: Any) -> Office:
        return Office("http://routing", "k", httpx.MockTransport(self), **clocks)


async def test_a_contact_is_asked_for_each_time_and_its_absence_once() -> None:
    id_, other = uuid4(), uuid4()
    answer = {
        "contacts": [
            {
                **CONTACT,
                "consultation": str(id_),
                "link_token": "izin",
                "link_expires_at": UNTIL.isoformat(),
            }
        ]
    }
    server = Server(*(httpx.Response(200, json=answer) for _ in range(2)))
    requesters = server.requesters()
    for _ in range(2):
        both = await asyncio.gather(requesters.contact(id_), requesters.contact(other))
        assert list(both) == [
            Contact("email", "warga@example.org", "KD-1", link=LinkToken("izin", UNTIL)),
            None,
        ]
    asked = [json.loads(request.content)["consultations"] for request in server.asked]
    assert asked == [[str(id_), str(other)], [str(id_)]], "those of one moment together"
    assert server.asked[0].url.path == "/v1/contacts"
    assert server.asked[0].headers["authorization"] == "Bearer k"
    assert "warga" not in repr(Contact("email", "warga@example.org", "KD-1"))
    await requesters.close()


async def test_a_contact_that_intake_cannot_read_is_asked_for_again_and_keeps_no_other() -> None:
    id_, locked = uuid4(), uuid4()
    rows = [{**CONTACT, "consultation": str(id_)}]
    answer = httpx.Response(200, json={"contacts": rows, "unreadable": [str(locked)]})
    requesters = Server(answer, answer).requesters()
    asked = (requesters.contact(id_), requesters.contact(locked))
    found, failure = await asyncio.gather(*asked, return_exceptions=True)
    assert found == Contact("email", "warga@example.org", "KD-1")
    assert isinstance(failure, NotSent)
    assert (failure.reason, failure.permanent) == ("intake_unreadable", False)
    with pytest.raises(NotSent):
        await requesters.contact(locked)
    await requesters.close()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.ConnectError("no"), "intake_ConnectError"),
        (httpx.Response(503), "intake_503"),
        (httpx.Response(401), "intake_401"),
        (httpx.Response(200, text="<html>"), "intake_reply"),
        (httpx.Response(404), "intake_404"),
        (httpx.Response(200, json=[CONTACT]), "intake_reply"),
        (httpx.Response(200, json={"contacts": [{"channel": "email"}]}), "intake_reply"),
    ],
)
async def test_intake_without_an_answer_is_asked_again_later(
    answer: httpx.Response | Exception, reason: str
) -> None:
    requesters = Server(answer).requesters()
    with pytest.raises(NotSent) as failure:
        await requesters.contact(uuid4())
    assert (failure.value.reason, failure.value.permanent) == (reason, False)
    await requesters.close()


def year(number: int, version: str = "1", **more: Any) -> httpx.Response:
    """As routing answers."""
    days = more.get("days", ())
    view = CalendarView.of(*build_calendar(LOCAL.model_copy(update={"days": days})), number)
    shown = view.model_copy(update={"version": version}).model_dump(mode="json")
    return httpx.Response(200, json=shown, headers={"ETag": f'"{version}-{number}"'})


FRIDAY = LocalDay(day=date(2026, 11, 27), kind="closed", name="Libur")
SATURDAY = LocalDay(day=date(2026, 11, 28), kind="open", name="Masuk", hours=("09:00-12:00",))


async def test_the_calendar_is_that_of_routing_with_its_days_and_hours() -> None:
    server = Server(*(year(2025 + n, days=(FRIDAY, SATURDAY)) for n in range(3)))
    office = server.office()
    for _ in range(3):
        calendar = await office.working_days(date(2026, 11, 24))
        for day in (calendar.first + timedelta(days=n) for n in range(3 * 365)):
            expected = {FRIDAY.day: (), SATURDAY.day: hours_of(SATURDAY.hours)}.get(
                day, CALENDAR.hours(day)
            )
            assert calendar.hours(day) == expected
    asked = [request.url.query for request in server.asked]
    assert asked == [b"year=2025", b"year=2026", b"year=2027"]
    await office.close()


async def test_a_changed_calendar_is_followed_within_a_minute() -> None:
    now = [1000.0]
    same = [httpx.Response(304)] * 3
    changed = [year(2025 + n, "2", days=(FRIDAY,)) for n in range(3)]
    between = [*changed[:2], year(2027)]  # another replica of routing, that has not heard of it
    server = Server(*(year(2025 + n) for n in range(3)), *same, *between, *same[:2], changed[2])
    office = server.office(monotonic=lambda: now[0])
    worked = []
    for _ in range(4):
        calendar = await office.working_days(date(2026, 11, 24))
        worked.append(calendar.is_working_day(FRIDAY.day))
        now[0] += 60.0
    assert worked == [True, True, True, False]
    assert server.asked[3].headers["if-none-match"] == '"1-2025"'
    await office.close()


BROKEN = {"profiles": [], "seasons": [], "holidays": [{}], "open_days": [], "version": "1"}


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("no"),
        httpx.Response(422),
        httpx.Response(500),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=BROKEN),
        httpx.Response(200, json={**BROKEN, "year": 2026, "holidays": []}),
    ],
)
async def test_without_a_calendar_it_is_monday_to_friday_and_the_last_one_holds(
    answer: Any,
) -> None:
    server = Server(answer, answer, answer)
    office = server.office(fresh_seconds=0.0)
    assert (await office.working_days(date(2026, 12, 24))).profile == USUAL
    server.answers = [year(2025 + n, days=(FRIDAY,)) for n in range(3)]
    assert not (await office.working_days(date(2026, 12, 24))).is_working_day(FRIDAY.day)
    server.answers = [answer] * 3
    assert not (await office.working_days(date(2026, 12, 24))).is_working_day(FRIDAY.day)
    await office.close()
