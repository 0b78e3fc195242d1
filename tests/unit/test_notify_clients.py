"""What notify asks intake and routing, and what it makes of their answers, or of none."""

from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.notify import lanes
from services.notify.office import Office
from services.notify.quiet import WorkingDays
from services.notify.requesters import Contact, Requesters
from services.notify.senders.base import HELD_BACK, NotSent

CONTACT = {"channel": "email", "address": "warga@example.org", "ticket": "KD-1", "anonymous": True}


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

    def office(self) -> Office:
        return Office("http://routing", "k", httpx.MockTransport(self))


async def test_a_contact_is_asked_for_each_time_and_its_absence_once() -> None:
    server = Server(*(httpx.Response(200, json=CONTACT) for _ in range(2)), httpx.Response(404))
    requesters, id_, other = server.requesters(), uuid4(), uuid4()
    for _ in range(2):
        assert await requesters.contact(id_) == Contact("email", "warga@example.org", "KD-1")
    for _ in range(2):
        assert await requesters.contact(other) is None
    assert [request.url.path for request in server.asked] == [
        f"/v1/consultations/{one}/contact" for one in (id_, id_, other)
    ]
    assert server.asked[0].headers["authorization"] == "Bearer k"
    assert "warga" not in repr(Contact("email", "warga@example.org", "KD-1"))
    await requesters.close()


@pytest.mark.parametrize(
    ("answer", "because"),
    [
        (httpx.ConnectError("no"), "intake_ConnectError"),
        (httpx.Response(503), "intake_503"),
        (httpx.Response(401), "intake_401"),
    ],
)
async def test_intake_without_an_answer_is_asked_again_later(
    answer: httpx.Response | Exception, because: str
) -> None:
    requesters = Server(answer).requesters()
    with pytest.raises(NotSent) as failure:
        await requesters.contact(uuid4())
    assert (failure.value.because, failure.value.permanent) == (because, False)
    await requesters.close()


async def test_intake_is_not_asked_for_too_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes.Lane, "room", 0)
    requesters = Server().requesters()
    with pytest.raises(NotSent) as failure:
        await requesters.contact(uuid4())
    assert failure.value.because in HELD_BACK
    await requesters.close()


def calendar(**more: Any) -> httpx.Response:
    return httpx.Response(200, json={"holidays": [], "open_days": [], **more})


async def test_the_calendar_is_asked_for_once_a_day() -> None:
    server = Server(
        calendar(holidays=[{"day": "2026-12-25"}]), calendar(open_days=[{"day": "2027-01-02"}])
    )
    office = server.office()
    for _ in range(3):
        assert await office.working_days(date(2026, 12, 24)) == WorkingDays(
            frozenset({date(2026, 12, 25)}), frozenset({date(2027, 1, 2)})
        )
    assert [request.url.query for request in server.asked] == [b"year=2026", b"year=2027"]
    await office.close()


@pytest.mark.parametrize(
    "answer", [httpx.ConnectError("no"), httpx.Response(422), calendar(holidays=[{}])]
)
async def test_without_a_calendar_it_is_monday_to_friday(answer: Any) -> None:
    office = Server(answer, answer).office()
    assert await office.working_days(date(2026, 12, 24)) == WorkingDays()
    await office.close()
