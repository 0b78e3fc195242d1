"""Who may do what with which consultation: intake's routes over a store in memory."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from services.intake.domain.consultation import Consultation, Private, submit
from services.intake.domain.lifecycle import Status
from services.intake.domain.submission import Submission
from services.intake.domain.tickets import new_ticket
from shared.web.app import create_http
from shared.web.auth import Keyring
from shared.web.permissions import ACCESS, Role, Scope
from tests.support.builders import NOON, a_post
from tests.support.fakes import Clock, FakeConsultations
from tests.support.keys import KEYS, TERRITORY, bearer, keyring_text
from tests.support.services.intake import with_intake

ELSEWHERE = "64.02.19"
DESA = {TERRITORY: "64.02.06.2012", ELSEWHERE: "64.02.19.2001"}
OF_ONE_KECAMATAN = (Role.OFFICER, Role.COORDINATOR)
OF_ALL = (Role.DPMD, Role.ADMIN)


@dataclass(frozen=True)
class Step:
    """A request about one consultation, and a status in which it is possible."""

    method: str
    path: str = ""
    body: Mapping[str, Any] | None = None
    status: Status = "assigned"


#: Every route about one consultation where officers reach their own kecamatan.
STEPS: Mapping[str, Step] = {
    "read_consultation": Step("GET"),
    "add_message": Step("POST", "/messages", {"kind": "answer", "body": "Ya"}),
    "acknowledge_consultation": Step("POST", "/acknowledge"),
    "close_consultation": Step("POST", "/close", status="answered"),
    "reopen_consultation": Step("POST", "/reopen", status="closed"),
    "reject_consultation": Step("POST", "/reject", {"reason": "not_ours"}),
    "transfer_consultation": Step("POST", "/transfer", {"to": "64.02.07", "reason": "wrong_place"}),
    "escalate_consultation": Step("POST", "/escalate", {"reason": "needs_expert"}),
}


class Store(FakeConsultations):
    """With what the routes read, besides."""

    async def get_with_private(self, id_: UUID) -> tuple[Consultation, Private] | None:
        return (self.kept[id_], Private(pin="123456", name="Siti")) if id_ in self.kept else None

    async def inbox(
        self, query: dict[str, Any], *, before: UUID | None, limit: int
    ) -> list[Consultation]:
        return [one for one in self.kept.values() if _fits(one, query)]

    async def count_by_status(self, query: dict[str, Any]) -> dict[str, int]:
        return {"assigned": sum(_fits(one, query) for one in self.kept.values())}

    async def count_accepted(self, first_day: str, last_day: str) -> list[dict[str, Any]]:
        raise NotImplementedError

    def keep(self, kecamatan: str, **changes: Any) -> Consultation:
        consultation, _ = submit(
            Submission.model_validate(a_post(desa_code=DESA[kecamatan])),
            id_=uuid4(),
            event_id=uuid4(),
            ticket=new_ticket(),
            by="test-frontend",
            now=NOON,
        )
        kept = replace(consultation, **{"status": "assigned", "satgas": kecamatan, **changes})
        self.kept[kept.id] = kept
        return kept


def _fits(one: Consultation, query: Mapping[str, Any]) -> bool:
    """As MongoDB would say, of the few operators that are used."""
    return all(
        any(_fits(one, branch) for branch in value)
        if name == "$or"
        else getattr(one, name) != value["$ne"]
        if isinstance(value, dict)
        else getattr(one, name) == value
        for name, value in query.items()
    )


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def app(store: Store) -> FastAPI:
    clock = Clock(NOON)
    app = create_http("intake", "", Keyring.parse(keyring_text(), clock), lambda: True, None)
    with_intake(app, store, clock)
    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://intake") as client:
        yield client


async def take(
    client: httpx.AsyncClient, step: Step, role: Role, consultation: Consultation
) -> httpx.Response:
    url = f"/v1/consultations/{consultation.id}{step.path}"
    return await client.request(step.method, url, json=step.body, headers=bearer(KEYS[role]))


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("role", OF_ONE_KECAMATAN)
async def test_what_is_elsewhere_is_out_of_reach(
    client: httpx.AsyncClient, store: Store, role: Role, name: str
) -> None:
    before = store.keep(ELSEWHERE, status=STEPS[name].status)
    reply = await take(client, STEPS[name], role, before)
    assert reply.status_code == 403
    assert reply.json()["type"] == "urn:klikdesa:problem:forbidden"
    assert "Siti" not in reply.text
    assert store.kept[before.id] == before


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("role", [*OF_ONE_KECAMATAN, *OF_ALL])
async def test_what_is_in_the_own_kecamatan_is_within_reach(
    client: httpx.AsyncClient, store: Store, role: Role, name: str
) -> None:
    reply = await take(client, STEPS[name], role, store.keep(TERRITORY, status=STEPS[name].status))
    assert reply.status_code == 200
    assert reply.json()["requester"]["name"] == "Siti"


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("role", OF_ALL)
async def test_dpmd_and_administrators_reach_everywhere(
    client: httpx.AsyncClient, store: Store, role: Role, name: str
) -> None:
    reply = await take(client, STEPS[name], role, store.keep(ELSEWHERE, status=STEPS[name].status))
    assert reply.status_code == 200


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("role", OF_ONE_KECAMATAN)
async def test_what_the_own_satgas_has_is_within_reach_wherever_it_is(
    client: httpx.AsyncClient, store: Store, role: Role, name: str
) -> None:
    taken_over = store.keep(ELSEWHERE, status=STEPS[name].status, satgas=TERRITORY)
    assert (await take(client, STEPS[name], role, taken_over)).status_code == 200


@pytest.mark.parametrize("role", [*OF_ONE_KECAMATAN, *OF_ALL])
async def test_each_move_keeps_who_made_it(
    client: httpx.AsyncClient, store: Store, role: Role
) -> None:
    consultation = store.keep(TERRITORY)
    await take(client, STEPS["acknowledge_consultation"], role, consultation)
    last = store.kept[consultation.id].timeline[-1]
    assert (last.actor, last.id_of_actor) == ("officer", f"test-{role}")


@pytest.mark.parametrize("role", OF_ONE_KECAMATAN)
async def test_an_inbox_is_of_the_own_kecamatan(
    client: httpx.AsyncClient, store: Store, role: Role
) -> None:
    mine = store.keep(TERRITORY)
    taken_over = store.keep(ELSEWHERE, satgas=TERRITORY)
    store.keep(ELSEWHERE)
    store.keep(TERRITORY, kind="pengaduan", satgas="dpmd")
    headers = bearer(KEYS[role])
    for query in ("", f"?kecamatan={TERRITORY}"):
        inbox = (await client.get(f"/v1/consultations{query}", headers=headers)).json()
        assert [item["id"] for item in inbox["items"]] == [str(mine.id), str(taken_over.id)]
        assert inbox["counts"]["assigned"] == 2, "counts are of the same"
    other = await client.get(f"/v1/consultations?kecamatan={ELSEWHERE}", headers=headers)
    assert other.status_code == 403


@pytest.mark.parametrize("role", OF_ALL)
async def test_an_inbox_without_a_territory_is_of_all(
    client: httpx.AsyncClient, store: Store, role: Role
) -> None:
    store.keep(TERRITORY)
    store.keep(ELSEWHERE)
    headers = bearer(KEYS[role])
    inbox = (await client.get("/v1/consultations", headers=headers)).json()
    assert len(inbox["items"]) == 2
    inbox = (await client.get(f"/v1/consultations?kecamatan={ELSEWHERE}", headers=headers)).json()
    assert len(inbox["items"]) == 1


def test_every_route_of_own_scope_is_tried_here(app: FastAPI) -> None:
    """A route about a consultation that is not in `STEPS` is one whose reach nobody tried."""
    document = app.openapi()["paths"]
    about_one = {
        operation["operationId"]
        for path, operations in document.items()
        for operation in operations.values()
        if "{id}" in path
    }
    own = {name for name in about_one if Scope.OWN in ACCESS[name].values()}
    assert own == STEPS.keys()
