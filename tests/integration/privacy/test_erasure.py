"""Erasing personal data: nothing of it is left, everybody is answered, and nothing breaks it."""

from collections.abc import AsyncGenerator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.intake.acceptance import Acceptance
from services.intake.domain.consultation import Consultation
from services.intake.domain.conversation import Erased, Request
from services.intake.domain.move_bodies import NewMessage
from services.intake.handlers import Handlers
from services.intake.moves import NotFound
from services.intake.store.erasures import ErasuresStore
from shared.errors import StoreUnavailable
from shared.events import Event
from shared.storage.mongo import Database
from shared.web.app import create_http
from shared.web.auth import Keyring, Role
from tests.support.backends import Backends
from tests.support.builders import NOON, assigned
from tests.support.fakes import Clock
from tests.support.keys import KEYS, bearer, keyring_text
from tests.support.marked import MARKED, OFFICER, Marked, a_marked_one
from tests.support.services.intake import as_requester, with_intake

pytestmark = pytest.mark.integration

ERASED = "klikdesa.consultation.erased.v1"


@pytest.fixture
async def scene(database: Database, backends: Backends) -> Marked:
    return await a_marked_one(database, backends.mongo_url)


@pytest.fixture
async def client(scene: Marked) -> AsyncGenerator[httpx.AsyncClient]:
    store, clock = scene.store, Clock(NOON)
    app = create_http("intake", "", Keyring.parse(keyring_text(), clock), lambda: True, None)
    with_intake(app, store, clock, erasure=scene.erasure)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://i/v1") as client:
        yield client


def personal_data(scene: Marked) -> str:
    return f"/consultations/{scene.id}/personal-data"


async def events(scene: Marked) -> list[str]:
    return [letter["type"] for letter in (await scene.document())["outbox"]]


async def test_nothing_is_left_when_a_consultation_was_erased(scene: Marked) -> None:
    before = await scene.document()
    await scene.erasure.erase(scene.id, OFFICER)

    document = await scene.document()
    assert document["sealed"] == {}
    assert [one.keys() & {"body"} for one in document["messages"]] == [set()] * 4
    assert not document["fingerprint"]
    assert not document["moves_done"]
    assert await scene.database.collection("data_keys").count({}) == 0
    kept = ("status", "topic", "kind", "desa", "rating", "received_at", "received_day", "said")
    assert {name: document[name] for name in kept} == {name: before[name] for name in kept}
    assert len(document["timeline"]) == len(before["timeline"]) + 1


async def test_it_is_told_once_when_it_is_erased_again(scene: Marked) -> None:
    for _ in range(3):
        await scene.erasure.erase(scene.id, OFFICER)
    assert (await events(scene)).count(ERASED) == 1
    assert await scene.database.collection("erasures").count({"open": 1}) == 0
    with pytest.raises(NotFound):
        await scene.erasure.erase(uuid4(), OFFICER)


@pytest.mark.parametrize("how", ["erased", "key deleted by hand"])
async def test_every_route_answers_when_the_words_are_gone(
    scene: Marked, client: httpx.AsyncClient, how: str
) -> None:
    admin, desk = (bearer(KEYS[r]) for r in (Role.ADMIN, Role.DPMD))
    if how == "erased":
        assert (await client.delete(personal_data(scene), headers=desk)).status_code == 204
        assert (await client.delete(personal_data(scene), headers=admin)).status_code == 204
    else:
        await scene.database.collection("data_keys").delete_all({})
    at, accepted = f"/consultations/{scene.id}", scene.accepted

    read = await client.get(at, headers={**desk, "Accept-Language": "en"})
    assert read.status_code == 200, read.text
    view = read.json()
    assert view["erased"] is True
    assert (view["title"], view["body"], view["rating_comment"]) == ("(erased)", "(erased)", None)
    assert {one["body"] for one in view["messages"]} == {"(erased)"}
    assert (view["requester"]["name"], view["requester"]["contact"]) == (None, None)
    assert (view["status"], view["rating"], len(view["messages"])) == ("answered", 4, 4)

    (line,) = (await client.get("/consultations", headers=desk)).json()["items"]
    assert line["title"] == "(dihapus)"
    contacts = await client.post(
        "/contacts",
        json={"consultations": [str(scene.id)]},
        headers=bearer(KEYS[Role.NOTIFY]),
    )
    assert (contacts.status_code, contacts.json()["contacts"]) == (200, [])
    pin = {"X-Pin": accepted.pin}
    tracked = await client.get(f"/track/{accepted.consultation.ticket}", headers=pin)
    assert tracked.status_code == 404
    message = await client.post(
        f"{at}/messages", json={"kind": "answer", "body": "tanda-baru"}, headers=desk
    )
    assert message.status_code == 410, message.text
    requester = as_requester(scene.id, Clock(NOON))
    rated = await client.post(f"{at}/rating", json={"rating": 1}, headers=requester)
    closed = await client.post(f"{at}/close", headers=desk)
    # of which only the key is gone can be closed, and was rated
    statuses = [rated.status_code, closed.status_code]
    assert statuses == ([410, 410] if how == "erased" else [409, 200])
    if how == "erased":
        assert view["possible"] == []
    assert b"tanda-baru" not in scene.dump()


async def test_post_is_refused_when_what_it_repeats_was_erased(scene: Marked) -> None:
    from services.intake.domain.submission import Submission

    await scene.erasure.erase(scene.id, OFFICER)
    with pytest.raises(Erased):
        await Acceptance(scene.store, Clock(NOON)).accept(
            Submission.model_validate(MARKED), caller="c", key="k"
        )


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.FRONTEND, 403), (Role.OFFICER, 403), (Role.COORDINATOR, 403), (Role.ANALYST, 403)],
)
async def test_erasure_is_refused_when_it_is_not_theirs(
    scene: Marked, client: httpx.AsyncClient, role: Role, status: int
) -> None:
    refused = await client.delete(personal_data(scene), headers=bearer(KEYS[role]))
    assert refused.status_code == status
    assert not (await scene.found()).erased


async def test_move_leaves_nothing_when_an_erasure_is_quicker(
    scene: Marked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has read the consultation, and its key, before they are gone."""
    save = scene.store.save

    async def late(before: Consultation, changed: Consultation, event: Event | None = None) -> None:
        await scene.erasure.erase(scene.id, OFFICER)
        await save(before, changed, event)

    monkeypatch.setattr(scene.store, "save", late)
    with pytest.raises(Erased):
        await scene.moves.move(
            scene.id, Request("note", OFFICER, NewMessage(kind="note", body="tanda-baru"))
        )
    document = await scene.document()
    assert len(document["messages"]) == 4
    assert not any("body" in one for one in document["messages"])


@pytest.mark.parametrize("step", ["erase", "destroy_key"])
async def test_erasure_is_finished_when_it_was_interrupted(
    scene: Marked, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    async def crash(self: ErasuresStore, *_: Any) -> None:
        raise StoreUnavailable("crashed")

    monkeypatch.setattr(ErasuresStore, step, crash)
    with pytest.raises(StoreUnavailable):
        await scene.erasure.erase(scene.id, OFFICER)
    monkeypatch.undo()

    assert await scene.erasure.finish() == 1
    assert await scene.erasure.finish() == 0
    assert (await events(scene)).count(ERASED) == 1
    assert await scene.database.collection("data_keys").count({}) == 0


async def test_late_news_are_taken_in_when_a_consultation_was_erased(scene: Marked) -> None:
    """What routing decided before it heard of it is no error, and no words."""
    await scene.erasure.erase(scene.id, OFFICER)
    await Handlers(scene.store, Clock(NOON)).on_case_assigned(
        assigned(scene.id, sequence=9, officer="petugas-2")
    )
    assert (await scene.document())["officer"] == "petugas-2"
