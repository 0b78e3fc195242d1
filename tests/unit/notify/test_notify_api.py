"""Alerts and the directory over HTTP, from stores in memory."""

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from shared.errors import Conflict
from shared.events import Region
from shared.limits.buckets import Buckets, Rate
from shared.times import new_id
from shared.web.app import create_http
from shared.web.auth import Keyring
from shared.web.permissions import Role
from tests.support.keys import KEYS, bearer, key_row, keyring_text
from tests.support.services.notify import OFFICER, FakeAlerts, FakeRecipients, an_alert
from tests.support.services.notify_routes import notify_routes

NEIGHBOUR = "neighbour's key"
BODY: dict[str, Any] = {
    "role": "camat",
    "satgas": "64.02.06",
    "channels": [{"channel": "whatsapp", "address": "+62 812 5555 123"}],
}
PATH = "/v1/recipients/camat-64.02.06"


@pytest.fixture
def alerts() -> FakeAlerts:
    return FakeAlerts()


@pytest.fixture
def recipients() -> FakeRecipients:
    return FakeRecipients()


@pytest.fixture
async def client(
    alerts: FakeAlerts, recipients: FakeRecipients
) -> AsyncGenerator[httpx.AsyncClient, None]:
    rows = [
        *json.loads(keyring_text()),
        key_row("next", NEIGHBOUR, Role.COORDINATOR, territory="64.02.07"),
    ]
    app: FastAPI = create_http("notify", "", Keyring.parse(keyring_text(*rows)), lambda: True, None)
    app.include_router(notify_routes(alerts, recipients))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


def key_of(role: Role) -> Mapping[str, str]:
    return bearer(KEYS[role])


COORDINATOR, ADMIN, OFFICERS = (
    key_of(Role.COORDINATOR),
    key_of(Role.ADMIN),
    key_of(Role.OFFICER),
)


async def test_a_recipient_is_put_and_read_under_its_version(client: httpx.AsyncClient) -> None:
    before = await client.get(PATH, headers=COORDINATOR)
    assert (before.json()["channels"], before.headers["etag"]) == ([], '"1"')
    put = await client.put(PATH, json=BODY, headers=COORDINATOR)
    assert put.status_code == 200, put.text
    read = await client.get(PATH, headers=COORDINATOR)
    assert read.json() == put.json()
    assert read.json()["channels"] == [{"channel": "whatsapp", "address": "+628125555123"}]
    assert read.headers["etag"] == put.headers["etag"] == '"2"'
    stale = await client.put(PATH, json=BODY, headers={**COORDINATOR, "If-Match": '"1"'})
    assert stale.status_code == 412
    known = await client.get(PATH, headers={**COORDINATOR, "If-None-Match": '"2"'})
    assert known.status_code == 304


async def test_a_coordinator_reaches_the_own_satgas_only(client: httpx.AsyncClient) -> None:
    other = bearer(NEIGHBOUR)
    assert (await client.get(PATH, headers=other)).status_code == 403
    assert (await client.put(PATH, json=BODY, headers=other)).status_code == 403
    # nor is anybody taken over from another satgas
    taken = await client.put(PATH, json={**BODY, "satgas": "64.02.07"}, headers=other)
    assert taken.status_code == 403
    assert (await client.get(PATH, headers=OFFICERS)).status_code == 403


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"role": "bupati"}, "/role"),
        ({"satgas": "Tenggarong"}, "/satgas"),
        ({"channels": [{"channel": "e mail", "address": "a@b.c"}]}, "/channels/0/channel"),
        ({"channels": [{"channel": "email", "address": " "}]}, "/channels/0/address"),
        ({"phone": "0812"}, "/phone"),
    ],
)
async def test_what_is_wrong_is_pointed_at(
    client: httpx.AsyncClient, change: dict[str, Any], pointer: str
) -> None:
    reply = await client.put(PATH, json=BODY | change, headers=ADMIN)
    assert reply.status_code == 422
    assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]


async def test_nobody_is_called_requester(client: httpx.AsyncClient) -> None:
    assert (
        await client.put("/v1/recipients/requester", json=BODY, headers=ADMIN)
    ).status_code == 422
    assert (await client.get("/v1/recipients/nobody", headers=ADMIN)).status_code == 404


async def test_an_alert_says_why(client: httpx.AsyncClient, alerts: FakeAlerts) -> None:
    alert = an_alert()
    await alerts.add(alert)
    reply = await client.get(f"/v1/alerts/{alert.id}", headers=OFFICERS)
    assert reply.status_code == 200
    body = reply.json()
    assert (body["recipient"], body["rule"], body["event"]) == (
        OFFICER,
        "has_the_case",
        "case.assigned",
    )
    assert [one["what"] for one in body["log"]] == ["queued"]
    assert "klikdesa.example" not in reply.text


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"satgas": "dpmd"}, 200),
        ({"region": Region(kecamatan="64.02.07", desa="64.02.07.2001")}, 200),
        ({"kind": "pengaduan"}, 200),
        ({"kind": "pengaduan", "satgas": "dpmd"}, 404),
        ({"kind": None, "satgas": None}, 404),
        (
            {
                "region": Region(kecamatan="64.02.07", desa="64.02.07.2001"),
                "satgas": "64.02.07",
            },
            403,
        ),
        (
            {
                "kind": "pengaduan",
                "region": Region(kecamatan="64.02.07", desa="64.02.07.2001"),
                "satgas": "64.02.07",
            },
            404,
        ),
    ],
)
async def test_an_officer_sees_the_own_alerts_and_complaints_only_where_they_were_given(
    client: httpx.AsyncClient, alerts: FakeAlerts, changes: dict[str, Any], status: int
) -> None:
    alert = an_alert(**changes)
    await alerts.add(alert)
    for call, ok in ((client.get, 200), (client.post, 202)):
        path = f"/v1/alerts/{alert.id}" + ("/resend" if ok == 202 else "")
        assert (await call(path, headers=OFFICERS)).status_code == (ok if status == 200 else status)
        assert (await call(path, headers=ADMIN)).status_code == ok


async def test_pages_follow_each_other(client: httpx.AsyncClient, alerts: FakeAlerts) -> None:
    made = [an_alert(id=f"{n:032x}", order=str(new_id())) for n in range(5)]
    for alert in made:
        await alerts.add(alert)
    found, path = list[str](), "/v1/alerts?limit=2"
    while path:
        reply = await client.get(path, headers=ADMIN)
        found += [one["id"] for one in reply.json()["alerts"]]
        path = reply.links["next"]["url"] if "next" in reply.links else ""
    assert found == [alert.id for alert in reversed(made)]


async def test_telling_again_is_done_once_for_one_key(
    client: httpx.AsyncClient, alerts: FakeAlerts
) -> None:
    alert = an_alert(state="failed", next_at=None, reason="smtp_550")
    await alerts.add(alert)
    for _ in range(2):
        reply = await client.post(
            f"/v1/alerts/{alert.id}/resend", headers={**OFFICERS, "Idempotency-Key": "lagi"}
        )
        assert (reply.status_code, reply.json()["state"]) == (202, "queued")
    assert alerts.kept[alert.id].edition == 2
    alerts.kept[alert.id] = replace(alerts.kept[alert.id], state="sent", next_at=None)
    await client.post(f"/v1/alerts/{alert.id}/resend", headers=OFFICERS)
    assert alerts.kept[alert.id].edition == 3


async def test_person_is_told_again_so_often_a_day_and_no_other_waits_for_it(
    alerts: FakeAlerts, recipients: FakeRecipients
) -> None:
    """One officer over all their alerts; of requesters each consultation's apart."""
    mine = [an_alert(state="failed", next_at=None, recipient="budi") for _ in range(4)]
    asked = [
        an_alert(state="failed", next_at=None, recipient="requester", recipient_kind="requester")
        for _ in range(3)
    ]
    for number, alert in enumerate((*mine, *asked)):
        await alerts.add(replace(alert, id=f"{number:032x}"))
    ids = [f"{number:032x}" for number in range(7)]
    app = create_http("notify", "", Keyring.parse(keyring_text()), lambda: True, None)
    resends = Buckets("resends", Rate(20 / 86_400, 2))
    app.include_router(notify_routes(alerts, recipients, resends=resends))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:

        async def again(id_: str, key: str) -> httpx.Response:
            headers = {**ADMIN, "Idempotency-Key": key}
            return await client.post(f"/v1/alerts/{id_}/resend", headers=headers)

        statuses = [
            (await again(id_, key)).status_code
            # the same once more is told once, and counts once
            for id_, key in ((ids[0], "a"), (ids[0], "a"), (ids[1], "a"), (ids[2], "a"))
        ]
        assert statuses == [202, 202, 202, 429]
        refused = await again(ids[3], "b")
        assert refused.json()["type"] == "urn:klikdesa:problem:too_many"
        assert "resends" in refused.json()["detail"]
        assert int(refused.headers["retry-after"]) > 3600
        assert alerts.kept[ids[3]].state == "failed", "what is refused changes nothing"
        assert (await again(ids[0], "a")).status_code == 202
        assert [(await again(id_, "a")).status_code for id_ in ids[4:]] == [202] * 3


async def test_what_is_refused_does_not_count_among_those_of_a_day(
    alerts: FakeAlerts, recipients: FakeRecipients, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = an_alert(state="failed", next_at=None)
    await alerts.add(alert)
    app = create_http("notify", "", Keyring.parse(keyring_text()), lambda: True, None)
    resends = Buckets("resends", Rate(20 / 86_400, 1))
    app.include_router(notify_routes(alerts, recipients, resends=resends))
    transport = httpx.ASGITransport(app)

    async def changed(*_: Any) -> None:
        raise Conflict("past")

    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(alerts, "save", changed)
            reply = await client.post(f"/v1/alerts/{alert.id}/resend", headers=ADMIN)
            assert reply.status_code == 412
        for status in (202, 429):
            reply = await client.post(f"/v1/alerts/{alert.id}/resend", headers=ADMIN)
            assert reply.status_code == status


async def test_ids_that_are_none() -> None:
    assert an_alert().id != an_alert(consultation=uuid4()).id
