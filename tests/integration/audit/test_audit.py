"""The audit on a real store: by several replicas, over HTTP, and as operators ask it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from typer.testing import CliRunner, Result

from klik.__main__ import app as klik
from klik.audit.chains import verify
from klik.local.secrets import make_secrets
from services.intake.erasure import Erasure
from services.intake.handlers import Handlers
from shared.audit.chain import Entry
from shared.audit.log import SEGMENT_IDS, AuditLog
from shared.errors import StoreUnavailable
from shared.storage.mongo import Database, Document
from shared.times import utc_now
from shared.web.app import create_http
from shared.web.auth import Keyring, Role
from tests.support.backends import Backends
from tests.support.builders import a_post, assigned
from tests.support.keys import KEYS, bearer, keyring_text
from tests.support.repositories import erasures_store, intake_store
from tests.support.services.intake import as_requester, with_intake

pytestmark = pytest.mark.integration

REQUESTER = {
    "role": "kepala_desa",
    "contact": {"channel": "whatsapp", "address": "+6281234567890"},
}


def an_entry(key: str, *consultations: str) -> Entry:
    return Entry(utc_now(), key, "officer", "read_consultation", "200", consultations)


@pytest.fixture
async def database(backends: Backends, env: dict[str, str]) -> AsyncGenerator[Database]:
    database = Database(backends.mongo_url, f"{env['KLIK_MONGO_PREFIX']}_intake")
    yield database
    await database.drop()
    await database.close()


async def a_log(database: Database) -> AuditLog:
    """A replica's."""
    audit = AuditLog(database.collection("audit"), "intake", "secret")
    await audit.prepare()
    return audit


async def entries(audit: AuditLog) -> list[Entry]:
    return [Entry.parse(text) async for segment in audit.segments() for text in segment.entries]


async def test_nothing_is_lost_and_the_chain_holds_when_two_replicas_write_at_once(
    database: Database,
) -> None:
    replicas = [await a_log(database) for _ in range(2)]

    async def reader(audit: AuditLog, name: str) -> None:
        for number in range(20):
            await audit.record(an_entry(name, f"{name}-{number}"))

    names = [f"{place}-{reader}" for place in range(2) for reader in range(10)]
    await asyncio.gather(*(reader(replicas[int(name[0])], name) for name in names))

    seen = [one.consultations[0] for one in await entries(replicas[0])]
    assert sorted(seen) == sorted(f"{name}-{number}" for name in names for number in range(20))
    for name in names:
        own = [one for one in seen if one.startswith(f"{name}-")]
        assert own == [f"{name}-{number}" for number in range(20)], "in the order of its reads"
    verdict = await verify(replicas[1], "intake", None)
    assert (verdict.entries, verdict.faults) == (400, [])
    assert verdict.segments < 400, "who comes at the same time shares a segment"


async def test_chain_holds_when_the_answer_of_the_store_was_lost(database: Database) -> None:
    collection = database.collection("audit")
    audit, insert = AuditLog(collection, "intake"), collection.insert

    async def lost(document: Document) -> None:
        await insert(document)
        raise StoreUnavailable("the database does not answer")

    await audit.record(an_entry("a"))
    collection.insert = lost  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable):
        await audit.record(an_entry("b"))
    collection.insert = insert  # type: ignore[method-assign]
    await audit.record(an_entry("c"))

    assert [one.key for one in await entries(audit)] == ["a", "b", "c"]
    assert (await verify(audit, "intake", None)).faults == []


async def test_segments_fit_into_documents_when_many_ids_come_at_once(database: Database) -> None:
    audit = await a_log(database)
    many = tuple(str(uuid4()) for _ in range(SEGMENT_IDS // 2 + 1))
    await asyncio.gather(*(audit.record(an_entry(f"k{number}", *many)) for number in range(3)))

    assert [one.key for one in await entries(audit)] == ["k0", "k1", "k2"]
    assert (await verify(audit, "intake", None)).faults == []


@dataclass
class Scene:
    """intake over HTTP, with one consultation in its store."""

    client: httpx.AsyncClient
    audit: AuditLog
    id: UUID
    receipt: Mapping[str, Any]
    database: Database
    app: Any

    async def entries(self) -> list[Entry]:
        return await entries(self.audit)


@pytest.fixture
async def scene(database: Database) -> AsyncGenerator[Scene]:
    store = intake_store(database)
    await store.prepare()
    app = create_http("intake", "", Keyring.parse(keyring_text()), lambda: True, None)
    app.state.audit = audit = await a_log(database)
    with_intake(app, store, utc_now, erasure=Erasure(erasures_store(database), utc_now))
    transport = httpx.ASGITransport(app, client=("203.0.113.9", 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://i") as client:
        kept = await client.post(
            "/v1/consultations",
            json=a_post(requester=REQUESTER),
            headers=bearer(KEYS[Role.FRONTEND]),
        )
        assert kept.status_code == 202, kept.text
        id_ = UUID(kept.json()["id"])
        await Handlers(store, utc_now).on_case_assigned(assigned(id_))
        yield Scene(client, audit, id_, kept.json(), database, app)


async def test_each_read_has_an_entry_and_a_post_has_none(scene: Scene) -> None:
    here, id_ = scene.client, str(scene.id)
    assert await scene.entries() == [], "posting is not reading"
    officer, requester = bearer(KEYS[Role.OFFICER]), as_requester(scene.id, utc_now)
    pin = {"X-Pin": scene.receipt["pin"]}
    ticket = scene.receipt["ticket"]
    asked: list[tuple[str, str, dict[str, str], Any]] = [
        ("GET", f"/v1/consultations/{id_}", officer, None),
        ("GET", f"/v1/consultations/{id_}", requester, None),
        ("GET", f"/v1/consultations/{id_}/status", requester, None),
        ("GET", "/v1/consultations?limit=5", officer, None),
        ("POST", "/v1/contacts", bearer(KEYS[Role.NOTIFY]), {"consultations": [id_]}),
        ("POST", f"/v1/consultations/{id_}/acknowledge", officer, None),
        ("GET", f"/v1/track/{ticket}", pin, None),
        ("POST", f"/v1/track/{ticket}/token", pin, None),
        ("GET", f"/v1/track/{ticket}", {"X-Pin": "000000"}, None),
        ("GET", f"/v1/consultations/{id_}", bearer(KEYS[Role.ANALYST]), None),
        ("GET", f"/v1/consultations/{id_}", bearer("nobody"), None),
        ("DELETE", f"/v1/consultations/{id_}/personal-data", bearer(KEYS[Role.DPMD]), None),
    ]
    await here.post("/lacak", data={"tiket": ticket, "pin": scene.receipt["pin"]})
    await here.get(f"/lacak/{ticket}")
    statuses = []
    for method, path, headers, body in asked:
        reply = await here.request(method, path, headers=headers, json=body)
        statuses.append(reply.status_code)

    found = await scene.entries()
    assert [(one.what, one.role, one.outcome) for one in found] == [
        ("track_by_form", "requester", "303"),
        ("follow_page", "requester", "200"),
        ("read_consultation", "officer", "200"),
        ("read_consultation", "requester", "200"),
        ("list_consultations", "officer", "200"),
        ("read_contacts", "notify", "200"),
        ("acknowledge_consultation", "officer", "200"),
        ("track", "requester", "200"),
        ("track_token", "requester", "200"),
        ("read_consultation", "analyst", "403"),
        ("erase_consultation", "dpmd", "begun"),
        ("erase_consultation", "dpmd", "204"),
    ], statuses
    assert {one.consultations for one in found} == {(id_,)}
    assert {one.territory for one in found if one.role == "officer"} == {"64.02.06"}
    (source,) = {one.source for one in found}
    assert source is not None
    kept = json.dumps([json.loads(one.canonical()) for one in found])
    for personal in ("203.0.113", "81234567890", scene.receipt["ticket"], scene.receipt["pin"]):
        assert personal not in kept


async def test_answer_is_withheld_when_the_audit_cannot_be_written(scene: Scene) -> None:
    async def away(document: Document) -> None:
        raise StoreUnavailable("the database does not answer")

    collection = scene.database.collection("audit")
    collection.insert = away  # type: ignore[method-assign]
    scene.app.state.audit = AuditLog(collection, "intake")
    read, refused, erased, unread = [
        await scene.client.request(method, f"/v1/consultations/{scene.id}{path}", headers=headers)
        for method, path, headers in (
            ("GET", "", bearer(KEYS[Role.OFFICER])),
            ("GET", "", bearer(KEYS[Role.ANALYST])),
            ("DELETE", "/personal-data", bearer(KEYS[Role.DPMD])),
            ("GET", "/status", as_requester(scene.id, utc_now)),
        )
    ]

    assert [one.status_code for one in (read, refused, erased, unread)] == [503, 403, 503, 200]
    assert read.json()["type"] == "urn:klikdesa:problem:unavailable"
    assert read.headers["cache-control"] == "no-store"
    assert a_post()["title"] not in read.text
    row = await scene.database.collection("consultations").get(str(scene.id))
    assert row is not None
    assert not row.get("erased"), "what cannot be written down is not done"


async def ask(env: Mapping[str, str], *arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, klik, [*arguments], env=dict(env))


async def test_operator_is_told_who_read_and_what_a_key_read(
    scene: Scene, env: dict[str, str]
) -> None:
    officer = bearer(KEYS[Role.OFFICER])
    await scene.client.get(f"/v1/consultations/{scene.id}", headers=officer)
    await scene.client.get("/v1/consultations", headers=bearer(KEYS[Role.DPMD]))

    by_id = await ask(env, "audit", "who", "--consultation", str(scene.id), "--json")
    assert by_id.exit_code == 0, by_id.output
    (read, listed) = json.loads(by_id.stdout)
    assert (read["what"], listed["what"]) == ("read_consultation", "list_consultations")
    by_key = await ask(env, "audit", "what", "--key", read["key"], "--from", "2020-01-01", "--json")
    assert json.loads(by_key.stdout) == [read]
    ids = await ask(env, "audit", "what", "--key", listed["key"], "--from", "2020-01-01", "--ids")
    assert ids.stdout == f"{scene.id}\n"
    keyed = env | {"KLIK_AUDIT_KEY": "secret"}
    assert (await ask(keyed, "audit", "source", "203.0.113.9")).stdout == f"{read['source']}\n"
    assert (await ask(keyed, "audit", "source", "203.0.113.8")).stdout != f"{read['source']}\n"
    assert (await ask(keyed, "audit", "source", "nobody")).exit_code == 2
    table = await ask(env, "audit", "what", "--key", read["key"], "--from", "2020-01-01")
    assert "1 entries, 1 consultations" in table.output
    before = ("--from", "2020-01-01", "--to", "2020-01-02")
    assert "0 entries" in (await ask(env, "audit", "what", "--key", read["key"], *before)).output
    nobody = await ask(env, "audit", "who", "--consultation", str(uuid4()), "--json")
    assert json.loads(nobody.stdout) == []


async def test_verify_says_which_entry_when_one_was_changed(
    scene: Scene, env: dict[str, str]
) -> None:
    officer = bearer(KEYS[Role.OFFICER])
    for _ in range(3):
        await scene.client.get(f"/v1/consultations/{scene.id}", headers=officer)
    whole = await ask(env, "audit", "verify")
    assert whole.exit_code == 0, whole.output
    assert "intake: 3 entries in 3 segments, whole" in whole.output
    (head,) = [
        f"intake:{one['segments']}:{one['head']}"
        for one in json.loads((await ask(env, "audit", "verify", "--json")).stdout)
        if one["chain"] == "intake"
    ]

    collection = scene.database.collection("audit")
    last = await collection.get(3)
    assert last is not None
    await collection.delete_all({"_id": 3})
    assert (await ask(env, "audit", "verify")).exit_code == 0, "a chain alone does not tell"
    cut = await ask(env, "audit", "verify", "--head", head)
    assert (cut.exit_code, "cut off" in cut.output) == (1, True), cut.output
    await collection.insert(last)
    assert (await ask(env, "audit", "verify", "--head", head)).exit_code == 0

    second = await collection.get(2)
    assert second is not None
    text = second["entries"][0].replace('"200"', '"404"')
    await collection.update({"_id": 2}, {"$set": {"entries": [text]}})
    found = await ask(env, "audit", "verify", "--json")
    assert found.exit_code == 1
    faults = {one["chain"]: one["faults"] for one in json.loads(found.stdout)}
    assert [(one["segment"], one["entry"]) for one in faults["intake"]] == [(2, 1)]
    assert not any(faults[chain] for chain in faults.keys() - {"intake"})


async def test_key_change_is_written_down_and_done_all_the_same_without_a_database(
    env: dict[str, str], backends: Backends, tmp_path: Path
) -> None:
    make_secrets(tmp_path / "secrets", passwords=False, keys_in=tmp_path)
    env = env | {"KLIK_SECRETS_DIR": str(tmp_path / "secrets")}
    made = await ask(env, "keys", "create", "--role", "analyst", "--id", "sari")
    assert (made.exit_code, made.stderr.count("Not in the audit")) == (0, 0), made.output
    away = env | {"KLIK_MONGO_URL": "mongodb://127.0.0.1:9/?directConnection=true"}
    revoked = await ask(away, "keys", "revoke", "sari")
    assert (revoked.exit_code, revoked.stderr.count("Not in the audit")) == (0, 1)

    database = Database(backends.mongo_url, f"{env['KLIK_MONGO_PREFIX']}_operators")
    found = await entries(AuditLog(database.collection("audit"), "operators"))
    assert [(one.what, one.outcome, one.about) for one in found] == [
        ("klik keys create", "begun", "sari"),
        ("klik keys create", "done", "sari"),
    ]
    await database.drop()
    await database.close()
