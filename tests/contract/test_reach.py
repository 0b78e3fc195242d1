"""How far each caller reaches, asked from outside: every route of a consultation, by everybody, for
the own one, another's, a complaint, another kecamatan's, one that nobody knows who posted, and one
that was erased.

The answers are spelled out here, apart from the table in code that they prove.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.intake.domain.consultation import Consultation, Message, Private, submit
from services.intake.domain.submission import Submission
from services.intake.domain.timeline import Entry
from services.intake.store.documents import without_words
from shared.web.app import create_http
from shared.web.auth import Caller, Keyring
from shared.web.permissions import OF_ONE_KECAMATAN, Role
from tests.support.builders import NOON, TENGGARONG, a_post, submitted
from tests.support.fakes import Clock, FakeConsultations
from tests.support.keys import bearer, key_row, keyring_text
from tests.support.services.intake import as_requester, requester_tokens, with_intake

HOME, NEXT = "64.02.06", "64.02.07"
NEXT_DESA = "64.02.07.2001"

#: Who calls: role, and where that is for one kecamatan.
KEYS: dict[str, tuple[Role, str | None]] = {
    "web": (Role.FRONTEND, None),
    "other-web": (Role.FRONTEND, None),
    "officer": (Role.OFFICER, HOME),
    "neighbour": (Role.OFFICER, NEXT),
    "coordinator": (Role.COORDINATOR, HOME),
    "camat": (Role.CAMAT, HOME),
    "dpmd": (Role.DPMD, None),
    "admin": (Role.ADMIN, None),
    "analyst": (Role.ANALYST, None),
    "service": (Role.SERVICE, None),
    "notify": (Role.NOTIFY, None),
    "reporting": (Role.REPORTING, None),
}
#: Who sees none.
OF_NOBODYS_CONSULTATION = {Role.ANALYST, Role.SERVICE, Role.NOTIFY, Role.REPORTING, Role.CAMAT}
CALLERS = [*KEYS, "requester", "other-requester"]

MESSAGE = {"kind": "reply", "body": "Isi"}
#: Route → method, path behind the consultation, body.
ROUTES: dict[str, tuple[str, str, Any]] = {
    "read_consultation": ("GET", "", None),
    "read_status": ("GET", "/status", None),
    "add_message:answer": ("POST", "/messages", {"kind": "answer", "body": "Isi"}),
    "add_message:question": ("POST", "/messages", {"kind": "question", "body": "Isi"}),
    "add_message:note": ("POST", "/messages", {"kind": "note", "body": "Isi"}),
    "add_message:reply": ("POST", "/messages", MESSAGE),
    "acknowledge": ("POST", "/acknowledge", None),
    "close": ("POST", "/close", None),
    "reopen": ("POST", "/reopen", None),
    "withdraw": ("POST", "/withdraw", None),
    "reject": ("POST", "/reject", {"reason": "not_ours"}),
    "transfer": ("POST", "/transfer", {"to": "dpmd", "officer": "petugas-2", "reason": "not_ours"}),
    "escalate": ("POST", "/escalate", {"reason": "needs_expert"}),
    "rate": ("POST", "/rating", {"rating": 5}),
    "erase": ("DELETE", "/personal-data", None),
}
THEIRS = {"add_message:reply", "withdraw", "rate"}
BOTH = {"read_consultation", "close", "reopen"}
SATGAS = ROUTES.keys() - THEIRS - {"read_status", "erase"}
MAY = {
    Role.REQUESTER: THEIRS | BOTH | {"read_status"},
    Role.FRONTEND: {"read_status"},
    **dict.fromkeys((Role.OFFICER, Role.COORDINATOR), SATGAS),
    **dict.fromkeys((Role.DPMD, Role.ADMIN), SATGAS | {"erase"}),
}
#: What is done with an erased one as with any other.
LEFT = {"read_consultation", "read_status", "erase"}


@dataclass(frozen=True)
class Kind:
    """A consultation: who posted it, where it is from, who has it."""

    by: str | None = "web"
    kind: str = "konsultasi"
    desa: str = TENGGARONG.desa
    satgas: str = HOME
    erased: bool = False


CONSULTATIONS = {
    "ordinary": Kind(),
    "complaint": Kind(kind="pengaduan", satgas="dpmd"),
    "complaint given home": Kind(kind="pengaduan"),
    "of the neighbour": Kind(desa=NEXT_DESA, satgas=NEXT),
    "transferred home": Kind(desa=NEXT_DESA),
    "posted by another": Kind(by="other-web"),
    "posted by an administrator": Kind(by="admin"),
    "no known submitter": Kind(by=None),
    "erased": Kind(erased=True),
    "erased complaint": Kind(kind="pengaduan", satgas="dpmd", erased=True),
    "erased, of the neighbour": Kind(desa=NEXT_DESA, satgas=NEXT, erased=True),
}


def expected(who: str, route: str, one: Kind) -> int:
    """200, or how it is refused. Where the role may not at all, nobody looks which one it is."""
    role = Role.REQUESTER if "requester" in who else KEYS[who][0]
    if role in OF_NOBODYS_CONSULTATION or route not in MAY[role] | _message(role, route):
        return 403
    if role is Role.REQUESTER:
        is_seen = who == "requester"
    elif role is Role.FRONTEND:
        is_seen = one.by == who
    elif role in OF_ONE_KECAMATAN:
        place = KEYS[who][1]
        if one.kind == "pengaduan" and one.satgas != place:
            return 404
        if place not in (one.desa[:8], one.satgas):
            return 403
        is_seen = True
    else:
        is_seen = True
    if not is_seen:
        return 404
    if one.erased and route not in LEFT:
        return 410
    return 403 if route not in MAY[role] else 200


def _message(role: Role, route: str) -> set[str]:
    """Both sides may add messages: which kind is whose is judged once the consultation is seen."""
    writes = role not in {Role.FRONTEND} | OF_NOBODYS_CONSULTATION
    return {route} if writes and route.startswith("add_message") else set()


class Scene:
    def __init__(self, client: httpx.AsyncClient, store: FakeConsultations) -> None:
        self.client = client
        self.store = store

    def keep(self, one: Kind) -> Consultation:
        """Answered, so that most moves are possible; with what not everybody may read."""
        post = a_post(kind=one.kind, desa_code=one.desa)
        new, _ = submit(
            Submission.model_validate(post),
            id_=uuid4(),
            event_id=uuid4(),
            ticket="KD-7F3K-9QXM",
            by=one.by or "unknown",
            now=NOON,
        )
        note = Message("1", "note", "RAHASIA catatan", NOON, "officer", "RAHASIA")
        done = Entry("consultation.answered", NOON, "officer", "RAHASIA", "RAHASIA")
        kept = replace(
            new,
            submitted_by=one.by,
            status="answered",
            satgas=one.satgas,
            officer="RAHASIA",
            messages=(note,),
            timeline=(*new.timeline, done),
            said={"officer": 1},
        )
        private = Private("123456", "RAHASIA Warga")
        if one.erased:
            kept, private = without_words(replace(kept, erased=True)), Private("")
        self.store.kept = {kept.id: kept}
        self.store.private[kept.id] = private
        return kept

    async def ask(self, who: str, route: str, id_: UUID, *, of: UUID | None = None) -> Any:
        method, path, body = ROUTES[route]
        token_for = uuid4() if who == "other-requester" else of or id_
        headers = as_requester(token_for, Clock(NOON)) if "requester" in who else bearer(who)
        url = f"/v1/consultations/{id_}{path}"
        return await self.client.request(method, url, json=body, headers=headers)


@pytest.fixture(scope="module")
async def scene() -> AsyncGenerator[Scene]:
    rows = [
        key_row(name, name, role, **({"territory": place} if place else {}))
        for name, (role, place) in KEYS.items()
    ]
    app = create_http("intake", "", Keyring.parse(keyring_text(*rows)), lambda: True, None)
    store = FakeConsultations()
    with_intake(app, store, Clock(NOON))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://i") as client:
        yield Scene(client, store)


@pytest.mark.parametrize("name", CONSULTATIONS)
@pytest.mark.parametrize("who", CALLERS)
async def test_caller_reaches_what_is_theirs_and_no_more(scene: Scene, who: str, name: str) -> None:
    one = CONSULTATIONS[name]
    for route in ROUTES:
        kept = scene.keep(one)
        reply = await scene.ask(who, route, kept.id)
        wanted = expected(who, route, one)
        # a move that the state forbids is one that the caller may make; erasing has no answer
        got = 200 if reply.status_code in (204, 409) else reply.status_code
        assert got == wanted, f"{who}, {route}: {reply.status_code} {reply.text}"
        if reply.status_code not in (200, 204):
            assert scene.store.kept == {kept.id: kept}, f"{route} was refused, and changed it"
        if "web" in who or "requester" in who:
            assert "RAHASIA" not in reply.text


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("who", ["web", "other-web", "requester", "other-requester"])
async def test_what_is_anothers_answers_like_what_does_not_exist(
    scene: Scene, who: str, route: str
) -> None:
    kept = scene.keep(Kind(by="somebody"))
    answers = []
    for id_ in (kept.id, uuid4()):
        reply = await scene.ask(who, route, id_, of=uuid4())
        answers.append(
            (reply.status_code, reply.text.replace(str(id_), ""), "etag" in reply.headers)
        )
    assert answers[0] == answers[1]
    assert answers[0][0] in (403, 404)


async def test_front_end_is_told_how_it_stands_without_a_word_of_it(scene: Scene) -> None:
    kept = scene.keep(Kind(kind="pengaduan", satgas="dpmd"))
    reply = await scene.ask("web", "read_status", kept.id)
    assert reply.json().keys() == {
        "id", "ticket", "status", "status_name", "submitted_at", "received_at", "assigned_at",
    }  # fmt: skip
    assert kept.title not in reply.text
    again = await scene.client.get(
        f"/v1/consultations/{kept.id}/status",
        headers={**bearer("web"), "If-None-Match": reply.headers["etag"]},
    )
    assert again.status_code == 304


async def test_receipt_is_given_again_to_whom_it_was_given_alone(scene: Scene) -> None:
    post = a_post()

    async def send(who: str) -> Any:
        headers = {**bearer(who), "Idempotency-Key": "contoh-1"}
        return (await scene.client.post("/v1/consultations", json=post, headers=headers)).json()

    first = await send("web")
    assert await send("web") == first
    other = await send("other-web")
    assert {first["id"], first["ticket"]}.isdisjoint((other["id"], other["ticket"]))
    assert scene.store.kept[UUID(first["id"])].submitted_by == "web"
    assert requester_tokens(Clock(NOON)).identify(first["token"]) == Caller(
        f"requester:{first['id']}", Role.REQUESTER, consultation=UUID(first["id"])
    )


async def test_batch_gives_each_requester_a_token_of_their_own(scene: Scene) -> None:
    reply = await scene.client.post(
        "/v1/consultations:batch", json={"items": [a_post(), a_post()]}, headers=bearer("web")
    )
    receipts = reply.json()["results"]
    for mine, other in (receipts, receipts[::-1]):
        url = f"/v1/consultations/{mine['id']}"
        assert (await scene.client.get(url, headers=bearer(mine["token"]))).status_code == 200
        assert (await scene.client.get(url, headers=bearer(other["token"]))).status_code == 404


async def test_ticket_and_pin_give_a_token_whoever_posted_it(scene: Scene) -> None:
    kept = scene.keep(Kind(by=None))
    url, pin = f"/v1/track/{kept.ticket}/token", {"X-Pin": "123456"}
    for wrong in ({"X-Pin": "654321"}, {"X-Pin": "12345"}, {}):
        assert (await scene.client.post(url, headers=wrong)).status_code in (404, 422)
    unknown = await scene.client.post("/v1/track/KD-0000-0000/token", headers=pin)
    wrong_pin = await scene.client.post(url, headers={"X-Pin": "000000"})
    assert (unknown.status_code, unknown.json()["detail"]) == (404, wrong_pin.json()["detail"])
    given = (await scene.client.post(url, headers=pin)).json()
    assert given.keys() == {"id", "token", "token_expires_at"}
    said = await scene.client.post(
        f"/v1/consultations/{given['id']}/messages", json=MESSAGE, headers=bearer(given["token"])
    )
    assert (said.status_code, said.json()["status"]) == (200, "acknowledged")


async def test_tries_for_tokens_count_with_those_for_tracking(scene: Scene) -> None:
    kept = scene.keep(Kind())
    scene.store.kept = {kept.id: replace(kept, ticket="KD-7F3K-0001")}
    for n in range(5):
        path = "/token" if n % 2 else ""
        ask = scene.client.post if path else scene.client.get
        url = f"/v1/track/KD-7F3K-0001{path}"
        assert (await ask(url, headers={"X-Pin": "000000"})).status_code == 404
    right = await scene.client.post("/v1/track/KD-7F3K-0001/token", headers={"X-Pin": "123456"})
    assert right.status_code == 404


# --- tokens of one kind where the other is expected


class Issuer:
    """Lets in whoever has a token of any kind, so that a requester's would be seen here."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def identify(self, token: str) -> Caller:
        self.asked.append(token)
        return Caller("oidc-1", Role.DPMD, is_by_token=True)


async def test_each_kind_of_token_is_judged_by_its_own_keys_alone(scene: Scene) -> None:
    issuer = Issuer()
    app = create_http("intake", "", Keyring.parse("[]"), lambda: True, None, issuer)
    with_intake(app, scene.store, Clock(NOON))
    kept = scene.keep(Kind())
    token = requester_tokens(Clock(NOON)).issue(kept.id).text
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://i") as client:
        url = f"/v1/consultations/{kept.id}"
        own = await client.get(url, headers=bearer(token))
        assert (own.status_code, issuer.asked) == (200, [])
        forged = token[:-1] + ("A" if token[-1] != "A" else "E")
        assert (await client.get(url, headers=bearer(forged))).status_code == 401
        assert issuer.asked == [], "what claims to be ours is never the issuer's"
        theirs = "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"
        rated = await client.post(f"{url}/rating", json={"rating": 5}, headers=bearer(theirs))
        assert (rated.status_code, issuer.asked) == (403, [theirs])


@pytest.mark.parametrize(
    "value",
    [b"Bearer \xff.\xfe.\xfd", b"Bearer " + b"a." * 2 + b"a" * 60_000, b"Bearer a.b.c\xc3"],
    ids=["not utf-8", "oversized", "half a character"],
)
async def test_credential_that_cannot_be_read_is_an_unknown_one(scene: Scene, value: bytes) -> None:
    kept = scene.keep(Kind())
    reply = await scene.client.get(
        f"/v1/consultations/{kept.id}", headers=[(b"Authorization", value)]
    )
    assert reply.status_code == 401
    assert reply.json()["type"] == "urn:klikdesa:problem:unauthorized"


def test_event_names_the_key_that_posted_and_nobody_else() -> None:
    _, event = submit(
        Submission.model_validate(a_post(requester={"role": "bpd", "name": "Siti"})),
        id_=uuid4(),
        event_id=uuid4(),
        ticket="KD-7F3K-9QXM",
        by="web",
        now=NOON,
    )
    assert event.submitter == "web"
    assert "Siti" not in event.model_dump_json()
    assert submitted().submitter is None, "as events of before are read"
