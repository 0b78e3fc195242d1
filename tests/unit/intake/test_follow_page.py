"""`/lacak/{ticket}`: a requester's session, and the moves that it makes by the API's rules."""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from services.intake.domain.consultation import Consultation
from services.intake.domain.conversation import Request, Who
from services.intake.domain.move_bodies import NewMessage
from services.intake.erasure import Erasure
from services.intake.handlers import Handlers
from services.intake.link_tokens import LinkTokens
from services.intake.moves import Moves
from services.intake.pages.follow import COOKIE
from services.intake.pages.site import PAGES
from shared.errors import Conflict, StoreUnavailable
from shared.keys.link_tokens import LinkRefused
from shared.web.api_keys import Keyring
from shared.web.app import create_http
from shared.web.pages.forms import PROOF
from tests.support.builders import NOON, a_post, assigned
from tests.support.fakes import Clock, FakeConsultations
from tests.support.keys import KEYS, keyring_text
from tests.support.services.intake import (
    LIFETIME,
    LINK_LIFETIME,
    SECRETS,
    link_tokens,
    with_intake,
)

SAID = PAGES.texts("id")


@dataclass
class Scene:
    http: httpx.AsyncClient
    store: FakeConsultations
    clock: Clock
    tickets: list[str] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)

    async def submit(self) -> str:
        headers = {"Authorization": f"Bearer {KEYS[next(iter(KEYS))]}"}
        reply = await self.http.post("/v1/consultations", json=a_post(), headers=headers)
        ticket, pin = reply.json()["ticket"], reply.json()["pin"]
        opened = await self.http.post("/lacak", data={"tiket": ticket, "pin": pin})
        self.cookies[ticket] = opened.cookies[COOKIE]
        self.tickets.append(ticket)
        return str(ticket)

    def found(self, ticket: str) -> Consultation:
        return next(one for one in self.store.kept.values() if one.ticket == ticket)

    async def assign(self, ticket: str) -> UUID:
        id_ = self.found(ticket).id
        await Handlers(self.store, self.clock).on_case_assigned(assigned(id_))
        return id_

    async def say(self, ticket: str, kind: str) -> None:
        body = NewMessage.model_validate({"kind": kind, "body": "Kata petugas"})
        move = Request(body.kind, Who("officer", "petugas-1"), body)
        await Moves(self.store, self.clock).move(self.found(ticket).id, move)

    async def page(self, ticket: str, cookie: str | None = None) -> str:
        given = self.cookies[ticket] if cookie is None else cookie
        reply = await self.http.get(f"/lacak/{ticket}", headers={"Cookie": f"{COOKIE}={given}"})
        assert reply.status_code == 200
        return reply.text

    async def form(self, ticket: str, step: str) -> dict[str, str]:
        """The hidden fields of the form that has this button."""
        return hidden(await self.page(ticket), step)

    async def press(self, ticket: str, fields: Mapping[str, str], **headers: str) -> httpx.Response:
        sent = {"Cookie": f"{COOKIE}={self.cookies[ticket]}", **headers}
        return await self.http.post(f"/lacak/{ticket}", data=fields, headers=sent)


def hidden(page: str, step: str) -> dict[str, str]:
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    (form,) = (one for one in forms if f'value="{step}"' in one)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))


@pytest.fixture
async def scene() -> AsyncGenerator[Scene]:
    app = create_http("intake", "", Keyring.parse(keyring_text()), lambda: True, None)
    store, clock = FakeConsultations(), Clock(NOON)
    with_intake(app, store, clock)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://i") as client:
        yield Scene(client, store, clock)


async def test_conversation_goes_on_by_buttons_until_it_is_rated(scene: Scene) -> None:
    ticket = await scene.submit()
    await scene.assign(ticket)
    await scene.say(ticket, "question")
    assert SAID["now_waiting_requester"] in await scene.page(ticket)
    reply = await scene.press(ticket, {**await scene.form(ticket, "balas"), "pesan": "Balasan"})
    assert (reply.status_code, reply.headers["location"]) == (
        303,
        f"/lacak/{ticket}#percakapan",
    )
    await scene.say(ticket, "answer")
    await scene.press(ticket, await scene.form(ticket, "selesai"))
    assert scene.found(ticket).status == "closed"
    await scene.press(ticket, await scene.form(ticket, "buka"))
    assert scene.found(ticket).status == "assigned"
    await scene.say(ticket, "answer")
    rating = {**await scene.form(ticket, "nilai"), "nilai": "4", "pesan": "Jelas"}
    await scene.press(ticket, rating)
    found = scene.found(ticket)
    assert (found.rating, found.comment) == (4, "Jelas")
    assert [one.body for one in found.messages if one.actor == "requester"] == ["Balasan"]
    assert "Bapak/Ibu memberi nilai 4: Membantu" in await scene.page(ticket)


async def test_consultation_is_withdrawn_and_offers_nothing_more_afterwards(scene: Scene) -> None:
    ticket = await scene.submit()
    form = await scene.form(ticket, "batalkan")
    assert (await scene.press(ticket, form)).status_code == 303
    assert scene.found(ticket).status == "withdrawn"
    page = await scene.page(ticket)
    assert SAID["now_withdrawn"] in page
    assert 'name="langkah"' not in page
    again = await scene.press(ticket, {**form, "kunci": "another", "versi": "2"})
    assert SAID["refused_forbidden_move"] in again.text


async def test_reply_is_one_when_it_is_pressed_twice(scene: Scene) -> None:
    ticket = await scene.submit()
    await scene.assign(ticket)
    fields = {**await scene.form(ticket, "balas"), "pesan": "Satu kali"}
    assert [(await scene.press(ticket, fields)).status_code for _ in range(3)] == [303] * 3
    assert len(scene.found(ticket).messages) == 1


async def test_decision_is_refused_when_something_happened_meanwhile(scene: Scene) -> None:
    ticket = await scene.submit()
    await scene.assign(ticket)
    await scene.say(ticket, "answer")
    form = await scene.form(ticket, "selesai")
    await scene.say(ticket, "question")
    reply = await scene.press(ticket, form)
    assert SAID["refused_changed_meanwhile"] in reply.text
    assert "Kata petugas" in reply.text
    assert scene.found(ticket).status == "waiting_requester"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"pesan": " "}, "refused_invalid"),
        ({"pesan": "x" * 8001}, "refused_invalid"),
        ({"pesan": "a\x00b"}, "refused_invalid"),
        ({"langkah": "jawab", "pesan": "x"}, "refused_malformed"),
        ({"langkah": "nilai", "nilai": "9"}, "refused_invalid"),
        ({"langkah": "nilai", "nilai": "5"}, "refused_forbidden_move"),
        ({"langkah": "selesai", "versi": "x"}, "refused_changed_meanwhile"),
    ],
)
async def test_refusal_is_said_in_words_and_what_was_typed_is_kept(
    scene: Scene, fields: dict[str, str], why: str
) -> None:
    ticket = await scene.submit()
    await scene.assign(ticket)
    before = scene.found(ticket)
    form = await scene.form(ticket, "balas")
    if fields.get("langkah") == "nilai":
        form["versi"] = str(before.version)
    reply = await scene.press(ticket, {**form, **fields})
    assert (reply.status_code, SAID[why] in reply.text) == (200, True)
    if "langkah" not in fields:
        assert f">{fields['pesan']}</textarea>" in reply.text
    assert scene.found(ticket) == before


async def test_reply_is_repeated_with_its_key_when_the_store_was_away(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await scene.submit()
    await scene.assign(ticket)
    fields = {**await scene.form(ticket, "balas"), "pesan": "Jangan hilang"}

    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(scene.store, "save", away)
        reply = await scene.press(ticket, fields)
    assert SAID["refused_unavailable"] in reply.text
    assert ">Jangan hilang</textarea>" in reply.text
    assert hidden(reply.text, "balas")["kunci"] == fields["kunci"]


async def test_session_opens_nothing_when_it_is_of_another_ticket(scene: Scene) -> None:
    mine, other = await scene.submit(), await scene.submit()
    page = await scene.page(other, scene.cookies[mine])
    assert a_post()["title"] not in page
    assert 'name="pin"' in page
    fields = {**await scene.form(mine, "batalkan")}
    reply = await scene.http.post(
        f"/lacak/{other}", data=fields, headers={"Cookie": f"{COOKIE}={scene.cookies[mine]}"}
    )
    assert (reply.status_code, SAID["over"] in reply.text) == (403, True)
    assert {one.status for one in scene.store.kept.values()} == {"submitted"}


async def test_session_opens_nothing_when_it_is_changed_or_over(scene: Scene) -> None:
    ticket = await scene.submit()
    good = scene.cookies[ticket]
    head, body, signature = good.split(".")
    for bad in (
        "",
        "x",
        good[:-1],
        f"{head}.{body}.{signature[:-2]}AA",
        f"{head}.{body[:-1]}{'A' if body[-1] != 'A' else 'B'}.{signature}",
    ):
        assert 'name="pin"' in await scene.page(ticket, bad)
    assert a_post()["title"] in await scene.page(ticket)
    scene.clock.now += LIFETIME + timedelta(seconds=1)
    assert 'name="pin"' in await scene.page(ticket)


async def test_session_is_over_when_the_consultation_was_erased(scene: Scene) -> None:
    ticket = await scene.submit()
    id_ = await scene.assign(ticket)
    form = await scene.form(ticket, "balas")
    await Erasure(scene.store, scene.clock).erase(id_, Who("system", None))
    assert SAID["now_assigned"] not in await scene.page(ticket)
    reply = await scene.press(ticket, {**form, "pesan": "Masih ada?"})
    assert (reply.status_code, SAID["over"] in reply.text) == (403, True)


async def test_nothing_is_shown_of_what_is_erased_while_a_button_is_pressed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await scene.submit()
    id_ = await scene.assign(ticket)
    form = await scene.form(ticket, "balas")

    async def erased_first(*_: object) -> None:
        patched.undo()
        await Erasure(scene.store, scene.clock).erase(id_, Who("system", None))
        raise Conflict("past")

    with monkeypatch.context() as patched:
        patched.setattr(scene.store, "save", erased_first)
        reply = await scene.press(ticket, {**form, "pesan": "Masih ada?"})
    assert (reply.status_code, a_post()["title"] in reply.text) == (403, False)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_move_is_refused_when_another_site_sends_it(scene: Scene, site: str) -> None:
    ticket = await scene.submit()
    form = await scene.form(ticket, "batalkan")
    foreign = await scene.press(ticket, form, **{"Sec-Fetch-Site": site})
    guessed = await scene.press(ticket, {**form, PROOF: "0" * 32})
    assert (foreign.status_code, guessed.status_code) == (403, 403)
    assert scene.found(ticket).status == "submitted"


async def test_alerts_link_opens_its_consultation_by_a_button_and_not_by_being_looked_at(
    scene: Scene,
) -> None:
    ticket = await scene.submit()
    scene.http.cookies.clear()
    token = link_tokens(scene.clock).issue(scene.found(ticket).id).text
    page = await scene.http.get("/lacak", params={"tiket": ticket, "izin": token})
    assert "set-cookie" not in page.headers
    assert a_post()["title"] not in page.text
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    assert form == {"tiket": ticket, "izin": token}
    opened = await scene.http.post("/lacak", data=form)
    assert (opened.status_code, opened.headers["location"]) == (303, f"/lacak/{ticket}")
    scene.cookies[ticket] = opened.cookies[COOKIE]
    assert token not in scene.cookies[ticket]
    assert a_post()["title"] in await scene.page(ticket)


async def test_alerts_link_is_refused_and_logged_without_its_token_when_it_does_not_hold(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    ticket, other = await scene.submit(), await scene.submit()
    token = link_tokens(scene.clock).issue(scene.found(ticket).id).text
    caplog.set_level("INFO")

    async def refused(ticket: str, token: str, reason: str) -> None:
        caplog.clear()
        reply = await scene.http.post("/lacak", data={"tiket": ticket, "izin": token})
        assert (reply.status_code, SAID["link_over"] in reply.text) == (403, True)
        assert "set-cookie" not in reply.headers
        told = [one for one in caplog.records if one.msg == "link refused"]
        assert [getattr(one, "reason", None) for one in told] == [reason]
        assert token[:12] not in " ".join(str(vars(one)) for one in caplog.records)

    await refused(other, token, "of_another_ticket")
    for place in range(0, len(token), 5):
        letter = "A" if token[place] != "A" else "B"
        await refused(ticket, token[:place] + letter + token[place + 1 :], "not_signed_here")
    for strange in (token[:-1], token + "A", "é" * len(token), "!" * len(token)):
        await refused(ticket, strange, "malformed")
    await scene.press(ticket, await scene.form(ticket, "batalkan"))
    await refused(ticket, token, "over")
    fresh = link_tokens(scene.clock).issue(scene.found(other).id).text
    scene.clock.now += LINK_LIFETIME
    await refused(other, fresh, "expired")


async def test_alerts_link_opens_nothing_at_the_api(scene: Scene) -> None:
    ticket = await scene.submit()
    id_ = scene.found(ticket).id
    token = link_tokens(scene.clock).issue(id_).text
    for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"{COOKIE}={token}"}):
        reply = await scene.http.get(f"/v1/consultations/{id_}", headers=headers)
        assert reply.status_code == 401
    assert 'name="pin"' in await scene.page(ticket, token)


def test_link_holds_when_the_master_key_was_changed() -> None:
    clock = Clock(NOON)
    old = LinkTokens({"m1": SECRETS["m1"]}, LINK_LIFETIME, clock)
    id_ = UUID(int=7)
    assert link_tokens(clock).consultation(old.issue(id_).text) == id_
    with pytest.raises(LinkRefused):
        old.consultation(link_tokens(clock).issue(id_).text)


async def test_browser_forgets_the_session_when_it_is_closed(scene: Scene) -> None:
    ticket = await scene.submit()
    reply = await scene.http.post(f"/lacak/{ticket}/keluar")
    assert reply.status_code == 303
    assert f'{COOKIE}=""; expires=' in reply.headers["set-cookie"]
    assert f"Path=/lacak/{ticket}" in reply.headers["set-cookie"]
    strange = await scene.http.post("/lacak/%0d%0aSet-Cookie:x/keluar")
    assert "set-cookie" not in strange.headers


async def test_deadline_is_told_until_there_is_an_answer_or_a_question(scene: Scene) -> None:
    ticket = await scene.submit()
    id_ = scene.found(ticket).id
    due = NOON + timedelta(days=7)
    handlers = Handlers(scene.store, scene.clock)
    await handlers.on_case_assigned(assigned(id_, answer_due=due))
    assert "Jawaban pertama paling lambat Selasa, 1 Desember 2026, 12.00 WITA." in (
        await scene.page(ticket)
    )
    await scene.say(ticket, "question")
    assert "paling lambat" not in await scene.page(ticket)


async def test_what_was_typed_is_not_lost_when_the_session_is_over(scene: Scene) -> None:
    ticket = await scene.submit()
    form = await scene.form(ticket, "batalkan")
    scene.clock.now += LIFETIME + timedelta(seconds=1)
    sent = {**form, "langkah": "balas", "pesan": "Jangan hilang"}
    own = await scene.press(ticket, sent, **{"Sec-Fetch-Site": "same-origin"})
    foreign = await scene.press(ticket, sent, **{"Sec-Fetch-Site": "cross-site"})
    assert (own.status_code, SAID["session_over"] in own.text) == (403, True)
    assert ">Jangan hilang</textarea>" in own.text
    assert (foreign.status_code, "hilang" in foreign.text) == (403, False)


async def test_what_was_typed_is_not_lost_when_another_tab_opened_the_ticket_again(
    scene: Scene,
) -> None:
    ticket, other = await scene.submit(), await scene.submit()
    await scene.assign(ticket)
    form = await scene.form(ticket, "balas")
    sent = {**form, "pesan": "Jangan hilang", PROOF: (await scene.form(other, "batalkan"))[PROOF]}
    reply = await scene.press(ticket, sent, **{"Sec-Fetch-Site": "same-origin"})
    assert (reply.status_code, SAID["unsent_other_session"] in reply.text) == (403, True)
    assert ">Jangan hilang</textarea>" in reply.text
    assert not scene.found(ticket).messages
