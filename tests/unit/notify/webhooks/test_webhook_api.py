"""Webhooks over HTTP: made, changed, tried and followed by the key that owns them."""

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args
from uuid import UUID, uuid4

import httpx
import pytest

from services.notify.webhooks.domain.ssrf_guard import Resolve
from services.notify.webhooks.domain.subscription import Cursor, Outcome, paused
from services.notify.webhooks.schemas import EventName
from services.notify.webhooks.service import MOST_PER_KEY
from shared.events import EVENTS, ConsultationEvent
from shared.messaging.topology import BINDINGS
from shared.web.app import create_http
from shared.web.auth import Keyring
from shared.web.permissions import ACCESS, Role, Scope
from tests.support.builders import NOON, submitted
from tests.support.keys import KEYS, TERRITORY, bearer, key_row, keyring_text
from tests.support.services.notify import OFFICER
from tests.support.services.notify_routes import notify_routes
from tests.support.services.webhooks import BROKEN, ENDPOINT, OK, SEALER, Hooks, resolves_to

NEIGHBOUR = "neighbour's key"
FRONTEND, ADMIN = bearer(KEYS[Role.FRONTEND]), bearer(KEYS[Role.ADMIN])
COORDINATOR, OTHER = bearer(KEYS[Role.COORDINATOR]), bearer(NEIGHBOUR)
BODY: Mapping[str, Any] = {"url": ENDPOINT, "events": ["case.assigned"], "contact": OFFICER}


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


@pytest.fixture
async def client(hooks: Hooks) -> AsyncGenerator[httpx.AsyncClient, None]:
    async for opened in serving(hooks):
        yield opened


async def serving(
    hooks: Hooks, resolve: Resolve | None = None
) -> AsyncGenerator[httpx.AsyncClient, None]:
    rows = [*json.loads(keyring_text()), key_row("next", NEIGHBOUR, Role.FRONTEND)]
    app = create_http("notify", "", Keyring.parse(keyring_text(*rows)), lambda: True, None)
    service = hooks.service(resolve)
    app.include_router(notify_routes(hooks.alerts, hooks.recipients, webhooks=service))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


async def create(
    client: httpx.AsyncClient, key: Mapping[str, str] = FRONTEND, query: str = "", **body: Any
) -> dict[str, Any]:
    reply = await client.post(f"/v1/webhooks{query}", json={**BODY, **body}, headers=key)
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def test_the_secret_is_shown_once(client: httpx.AsyncClient, hooks: Hooks) -> None:
    reply = await client.post("/v1/webhooks", json=BODY, headers=FRONTEND)
    made = reply.json()
    assert (made["state"], made["owner"], made["territory"]) == ("active", "test-frontend", None)
    assert reply.headers["location"] == f"/v1/webhooks/{made['id']}"
    kept = hooks.webhooks.kept[UUID(made["id"])]
    assert SEALER.open(made["id"], kept.secrets[0].sealed) == made["secret"]
    assert made["secret"].startswith("whsec_")
    read = await client.get(reply.headers["location"], headers=FRONTEND)
    assert read.headers["etag"] == reply.headers["etag"] == '"1"'
    assert read.json() == {name: made[name] for name in made if name != "secret"}
    listed = await client.get("/v1/webhooks", headers=FRONTEND)
    assert listed.json() == {"webhooks": [read.json()], "next": None}
    assert made["secret"] not in read.text + listed.text


def test_every_event_that_notify_hears_can_be_subscribed_to() -> None:
    """But what is of no consultation: front-ends are not told the numbers of a kecamatan."""
    others = {event.name for event in EVENTS if not issubclass(event, ConsultationEvent)}
    assert set(get_args(EventName)) == set(BINDINGS["notify"]) - others


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"url": "http://desa.example/"}, "/url", "https_required"),
        ({"url": "https://127.0.0.1/"}, "/url", "address_not_public"),
        ({"url": "https://169.254.169.254/latest"}, "/url", "address_not_public"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "/url", "address_not_public"),
        ({"url": "https://desa.example:99999/"}, "/url", "bad_url"),
        ({"url": "ftp://desa.example/"}, "/url", "string_pattern_mismatch"),
        ({"url": "https://a:b@desa.example/"}, "/url", "string_pattern_mismatch"),
        ({"url": "https://desa.example/" + "x" * 2000}, "/url", "string_too_long"),
        ({"url": None}, "/url", "string_type"),
        ({"events": ["alert.sent"]}, "/events/0", "literal_error"),
        ({"events": "case.held"}, "/events", "list_type"),
        ({"kecamatan": ["64.02.99"]}, "/kecamatan/0", "unknown_region"),
        ({"kecamatan": ["Tenggarong"]}, "/kecamatan/0", "string_pattern_mismatch"),
        ({"contact": "nobody"}, "/contact", "unknown_recipient"),
        ({"secret": "whsec_mine"}, "/secret", "extra_forbidden"),
    ],
)
async def test_what_is_wrong_is_pointed_at(
    client: httpx.AsyncClient, hooks: Hooks, change: dict[str, Any], pointer: str, code: str
) -> None:
    made = await create(client)
    for reply in (
        await client.post("/v1/webhooks", json={**BODY, **change}, headers=FRONTEND),
        await client.put(f"/v1/webhooks/{made['id']}", json={**BODY, **change}, headers=FRONTEND),
    ):
        assert reply.status_code == 422
        found = [(error["pointer"], error["code"]) for error in reply.json()["errors"]]
        assert found == [(pointer, code)]
    assert len(hooks.webhooks.kept) == 1


async def test_a_host_that_resolves_inside_is_refused_and_one_without_an_address_taken(
    hooks: Hooks,
) -> None:
    async for client in serving(hooks, resolves_to("10.0.0.5")):
        reply = await client.post("/v1/webhooks", json=BODY, headers=FRONTEND)
        assert reply.json()["errors"][0]["code"] == "address_not_public"
    async for client in serving(hooks, resolves_to()):
        await create(client)


async def test_the_backlog_begins_with_a_day(client: httpx.AsyncClient, hooks: Hooks) -> None:
    for day in range(3):  # noon in WITA on 24, 25 and 26 November
        hooks.clock.now = NOON + timedelta(days=day)
        hooks.event_log.write(submitted())
    for query, page in (
        ("", 4), ("?from=2026-11-25", 2), ("?from=2026-11-01", 1), ("?from=2027-01-01", 4),
    ):  # fmt: skip
        made = await create(client, query=query)
        assert hooks.webhooks.kept[UUID(made["id"])].progress.cursor == Cursor(page)
    assert (await client.post("/v1/webhooks?from=kemarin", json=BODY, headers=FRONTEND)).json()[
        "errors"
    ][0]["pointer"] == "query:from"


async def test_others_do_not_learn_that_it_exists(client: httpx.AsyncClient) -> None:
    made = await create(client)
    own = f"/v1/webhooks/{made['id']}"
    calls = [
        ("GET", own), ("PUT", own), ("DELETE", own), ("POST", f"{own}/rotate"),
        ("POST", f"{own}/test"), ("POST", f"{own}/pause"), ("POST", f"{own}/resume"),
        ("GET", f"{own}/deliveries"),
    ]  # fmt: skip
    for method, path in calls:
        body = dict(BODY) if method == "PUT" else None
        for key in (OTHER, COORDINATOR):
            reply = await client.request(method, path, json=body, headers=key)
            assert reply.status_code == 404, (method, path)
        nobodys = path.replace(made["id"], str(uuid4()))
        reply = await client.request(method, nobodys, json=body, headers=FRONTEND)
        assert reply.status_code == 404
    assert (await client.get("/v1/webhooks", headers=OTHER)).json()["webhooks"] == []
    assert (await client.get(own, headers=FRONTEND)).status_code == 200
    # who runs the system must be able to stop it
    assert len((await client.get("/v1/webhooks", headers=ADMIN)).json()["webhooks"]) == 1
    assert (await client.post(f"{own}/pause", headers=ADMIN)).status_code == 200


async def test_a_key_for_one_kecamatan_keeps_its_territory_and_its_own_contacts(
    client: httpx.AsyncClient,
) -> None:
    made = await create(client, COORDINATOR)
    assert made["territory"] == TERRITORY
    far = {**BODY, "contact": "petugas-64.02.07-1"}
    reply = await client.post("/v1/webhooks", json=far, headers=COORDINATOR)
    assert reply.json()["errors"][0]["code"] == "unknown_recipient"
    assert await create(client, FRONTEND, contact="petugas-64.02.07-1")
    # an administrator who changes it does not make it see more
    changed = await client.put(f"/v1/webhooks/{made['id']}", json=BODY, headers=ADMIN)
    assert (changed.json()["territory"], changed.json()["owner"]) == (
        TERRITORY, "test-coordinator",
    )  # fmt: skip


async def test_settings_are_replaced_under_their_version(
    client: httpx.AsyncClient, hooks: Hooks
) -> None:
    made = await create(client)
    own, id_ = f"/v1/webhooks/{made['id']}", UUID(made["id"])
    body = {"url": "https://lain.example/x", "kecamatan": ["64.02.07", "64.02.07"]}
    put = await client.put(own, json=body, headers={**FRONTEND, "If-Match": '"1"'})
    assert put.status_code == 200, put.text
    assert put.headers["etag"] == '"2"'
    assert {name: put.json()[name] for name in ("url", "events", "kecamatan", "contact")} == {
        "url": "https://lain.example/x", "events": [], "kecamatan": ["64.02.07"], "contact": None,
    }  # fmt: skip
    for stale in ('"1"', "nonsense", 'W/"7"'):
        reply = await client.put(own, json=body, headers={**FRONTEND, "If-Match": stale})
        assert reply.status_code == 412
    for fits in ('"2"', 'W/"2"', "*"):
        reply = await client.put(own, json=body, headers={**FRONTEND, "If-Match": fits})
        assert reply.headers["etag"] == '"2"', "the same again changes nothing"
    assert SEALER.open(made["id"], hooks.webhooks.kept[id_].secrets[0].sealed) == made["secret"]


async def test_a_new_address_is_tried_at_once(client: httpx.AsyncClient, hooks: Hooks) -> None:
    made = await create(client)
    hooks.event_log.write(submitted(submitter="test-frontend"))
    one, own = hooks.webhooks.kept[UUID(made["id"])], f"/v1/webhooks/{made['id']}"
    await client.put(own, json={"url": ENDPOINT}, headers=FRONTEND)
    hooks.delivery.answers = [BROKEN]
    await hooks.work()
    failing = (await client.get(own, headers=FRONTEND)).json()
    assert (failing["attempts"], failing["state"]) == (1, "active")
    assert failing["next_at"] > failing["failing_since"]
    moved = await client.put(own, json={"url": "https://lain.example/"}, headers=FRONTEND)
    assert (moved.json()["attempts"], moved.json()["next_at"]) == (0, None)
    await hooks.work()
    assert len(hooks.delivery.taken) == 1
    assert hooks.now(one).progress.cursor == Cursor(2)


async def test_pause_resume_and_the_log_of_deliveries(
    client: httpx.AsyncClient, hooks: Hooks
) -> None:
    made = await create(client, events=[])
    own = f"/v1/webhooks/{made['id']}"
    for _ in range(2):
        reply = await client.post(f"{own}/pause", headers=FRONTEND)
        assert (reply.json()["state"], reply.json()["reason"]) == ("paused", "by_owner")
        assert reply.headers["etag"] == '"2"'
    first, second = (submitted(submitter="test-frontend") for _ in range(2))
    hooks.event_log.write(first, second)
    await hooks.work()
    assert hooks.delivery.tried == []
    hooks.delivery.answers = [OK, BROKEN]
    assert (await client.post(f"{own}/resume", headers=FRONTEND)).json()["state"] == "active"
    await hooks.work()
    log = (await client.get(f"{own}/deliveries", headers=FRONTEND)).json()["deliveries"]
    assert [(one["event"], one["result"], one["number"], one["status"]) for one in log] == [
        (str(second.id), "failed", 1, 500), (str(first.id), "delivered", 1, 204),
    ]  # fmt: skip
    again = await client.post(f"{own}/resume?from=2026-11-24", headers=FRONTEND)
    assert again.json()["attempts"] == 0
    await hooks.work()
    assert hooks.delivery.taken == [first.id, first.id, second.id]


async def test_a_test_says_what_became_of_it(client: httpx.AsyncClient, hooks: Hooks) -> None:
    made = await create(client)
    path = f"/v1/webhooks/{made['id']}/test"
    hooks.delivery.answers = [OK, Outcome("timeout", milliseconds=15_000)]
    assert (await client.post(path, headers=FRONTEND)).json() == {
        "delivered": True, "status": 204, "reason": None, "milliseconds": 0,
    }  # fmt: skip
    assert (await client.post(path, headers=FRONTEND)).json() == {
        "delivered": False, "status": None, "reason": "timeout", "milliseconds": 15_000,
    }  # fmt: skip


async def test_a_rotated_secret_signs_beside_the_new_one(
    client: httpx.AsyncClient, hooks: Hooks
) -> None:
    made = await create(client)
    own = f"/v1/webhooks/{made['id']}"
    reply = await client.post(f"{own}/rotate?overlap_hours=2", headers=FRONTEND)
    assert reply.json()["secret"] != made["secret"]
    assert reply.json()["old_secrets_until"] == "2026-11-24T14:00:00+08:00"
    kept = hooks.webhooks.kept[UUID(made["id"])]
    signing = [SEALER.open(made["id"], one.sealed) for one in kept.signing(NOON)]
    assert signing == [reply.json()["secret"], made["secret"]]
    for wrong in ("-1", "169", "1.5", "x"):
        bad = await client.post(f"{own}/rotate?overlap_hours={wrong}", headers=FRONTEND)
        assert bad.status_code == 422


async def test_what_is_deleted_is_gone(client: httpx.AsyncClient, hooks: Hooks) -> None:
    made = await create(client)
    own = f"/v1/webhooks/{made['id']}"
    assert (await client.delete(own, headers=FRONTEND)).status_code == 204
    assert (await client.delete(own, headers=FRONTEND)).status_code == 404
    assert hooks.webhooks.kept == {}


async def test_pages_follow_each_other_and_a_key_has_its_limit(
    client: httpx.AsyncClient, hooks: Hooks
) -> None:
    made = [(await create(client))["id"] for _ in range(MOST_PER_KEY)]
    reply = await client.post("/v1/webhooks", json=BODY, headers=FRONTEND)
    assert reply.json()["errors"][0]["code"] == "too_many"
    found, path = list[str](), "/v1/webhooks?limit=40"
    while path:
        page = await client.get(path, headers=FRONTEND)
        found += [one["id"] for one in page.json()["webhooks"]]
        path = page.links["next"]["url"] if "next" in page.links else ""
    assert found == made
    assert await create(client, OTHER)


def test_who_may_read_consultations_may_have_them_posted() -> None:
    names = [name for name in ACCESS if "webhook" in name] + ["list_deliveries"]
    assert len(names) == 10
    officers = {
        role: scope
        for role, scope in ACCESS["read_consultation"].items()
        if role is not Role.REQUESTER
    }
    wanted = officers | {Role.FRONTEND: ACCESS["read_status"][Role.FRONTEND]}
    assert all(ACCESS[name] == wanted for name in names)
    assert (wanted[Role.OFFICER], wanted[Role.FRONTEND]) == (Scope.OWN, Scope.POSTED)


async def test_webhook_goes_on_as_its_owner_is_now_when_the_owner_resumes_it(
    client: httpx.AsyncClient, hooks: Hooks
) -> None:
    """From before roles were kept; an administrator who resumes it lends it no reach."""
    made = await create(client)
    own, id_ = f"/v1/webhooks/{made['id']}", UUID(made["id"])
    before = replace(hooks.webhooks.kept[id_], role=None)
    before = replace(before, progress=paused(before.progress, "key_changed"))
    for key, role in ((ADMIN, None), (FRONTEND, "frontend")):
        hooks.webhooks.kept[id_] = before
        assert (await client.post(f"{own}/resume", headers=key)).json()["state"] == "active"
        assert hooks.webhooks.kept[id_].role == role
