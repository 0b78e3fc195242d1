"""Paging by deadline goes by where the caller's own page ended, and asks no consultation for it."""

import re
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.keys import bearer
from tests.support.services.officer_pages import CODES, FIRST, NEIGHBOUR, NEXT, Office, sign_in

THERE = f"{NEXT}.2001"
SOME_ID = "019aa000-0000-7000-8000-000000000001"


@pytest.fixture
def office() -> Office:
    return Office(Clock(NOON))


@pytest.fixture
async def http(office: Office) -> AsyncGenerator[httpx.AsyncClient]:
    async with office.visitor() as client:
        yield client


async def listed(http: httpx.AsyncClient, who: str = FIRST, **query: Any) -> httpx.Response:
    query = {"order": "due", "limit": 2, **query}
    return await http.get("/v1/consultations", params=query, headers=bearer(CODES[who][0]))


def ids(reply: httpx.Response) -> list[UUID]:
    assert reply.status_code == 200
    return [UUID(one["id"]) for one in reply.json()["items"]]


async def test_cursor_tells_nothing_of_what_its_caller_may_not_see(
    office: Office, http: httpx.AsyncClient
) -> None:
    """Once it told whether any consultation has a deadline, and between which of the own ones."""
    for hours in (1, 3, 5):
        await office.submit(THERE, due=NOON + timedelta(hours=hours))
    seen = set[str]()
    with_deadline = await office.submit(due=NOON + timedelta(hours=4))
    without = await office.submit()
    complaint = await office.submit(THERE, kind="pengaduan")
    due: dict[str, Any] = {
        "status": "assigned",
        "satgas": "dpmd",
        "answer_due": NOON + timedelta(hours=2),
    }
    office.store.kept[complaint] = replace(office.store.kept[complaint], **due)
    await sign_in(http, NEIGHBOUR)
    for id_ in (with_deadline, without, complaint, uuid4()):
        reply = await listed(http, NEIGHBOUR, cursor=str(id_))
        page = (await http.get("/satgas", params={"setelah": str(id_)})).text
        titles = re.findall('class="title"', page)
        mark = (await http.get("/satgas/tanda", params={"setelah": str(id_)})).text
        seen.add(f"{reply.status_code} {ids(reply)} {len(titles)} {mark}")
    assert len(seen) == 1, seen


async def test_page_goes_on_where_the_last_one_ended_whatever_became_of_that(
    office: Office, http: httpx.AsyncClient
) -> None:
    due = [await office.submit(due=NOON + timedelta(hours=n)) for n in range(1, 6)]
    first = await listed(http)
    assert ids(first) == due[:2]
    last = office.store.kept[due[1]]
    gone: list[dict[str, Any]] = [
        {"status": "answered"},
        {"kecamatan": NEXT, "satgas": NEXT},
        {"answer_due": NOON + timedelta(days=9)},
        {"answer_due": None},
    ]
    for changed in gone:
        office.store.kept[due[1]] = replace(last, **changed)
        second = await listed(http, cursor=first.json()["next"])
        assert ids(second) == due[2:4], changed
    del office.store.kept[due[1]]
    assert ids(await listed(http, cursor=first.json()["next"])) == due[2:4]
    link = first.headers["link"].partition(">")[0].removeprefix("<")
    assert ids(await http.get(link, headers=bearer(CODES[FIRST][0]))) == due[2:4]


async def test_cursor_of_the_other_order_is_read_as_far_as_it_goes(
    office: Office, http: httpx.AsyncClient
) -> None:
    due = [await office.submit(due=NOON + timedelta(hours=n)) for n in range(1, 5)]
    cursor = (await listed(http)).json()["next"]
    newest = await listed(http, order="newest", cursor=cursor)
    assert ids(newest) == [due[0]]
    assert ids(await listed(http, cursor=str(due[1]))) == due[:2]


@pytest.mark.parametrize("cursor", ["x", "1.x", f"-1.{SOME_ID}", f"{'9' * 14}.{SOME_ID}", " "])
async def test_cursor_is_refused_when_it_is_none(http: httpx.AsyncClient, cursor: str) -> None:
    assert (await listed(http, cursor=cursor)).status_code == 422
    await sign_in(http)
    assert (await http.get("/satgas", params={"setelah": cursor})).status_code == 200
