"""Rosters over HTTP, from a store in memory."""

import hashlib
import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from services.routing.api.satgas import add_satgas
from services.routing.domain.roster import Officer, Roster, Satgas
from shared.web.app import create_http
from shared.web.auth import Keyring
from tests.support.fakes import FakeRosters

TODAY = date(2026, 11, 24)
PATH = "/v1/satgas/64.02.06"
KEYS = {"officer": "64.02.06", "admin": None, "frontend": None, "neighbour": "64.02.07"}
KEYRING = json.dumps(
    [
        {
            "id": key,
            "role": "officer" if territory else key,
            "sha256": hashlib.sha256(key.encode()).hexdigest(),
            **({"territory": territory} if territory else {}),
        }
        for key, territory in KEYS.items()
    ]
)


class Store(FakeRosters):
    """Rosters in memory; loads may change between a read and a write."""

    def __init__(self) -> None:
        super().__init__()
        officers = Officer("a", capacity=3), Officer("b", ("KEU",))
        self.kept = {
            code: Satgas(code, "Satgas Tenggarong", officers, "a", "camat", load={"b": 2}, rev=1)
            for code in ("64.02.06", "dpmd")
        }
        self.meanwhile: list[dict[str, Any]] = []

    async def put(self, satgas: str, roster: Roster, expected_edition: int) -> Satgas:
        if self.meanwhile:
            self.change_satgas(**self.meanwhile.pop(0))
        return await super().put(satgas, roster, expected_edition)

    def change_satgas(self, **changes: Any) -> None:
        now = self.kept["64.02.06"]
        self.kept["64.02.06"] = replace(now, rev=now.rev + 1, **changes)


class Day:
    def __init__(self) -> None:
        self.today = TODAY

    def __call__(self) -> date:
        return self.today


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def day() -> Day:
    return Day()


@pytest.fixture
def app(store: Store, day: Day) -> FastAPI:
    app = create_http("routing", "", Keyring.parse(KEYRING), lambda: True, None)
    router = APIRouter(prefix="/v1")
    add_satgas(router, store, day)
    app.include_router(router)
    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncGenerator[httpx.AsyncClient]:
    headers = {"Authorization": "Bearer admin"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://r", headers=headers) as one:
        yield one


def body(*officers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"officers": [{"code": "a"}, {"code": "b"}, *officers], **changes}


def as_(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def test_a_roster_shows_loads_and_who_is_there_today(
    client: httpx.AsyncClient, store: Store
) -> None:
    reply = await client.get(PATH)
    assert reply.status_code == 200
    assert reply.headers["etag"] == '"1.1.20261124"'
    assert reply.json() == {
        "code": "64.02.06",
        "name": "Satgas Tenggarong",
        "edition": 1,
        "coordinator": "a",
        "camat": "camat",
        "turn": 0,
        "officers": [
            {
                "code": "a",
                "topics": [],
                "capacity": 3,
                "available": True,
                "leave": [],
                "presence": "present",
                "open_cases": 0,
            },
            {
                "code": "b",
                "topics": ["KEU"],
                "capacity": None,
                "available": True,
                "leave": [],
                "presence": "present",
                "open_cases": 2,
            },
        ],
    }


async def test_the_etag_changes_with_load_and_day(
    client: httpx.AsyncClient, store: Store, day: Day
) -> None:
    async def status(etag: str) -> int:
        return (await client.get(PATH, headers={"If-None-Match": etag})).status_code

    etag = (await client.get(PATH)).headers["etag"]
    assert await status(etag) == 304
    store.change_satgas(load={"b": 1})
    assert await status(etag) == 200
    etag = (await client.get(PATH)).headers["etag"]
    day.today += timedelta(days=1)
    assert await status(etag) == 200


async def test_a_new_roster_is_kept_and_answered(client: httpx.AsyncClient, store: Store) -> None:
    away = [{"first": "2026-11-20", "last": "2026-11-24"}]
    reply = await client.put(
        PATH, json=body({"code": "c", "leave": away, "topics": ["KEU-DD"], "capacity": 5})
    )
    assert reply.status_code == 200
    assert reply.headers["etag"] == '"2.2.20261124"'
    assert reply.json() == (await client.get(PATH)).json()
    after = reply.json()
    assert (after["edition"], after["coordinator"], after["camat"]) == (2, None, None)
    assert after["officers"][1]["open_cases"] == 2
    assert after["officers"][2] == {
        "code": "c",
        "topics": ["KEU-DD"],
        "capacity": 5,
        "available": True,
        "leave": away,
        "presence": "on_leave",
        "open_cases": 0,
    }


@pytest.mark.parametrize(
    ("sent", "pointer", "code"),
    [
        (body({"code": "a"}), "/officers/2/code", "duplicate_officer"),
        (body(coordinator="x"), "/coordinator", "unknown_officer"),
        (body(camat="a"), "/camat", "camat_is_officer"),
        (body({"code": "c", "topics": ["X"]}), "/officers/2/topics/0", "unknown_code"),
        (body({"code": "c", "capacity": 0}), "/officers/2/capacity", "greater_than_equal"),
        (body({"code": "c", "capacity": "3"}), "/officers/2/capacity", "int_type"),
        (body({"code": "c", "capacity": 2.5}), "/officers/2/capacity", "int_from_float"),
        (body({"code": "c", "capacity": True}), "/officers/2/capacity", "int_type"),
        (body({"code": "c", "capacity": 2**63}), "/officers/2/capacity", "less_than_equal"),
        (body({"code": "c", "available": "yes"}), "/officers/2/available", "bool_type"),
        (body({"code": "c d"}), "/officers/2/code", "string_pattern_mismatch"),
        (body({"code": "c", "name": "x"}), "/officers/2/name", "extra_forbidden"),
        (body(load={}), "/load", "extra_forbidden"),
        ({"officers": []}, "/officers", "too_short"),
        ({"officers": [{"code": "a"}]}, "/officers", "has_open_cases"),
        ({}, "/officers", "missing"),
        (
            body({"code": "c", "leave": [{"first": "2026-11-25", "last": "2026-11-24"}]}),
            "/officers/2/leave/0",
            "range_inverted",
        ),
        (
            body({"code": "c", "leave": [{"first": 20261125, "last": "2026-11-26"}]}),
            "/officers/2/leave/0/first",
            "day",
        ),
        (
            {"officers": [{"code": one, "available": False} for one in "ab"]},
            "/officers",
            "nobody_left",
        ),
    ],
)
async def test_a_roster_that_is_wrong_says_where_and_changes_nothing(
    client: httpx.AsyncClient,
    store: Store,
    sent: dict[str, Any],
    pointer: str,
    code: str,
) -> None:
    before = store.kept.copy()
    reply = await client.put(PATH, json=sent)
    assert reply.status_code == 422
    assert (pointer, code) in [(one["pointer"], one["code"]) for one in reply.json()["errors"]]
    assert store.kept == before


async def test_a_day_without_anybody_may_be_meant(client: httpx.AsyncClient) -> None:
    sent = {"officers": [{"code": one, "available": False} for one in "ab"]}
    reply = await client.put(PATH, json=sent, params={"accept_nobody": "true"})
    assert reply.status_code == 200
    assert {one["presence"] for one in reply.json()["officers"]} == {"unavailable"}


@pytest.mark.parametrize("tag", ['"2.1.20261124"', '"1.1"', '"1-1"', "1", "x", '"*"'])
async def test_an_edit_of_another_edition_is_refused(
    client: httpx.AsyncClient, store: Store, tag: str
) -> None:
    reply = await client.put(PATH, json=body(), headers={"If-Match": tag})
    assert reply.status_code == 412
    assert reply.json()["type"] == "urn:klikdesa:problem:changed_meanwhile"
    assert store.kept["64.02.06"].edition == 1


async def test_cases_that_were_dealt_meanwhile_do_not_stop_an_edit(
    client: httpx.AsyncClient, store: Store
) -> None:
    tag = (await client.get(PATH)).headers["etag"]
    store.change_satgas(load={"a": 1, "b": 2}, turn=1)
    reply = await client.put(PATH, json=body(), headers={"If-Match": tag})
    assert (reply.status_code, reply.json()["turn"]) == (200, 1)
    reply = await client.put(PATH, json=body(), headers={"If-Match": tag})
    assert reply.status_code == 412


async def test_of_two_edits_at_once_the_later_wins_unless_it_asked_not_to(
    client: httpx.AsyncClient, store: Store
) -> None:
    store.meanwhile = [{"edition": 7}]
    assert (await client.put(PATH, json=body())).json()["edition"] == 8
    store.meanwhile = [{"edition": 9}]
    tag = (await client.get(PATH)).headers["etag"]
    assert (await client.put(PATH, json=body(), headers={"If-Match": tag})).status_code == 412


async def test_who_is_dealt_a_case_while_being_dropped_stays(
    client: httpx.AsyncClient, store: Store
) -> None:
    store.meanwhile = [{"load": {"a": 1, "b": 2}}]
    reply = await client.put(PATH, json={"officers": [{"code": "b"}]})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["code"] == "has_open_cases"
    assert [one.code for one in store.kept["64.02.06"].officers] == ["a", "b"]


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize(
    ("key", "path", "status"),
    [
        ("admin", "/v1/satgas/dpmd", 200),
        ("admin", "/v1/satgas/64.02.99", 404),
        ("admin", "/v1/satgas/somewhere", 422),
        ("neighbour", PATH, 403),
        ("neighbour", "/v1/satgas/dpmd", 403),
        ("frontend", PATH, 403),
        ("nobody", PATH, 401),
    ],
)
async def test_who_may_and_what_there_is(
    client: httpx.AsyncClient, method: str, key: str, path: str, status: int
) -> None:
    reply = await client.request(method, path, json=body(), headers=as_(key))
    assert reply.status_code == status


async def test_an_officer_reads_and_does_not_write(client: httpx.AsyncClient) -> None:
    assert (await client.get(PATH, headers=as_("officer"))).status_code == 200
    assert (await client.put(PATH, json=body(), headers=as_("officer"))).status_code == 403


def test_the_document_knows_the_limits(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    capacity = schemas["OfficerBody"]["properties"]["capacity"]["anyOf"][0]
    assert (capacity["minimum"], capacity["type"]) == (1, "integer")
    assert schemas["LeaveBody"]["properties"]["first"]["format"] == "date"
    for name in ("RosterBody", "OfficerBody", "LeaveBody"):
        assert schemas[name]["additionalProperties"] is False
