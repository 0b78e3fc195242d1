"""Consultations found by their words: which, for whom, how many are looked through."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.intake.domain.consultation import Consultation, Message, Private, submit
from services.intake.domain.submission import Submission
from services.intake.domain.tickets import new_ticket
from services.intake.search import MOST_SEARCHED
from services.intake.store.documents import without_words
from shared.limits.buckets import Buckets, Rate
from shared.times import new_id
from shared.web.app import create_http
from shared.web.auth import Keyring
from shared.web.permissions import Role
from tests.support.builders import NOON, a_post
from tests.support.fakes import Clock, FakeConsultations
from tests.support.keys import KEYS, bearer, keyring_text
from tests.support.services.intake import as_requester, with_intake

NIK = "6402061502890003"
HOME, NEXT_DESA = "64.02.06", "64.02.07.2001"


class Scene:
    def __init__(self, client: httpx.AsyncClient, store: FakeConsultations) -> None:
        self.client = client
        self.store = store

    def keep(self, said: str = "", *, satgas: str = HOME, **post: Any) -> UUID:
        """One more, newer than those before; `said`: an answer in it."""
        new, _ = submit(
            Submission.model_validate(a_post(**post)),
            id_=new_id(), event_id=uuid4(), ticket=new_ticket(), by="web", now=NOON,
        )  # fmt: skip
        talk = (Message("1", "answer", said, NOON, "officer", "p"),) if said else ()
        kept = replace(new, status="answered", satgas=satgas, messages=talk)
        return self.put(kept)

    def put(self, kept: Consultation) -> UUID:
        self.store.kept[kept.id] = kept
        self.store.private[kept.id] = Private("123456")
        return kept.id

    async def ask(self, q: str, role: Role = Role.OFFICER, **params: str) -> httpx.Response:
        url = "/v1/consultations"
        return await self.client.get(url, params={"q": q, **params}, headers=bearer(KEYS[role]))

    async def found(self, q: str, role: Role = Role.OFFICER, **params: str) -> list[UUID]:
        reply = await self.ask(q, role, **params)
        assert reply.status_code == 200, reply.text
        return [UUID(one["id"]) for one in reply.json()["items"]]


@pytest.fixture
async def scene() -> AsyncGenerator[Scene]:
    app = create_http("intake", "", Keyring.parse(keyring_text()), lambda: True, None)
    store = FakeConsultations()
    with_intake(app, store, Clock(NOON), searches=Buckets("searches", Rate(0.001, 30)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://i") as client:
        yield Scene(client, store)


async def test_words_are_found_in_title_body_and_messages_newest_first(scene: Scene) -> None:
    titled = scene.keep(title="Jembatan gantung")
    scene.keep(title="Lain")
    written = scene.keep(body="Bagaimana dengan JEMBATAN itu?")
    answered = scene.keep("Untuk jembatan\npakai Dana Desa.")
    assert await scene.found("jembatan") == [answered, written, titled]
    # each of them, wherever, and in parts
    assert await scene.found(" dana  JEMBAT ") == [answered]
    assert await scene.found("jembatan sungai") == []
    assert await scene.found("jembatan", status="closed") == []


async def test_letters_are_the_same_however_they_are_put_together(scene: Scene) -> None:
    kept = scene.keep(body="Kant\u00e9n d\u00e9sa")
    assert await scene.found("kante\u0301n") == [kept]


@pytest.mark.parametrize("role", [Role.OFFICER, Role.COORDINATOR])
async def test_nothing_is_found_that_may_not_be_read(scene: Scene, role: Role) -> None:
    mine = scene.keep(title="Sumur bor")
    scene.keep(title="Sumur bor", desa_code=NEXT_DESA, satgas="64.02.07")
    scene.keep(title="Sumur bor", kind="pengaduan", satgas="dpmd")
    given = scene.keep(title="Sumur bor", kind="pengaduan")
    scene.put(without_words(replace(scene.store.kept[mine], id=new_id())))
    assert await scene.found("sumur", role) == [given, mine]
    assert len(await scene.found("sumur", Role.DPMD)) == 4
    reply = await scene.ask("sumur", role, kecamatan="64.02.07")
    assert reply.status_code == 403


async def test_number_that_is_covered_in_a_title_is_no_way_to_find_it(scene: Scene) -> None:
    """It is the satgas's that has it; from where it comes it was given away."""
    own = scene.keep(title=f"Bantuan untuk {NIK}")
    away = scene.keep(title=f"Bantuan untuk {NIK}", satgas="64.02.07")
    assert await scene.found(NIK) == [own]
    assert await scene.found("bantuan") == [away, own]


@pytest.mark.parametrize("role", [Role.FRONTEND, Role.ANALYST, Role.SERVICE, Role.CAMAT])
async def test_nobody_else_searches(scene: Scene, role: Role) -> None:
    scene.keep(title="Sumur bor")
    assert (await scene.ask("sumur", role)).status_code == 403
    headers = as_requester(uuid4(), Clock(NOON))
    asked = await scene.client.get("/v1/consultations?q=sumur", headers=headers)
    assert asked.status_code == 403


async def test_search_goes_on_behind_what_it_looked_through(scene: Scene) -> None:
    oldest = scene.keep(title="Sumur bor")
    for _ in range(MOST_SEARCHED + 20):
        scene.keep(title="Lain")
    first = (await scene.ask("sumur")).json()
    assert (first["items"], first["searched"]) == ([], MOST_SEARCHED)
    reply = await scene.ask("sumur", cursor=first["next"])
    rest = reply.json()
    assert [one["id"] for one in rest["items"]] == [str(oldest)]
    assert (rest["next"], rest["searched"]) == (None, 21)


async def test_pages_of_a_search_hold_together(scene: Scene) -> None:
    ids = [scene.keep(title="Sumur bor") for _ in range(25)]
    seen, path = list[str](), "/v1/consultations?q=sumur&limit=4"
    while path:
        reply = await scene.client.get(path, headers=bearer(KEYS[Role.OFFICER]))
        seen += [one["id"] for one in reply.json()["items"]]
        path = reply.links["next"]["url"] if "next" in reply.links else ""
    assert seen == [str(one) for one in reversed(ids)]


async def test_what_was_said_is_not_in_the_answer(scene: Scene) -> None:
    scene.keep("RAHASIA jawaban", body="RAHASIA sumur")
    assert "RAHASIA" not in (await scene.ask("sumur")).text


async def test_searches_are_refused_when_there_are_too_many(scene: Scene) -> None:
    statuses = [(await scene.ask("sumur")).status_code for _ in range(31)]
    assert (set(statuses[:30]), statuses[30]) == ({200}, 429)
    reply = await scene.ask("sumur")
    assert "searches" in reply.json()["detail"]
    assert (await scene.ask("sumur", Role.DPMD)).status_code == 200
    # an inbox without words is not one
    inbox = await scene.client.get("/v1/consultations", headers=bearer(KEYS[Role.OFFICER]))
    assert (inbox.status_code, inbox.json()["searched"]) == (200, None)


@pytest.mark.parametrize("q", ["", "a", "  ", "a" * 101])
async def test_what_is_no_search_is_refused_with_a_pointer(scene: Scene, q: str) -> None:
    reply = await scene.ask(q)
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "query:q")
