"""intake over HTTP, from a store in memory: who sees what, and what is told with it."""

import hashlib
import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.intake.handlers import Handlers
from shared.events import CaseDeadlineMissed, CaseEscalated, CaseHeld, CaseReminderDue
from shared.web.app import create_http
from shared.web.auth import Keyring
from tests.support.builders import NOON, TENGGARONG, a_post, assigned
from tests.support.fakes import Clock, FakeConsultations
from tests.support.keys import bearer
from tests.support.services.intake import LINK_LIFETIME, as_requester, link_tokens, with_intake

ENGLISH = {"Accept-Language": "en"}
HOME, ELSEWHERE, THIRD = "64.02.06", "64.02.07", "64.02.08"
CALLERS: list[dict[str, str]] = [
    {"id": "form-1", "role": "frontend"},
    {"id": "desk-1", "role": "dpmd"},
    {"id": "admin-1", "role": "admin"},
    {"id": "notify-1", "role": "notify"},
    *({"id": f"at-{place}", "role": "officer", "territory": place} for place in (HOME, ELSEWHERE)),
]
KEYRING = [{**row, "sha256": hashlib.sha256(row["id"].encode()).hexdigest()} for row in CALLERS]


class Scene:
    def __init__(self, client: httpx.AsyncClient, store: FakeConsultations) -> None:
        self.client = client
        self.store = store
        self.handlers = Handlers(store, Clock(NOON))

    async def ask(self, who: str, method: str, path: str, **more: Any) -> httpx.Response:
        """`who`: a caller's id, or the id of a consultation for its requester."""
        key = who if who in {row["id"] for row in CALLERS} else ""
        own = bearer(key) if key else as_requester(who, Clock(NOON))
        headers = {**own, **more.pop("headers", {})}
        return await self.client.request(method, f"/v1{path}", headers=headers, **more)

    async def post(self, kind: str = "konsultasi") -> Any:
        body = a_post(kind=kind, desa_code=TENGGARONG.desa)
        reply = await self.ask("form-1", "POST", "/consultations", json=body)
        assert reply.status_code == 202
        return reply.json()

    async def given_to(self, satgas: str, kind: str = "konsultasi") -> UUID:
        id_ = UUID((await self.post(kind))["id"])
        level = "dpmd" if satgas == "dpmd" else "satgas"
        # as if the desk had transferred it there
        self.store.kept[id_] = replace(self.store.kept[id_], transferred_to=(satgas,))
        event = assigned(id_, satgas=satgas, officer="petugas-RAHASIA", level=level)
        await self.handlers.on_case_assigned(event)
        return id_


@pytest.fixture
async def scene() -> AsyncGenerator[Scene]:
    app = create_http("intake", "", Keyring.parse(json.dumps(KEYRING)), lambda: True, None)
    store, clock = FakeConsultations(), Clock(NOON)
    with_intake(app, store, clock)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://i") as client:
        yield Scene(client, store)


MOVES: list[tuple[str, Any]] = [
    ("messages", {"kind": "answer", "body": "Isi"}),
    ("messages", {"kind": "note", "body": "Isi"}),
    ("acknowledge", None),
    ("close", None),
    ("reopen", None),
    ("reject", {"reason": "not_ours"}),
    ("transfer", {"to": THIRD, "reason": "not_ours"}),
    ("escalate", {"reason": "needs_expert"}),
]


# --- titles


@pytest.mark.parametrize(
    ("satgas", "who", "is_whole"),
    [
        (HOME, f"at-{HOME}", True),
        (ELSEWHERE, f"at-{ELSEWHERE}", True),
        (ELSEWHERE, f"at-{HOME}", False),
        ("dpmd", "desk-1", True),
        ("dpmd", f"at-{HOME}", False),
        (HOME, "desk-1", False),
        (HOME, "admin-1", False),
        (HOME, "requester", True),
    ],
)
async def test_title_has_peoples_numbers_for_the_satgas_that_has_it_and_the_requester(
    scene: Scene, satgas: str, who: str, is_whole: bool
) -> None:
    title = "NIK 6402191201850001 ganda, Rp 1.250.000.000"
    body = a_post(title=title, desa_code=TENGGARONG.desa)
    id_ = UUID((await scene.ask("form-1", "POST", "/consultations", json=body)).json()["id"])
    before = scene.store.kept[id_]
    scene.store.kept[id_] = replace(before, satgas=satgas, status="assigned")
    who = str(id_) if who == "requester" else who
    seen = await scene.ask(who, "GET", f"/consultations/{id_}")
    assert seen.json()["title"] == (title if is_whole else "NIK ••• ganda, Rp 1.250.000.000")
    assert ("masked" in seen.headers["etag"]) is not is_whole
    same = {"If-Match": seen.headers["etag"]}
    if who == f"at-{HOME}":
        again = await scene.ask(who, "POST", f"/consultations/{id_}/acknowledge", headers=same)
        assert (again.status_code, again.json()["title"]) == (200, seen.json()["title"])


# --- complaints


@pytest.mark.parametrize(
    ("satgas", "who", "status"),
    [
        ("dpmd", "desk-1", 200),
        ("dpmd", "admin-1", 200),
        ("dpmd", "form-1", 403),
        ("dpmd", "requester", 200),
        ("dpmd", f"at-{HOME}", 404),
        ("dpmd", f"at-{ELSEWHERE}", 404),
        (ELSEWHERE, f"at-{ELSEWHERE}", 200),
        (ELSEWHERE, f"at-{HOME}", 404),
        (ELSEWHERE, "desk-1", 200),
    ],
)
async def test_a_complaint_is_seen_by_those_it_was_given_to(
    scene: Scene, satgas: str, who: str, status: int
) -> None:
    id_ = await scene.given_to(satgas, "pengaduan")
    who = str(id_) if who == "requester" else who
    assert (await scene.ask(who, "GET", f"/consultations/{id_}")).status_code == status


async def test_a_complaint_that_nobody_has_yet_is_not_the_kecamatans(scene: Scene) -> None:
    id_ = (await scene.post("pengaduan"))["id"]
    assert (await scene.ask(f"at-{HOME}", "GET", f"/consultations/{id_}")).status_code == 404


@pytest.mark.parametrize(("path", "body"), MOVES)
async def test_a_hidden_complaint_answers_like_one_that_does_not_exist(
    scene: Scene, path: str, body: Any
) -> None:
    id_ = await scene.given_to("dpmd", "pengaduan")
    before = scene.store.kept[id_]
    replies = []
    for one in (id_, uuid4()):
        for method, at in (("GET", ""), ("POST", f"/{path}")):
            url = f"/consultations/{one}{at}"
            reply = await scene.ask(f"at-{HOME}", method, url, json=body)
            replies.append((method, reply.text.replace(str(one), "")))
    assert replies[:2] == replies[2:]
    assert scene.store.kept[id_] == before


@pytest.mark.parametrize(
    ("who", "to", "officer", "status"),
    [
        (f"at-{ELSEWHERE}", HOME, None, 403),
        (f"at-{ELSEWHERE}", THIRD, None, 403),
        (f"at-{ELSEWHERE}", "dpmd", None, 200),
        (f"at-{ELSEWHERE}", ELSEWHERE, "petugas-2", 200),
        ("desk-1", HOME, None, 200),
    ],
)
async def test_a_satgas_can_only_give_a_complaint_back(
    scene: Scene, who: str, to: str, officer: str | None, status: int
) -> None:
    id_ = await scene.given_to(ELSEWHERE, "pengaduan")
    body = {"to": to, "officer": officer, "reason": "not_ours"}
    reply = await scene.ask(who, "POST", f"/consultations/{id_}/transfer", json=body)
    assert reply.status_code == status


@pytest.mark.parametrize(
    ("satgas", "who", "status"),
    [
        (HOME, f"at-{HOME}", 200),
        (HOME, f"at-{ELSEWHERE}", 403),
        (ELSEWHERE, f"at-{HOME}", 200),
        (ELSEWHERE, f"at-{ELSEWHERE}", 200),
        (THIRD, f"at-{ELSEWHERE}", 403),
        ("dpmd", f"at-{HOME}", 200),
    ],
)
async def test_other_consultations_are_seen_where_they_come_from_and_where_they_went(
    scene: Scene, satgas: str, who: str, status: int
) -> None:
    id_ = await scene.given_to(satgas)
    assert (await scene.ask(who, "GET", f"/consultations/{id_}")).status_code == status
    note = {"kind": "note", "body": "Isi"}
    moved = await scene.ask(who, "POST", f"/consultations/{id_}/messages", json=note)
    assert moved.status_code == status


# --- the pointer to SP4N-LAPOR!


@pytest.mark.parametrize(
    ("language", "word"), [("id", "Pengaduan"), ("en-GB,en;q=0.9", "complaint"), ("", "Pengaduan")]
)
async def test_a_complaint_is_answered_with_a_pointer(
    scene: Scene, language: str, word: str
) -> None:
    spoken = {"Accept-Language": language, "Idempotency-Key": "k"}
    body = a_post(kind="pengaduan")

    async def ask(method: str, path: str, **more: Any) -> Any:
        more["headers"] = spoken | more.get("headers", {})
        return (await scene.ask("form-1", method, path, **more)).json()

    receipt = await ask("POST", "/consultations", json=body)
    assert await ask("POST", "/consultations", json=body) == receipt
    items = [{**body, "idempotency_key": "b"}, a_post()]
    batch = await ask("POST", "/consultations:batch", json={"items": items})
    again = await ask("POST", "/consultations:batch", json={"items": items[:1]})
    assert again["results"] == batch["results"][:1]
    followed = await ask("GET", f"/track/{receipt['ticket']}", headers={"X-Pin": receipt["pin"]})

    for reply in (receipt, batch["results"][0], followed):
        assert word in reply["notice"]["text"]
        assert "SP4N-LAPOR!" in reply["notice"]["text"]
        assert reply["notice"]["url"] == "https://www.lapor.go.id"
    assert "notice" not in batch["results"][1]


async def test_nothing_else_has_a_pointer(scene: Scene) -> None:
    receipt = await scene.post()
    url = f"/track/{receipt['ticket']}"
    followed = await scene.ask("form-1", "GET", url, headers={"X-Pin": receipt["pin"]})
    assert receipt["notice"] is followed.json()["notice"] is None


async def test_another_language_is_another_representation(scene: Scene) -> None:
    receipt = await scene.post("pengaduan")
    pin, url = {"X-Pin": receipt["pin"]}, f"/track/{receipt['ticket']}"
    etag = (await scene.ask("form-1", "GET", url, headers=pin)).headers["ETag"]
    known = pin | {"If-None-Match": etag}
    assert (await scene.ask("form-1", "GET", url, headers=known)).status_code == 304
    english = known | {"Accept-Language": "en"}
    assert (await scene.ask("form-1", "GET", url, headers=english)).status_code == 200


# --- what the requester sees


async def test_the_requester_sees_what_was_decided_and_no_officer(scene: Scene) -> None:
    receipt = await scene.post()
    id_ = UUID(receipt["id"])
    at = [NOON + timedelta(minutes=n) for n in range(1, 8)]

    def about(n: int, **more: Any) -> dict[str, Any]:
        common = {"id": uuid4(), "consultation": id_, "sequence": n, "region": TENGGARONG}
        return common | {"time": at[n], "due": at[n], "late_seconds": 0, **more}

    who = {"satgas": HOME, "officer": "petugas-RAHASIA"}
    escalated = {"from_level": "officer", "to_level": "camat", "to": "camat-RAHASIA"}
    tell = scene.handlers
    await tell.on_case_noted(
        CaseEscalated.model_validate(about(5, reason="overdue", **escalated, **who))
    )
    await tell.on_case_held(CaseHeld.model_validate(about(1, reason="nobody_available")))
    await tell.on_case_noted(CaseDeadlineMissed.model_validate(about(4, clock="answer", **who)))
    await tell.on_case_assigned(
        assigned(id_, sequence=2, time=at[2], officer="petugas-RAHASIA", satgas=HOME)
    )
    await tell.on_case_noted(
        CaseReminderDue.model_validate(about(3, clock="answer", deadline=at[4], **who))
    )
    shown = ["consultation.submitted", "case.held", "case.assigned", "case.escalated"]

    tracked = await scene.ask(
        "form-1", "GET", f"/track/{receipt['ticket']}", headers={"X-Pin": receipt["pin"]}
    )
    assert [entry["what"] for entry in tracked.json()["timeline"]] == shown
    assert all(entry.keys() == {"what", "what_name", "at"} for entry in tracked.json()["timeline"])
    form = await scene.ask(str(id_), "GET", f"/consultations/{id_}")
    assert [entry["what"] for entry in form.json()["timeline"]] == shown
    assert "RAHASIA" not in tracked.text + form.text

    satgas = (await scene.ask(f"at-{HOME}", "GET", f"/consultations/{id_}")).json()
    assert [(entry["what"], entry["detail"]) for entry in satgas["timeline"][1:]] == [
        ("case.held", "nobody_available"),
        ("case.assigned", "satgas"),
        ("case.reminder_due", "answer"),
        ("case.deadline_missed", "answer"),
        ("case.escalated", "camat"),
    ]
    assert (satgas["officer"], satgas["level"]) == ("petugas-RAHASIA", "satgas")


# --- transfer and escalation over HTTP


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"to": "64.02.99", "reason": "not_ours"}, "/to"),
        ({"to": "Tenggarong", "reason": "not_ours"}, "/to"),
        ({"reason": "not_ours"}, "/to"),
        ({"to": ELSEWHERE}, "/reason"),
        ({"to": ELSEWHERE, "reason": "tired"}, "/reason"),
        ({"to": ELSEWHERE, "reason": "not_ours", "officer": "Pak Budi"}, "/officer"),
        ({"to": ELSEWHERE, "reason": "not_ours", "officer": ""}, "/officer"),
        ({"to": ELSEWHERE, "reason": "not_ours", "officer": "x" * 65}, "/officer"),
        ({"to": ELSEWHERE, "reason": "not_ours", "note": "RAHASIA"}, "/note"),
        ({"to": HOME, "reason": "absent"}, "/officer"),
        ({"to": HOME, "reason": "absent", "officer": "petugas-RAHASIA"}, "/officer"),
    ],
)
async def test_a_wrong_transfer_is_refused_at_its_field(
    scene: Scene, body: dict[str, str], pointer: str
) -> None:
    id_ = await scene.given_to(HOME)
    before = scene.store.kept[id_]
    reply = await scene.ask("desk-1", "POST", f"/consultations/{id_}/transfer", json=body)
    assert reply.status_code == 422
    assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]
    assert "RAHASIA" not in reply.text
    assert scene.store.kept[id_] == before


async def test_a_transfer_is_a_move_like_the_others(scene: Scene) -> None:
    id_ = await scene.given_to(HOME)
    url, body = f"/consultations/{id_}/transfer", {"to": ELSEWHERE, "reason": "wrong_place"}
    stale = await scene.ask(
        f"at-{HOME}", "POST", url, json=body, headers={"If-Match": '"1-officer"'}
    )
    assert stale.status_code == 412
    for _ in range(2):
        once = {"Idempotency-Key": "k"}
        reply = await scene.ask(f"at-{HOME}", "POST", url, json=body, headers=once)
        assert reply.status_code == 200
    asked = [event for event in scene.store.events if "transfer" in event.name]
    assert [event.model_dump()["actor"] for event in asked] == [f"at-{HOME}"]
    assert (await scene.ask("form-1", "POST", url, json=body)).status_code == 403


@pytest.mark.parametrize("path", ["transfer", "escalate"])
async def test_what_nobody_has_yet_can_be_given_to_nobody_else(scene: Scene, path: str) -> None:
    id_ = (await scene.post())["id"]
    body = {"reason": "needs_expert"} if path == "escalate" else dict(MOVES[6][1])
    reply = await scene.ask(
        "desk-1", "POST", f"/consultations/{id_}/{path}", json=body, headers=ENGLISH
    )
    assert reply.status_code == 409
    assert "while submitted; possible: note" in reply.json()["detail"]


async def test_an_escalation_of_what_the_desk_has_names_what_is_possible(scene: Scene) -> None:
    id_ = await scene.given_to("dpmd")
    url = f"/consultations/{id_}"
    body = {"reason": "needs_expert"}
    reply = await scene.ask("desk-1", "POST", f"{url}/escalate", json=body, headers=ENGLISH)
    assert reply.status_code == 409
    possible = (await scene.ask("desk-1", "GET", url)).json()["possible"]
    assert "transfer" in possible
    assert "escalate" not in possible
    assert reply.json()["detail"].endswith(f"possible: {', '.join(possible)}")


async def test_only_a_service_is_told_how_a_requester_is_reached(scene: Scene) -> None:
    contact = {"channel": "whatsapp", "address": "+62 812 5555 1234"}
    body = a_post(requester={"role": "bpd", "contact": contact}, anonymous=True)
    kept = (await scene.ask("form-1", "POST", "/consultations", json=body)).json()
    without = (await scene.post())["id"]
    asked = {"consultations": [kept["id"], without, str(uuid4()), kept["id"]]}
    reply = await scene.ask("notify-1", "POST", "/contacts", json=asked)
    reached = {"channel": "whatsapp", "address": "+6281255551234"}
    consultation = {"consultation": kept["id"], "ticket": kept["ticket"], "anonymous": True}
    told = reply.json()
    token, until = (told["contacts"][0].pop(f"link_{one}") for one in ("token", "expires_at"))
    assert link_tokens(Clock(NOON)).consultation(token) == UUID(kept["id"])
    assert datetime.fromisoformat(until) == NOON + LINK_LIFETIME
    assert told == {"contacts": [{**reached, **consultation}], "unreadable": []}
    for who in ("form-1", "desk-1", f"at-{HOME}"):
        assert (await scene.ask(who, "POST", "/contacts", json=asked)).status_code == 403
    for wrong in ([], [kept["id"]] * 201, ["x"]):
        refused = await scene.ask("notify-1", "POST", "/contacts", json={"consultations": wrong})
        assert refused.status_code == 422


async def test_alerts_get_no_link_token_of_what_was_rejected(scene: Scene) -> None:
    """It would be refused: only ticket and PIN open what is over."""
    contact = {"channel": "email", "address": "warga@contoh.example"}
    body = a_post(requester={"role": "bpd", "contact": contact})
    id_ = (await scene.ask("form-1", "POST", "/consultations", json=body)).json()["id"]
    scene.store.kept[UUID(id_)] = replace(scene.store.kept[UUID(id_)], status="rejected")
    told = await scene.ask("notify-1", "POST", "/contacts", json={"consultations": [id_]})
    (one,) = told.json()["contacts"]
    assert (one["link_token"], one["link_expires_at"]) == (None, None)


async def test_item_of_a_batch_has_a_pointer_at_its_text_when_that_is_missing(scene: Scene) -> None:
    wrong = {name: value for name, value in a_post().items() if name != "body"}
    reply = await scene.ask("form-1", "POST", "/consultations:batch", json={"items": [wrong]})
    (result,) = reply.json()["results"]
    assert [one["pointer"] for one in result["errors"]] == ["/items/0/body"]
