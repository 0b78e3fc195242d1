"""reporting's answers over HTTP, from a store and an intake in memory."""

from collections.abc import AsyncGenerator
from datetime import date
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.reporting import api
from services.reporting.domain import COUNTS, Question
from shared.http import create_http
from shared.identity import Keyring
from shared.problems import Problem
from tests.builders import NOON
from tests.fakes import Clock

KEYRING = '[{"id": "a", "role": "analyst", "sha256": "%s"}]'
SHA256_OF_KEY = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"  # of "key"
FIGURES = dict.fromkeys(COUNTS, 0) | {"submitted": 3, "assigned": 2, "alerted": 1}
ROWS = [{"kecamatan": "64.02.06", **FIGURES}]


class FakeStore:
    def __init__(self) -> None:
        self.asked: list[Question] = []

    async def freshness(self) -> tuple[int, float]:
        return 6, 0.25

    async def count(self, question: Question) -> list[dict[str, Any]]:
        self.asked.append(question)
        return ROWS

    async def reported(self, first_day: str, last_day: str) -> dict[tuple[str, str], int]:
        return {("2026-11-24", "64.02.06"): 3}


class FakeIntake:
    def __init__(self) -> None:
        self.away = False

    async def accepted(self, first: date, last: date) -> dict[tuple[str, str], int]:
        if self.away:
            raise Problem("unavailable", detail="intake: ConnectError")
        return {("2026-11-24", "64.02.06"): 4}


class Scene:
    def __init__(self) -> None:
        self.store, self.intake = FakeStore(), FakeIntake()
        keyring = Keyring.parse(KEYRING % SHA256_OF_KEY)
        self.app: FastAPI = create_http("reporting", "", keyring, lambda: True, None)
        self.app.include_router(api.routes(self.store, self.intake, Clock(NOON)))


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
async def client(scene: Scene) -> AsyncGenerator[httpx.AsyncClient, None]:
    transport = httpx.ASGITransport(scene.app)
    headers = {"Authorization": "Bearer key"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://reporting", headers=headers
    ) as client:
        yield client


async def test_a_report_says_what_it_rests_on_and_names_its_codes(
    client: httpx.AsyncClient,
) -> None:
    report = (await client.get("/v1/reports/consultations")).json()
    assert report == {
        "as_of": "2026-11-24T12:00:00+08:00",
        "lag_seconds": 0.25,
        "events_applied": 6,
        "group_by": ["kecamatan"],
        "rows": [ROWS[0] | {"kecamatan_name": "Tenggarong"}],
    }
    assert list(report["rows"][0])[:2] == ["kecamatan", "kecamatan_name"]


async def test_csv_by_suffix_and_by_accept_are_the_same(client: httpx.AsyncClient) -> None:
    suffix = await client.get("/v1/reports/consultations.csv")
    accept = await client.get("/v1/reports/consultations", headers={"Accept": "text/csv"})
    assert suffix.headers["content-type"] == "text/csv; charset=utf-8"
    assert accept.headers["content-type"] == "text/csv; charset=utf-8"
    assert (
        suffix.text == accept.text == f"kecamatan,kecamatan_name,{','.join(FIGURES)}\r\n"
        f"64.02.06,Tenggarong,{','.join(map(str, FIGURES.values()))}\r\n"
    )


async def test_a_question_is_asked_as_it_was_meant(client: httpx.AsyncClient, scene: Scene) -> None:
    await client.get(
        "/v1/reports/consultations",
        params={"group_by": "month,topic,month", "from": "2026-01-01", "to": "2026-12-31"},
    )
    assert scene.store.asked == [Question(("month", "topic"), date(2026, 1, 1), date(2026, 12, 31))]


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"group_by": "umur"}, "query:group_by"),
        ({"group_by": ""}, "query:group_by"),
        ({"group_by": "topic,"}, "query:group_by"),
        ({"from": "kemarin"}, "query:from"),
        ({"to": "2026-13-01"}, "query:to"),
        ({"from": "2026-12-01", "to": "2026-11-01"}, "query:from"),
    ],
)
async def test_a_bad_question_is_answered_with_the_parameter_that_is_wrong(
    client: httpx.AsyncClient, params: dict[str, str], pointer: str
) -> None:
    for path in ("/v1/reports/consultations", "/v1/reports/consultations.csv"):
        reply = await client.get(path, params=params)
        assert reply.status_code == 422
        assert reply.headers["content-type"] == "application/problem+json"
        assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]


async def test_a_reconciliation_shows_what_is_still_on_its_way(client: httpx.AsyncClient) -> None:
    reply = (await client.get("/v1/reconciliation")).json()
    assert (reply["accepted"], reply["reported"], reply["difference"]) == (4, 3, 1)
    assert reply["rows"] == [
        {
            "day": "2026-11-24",
            "kecamatan": "64.02.06",
            "accepted": 4,
            "reported": 3,
            "difference": 1,
        }
    ]


async def test_without_intake_there_is_no_reconciliation_and_it_says_so(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    scene.intake.away = True
    reply = await client.get("/v1/reconciliation")
    assert reply.status_code == 503
    assert reply.headers["Retry-After"]
    assert reply.json()["detail"] == "intake: ConnectError"
