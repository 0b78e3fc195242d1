"""The plain pages: a requester's by ticket and PIN, and those that say what to do."""

import json
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from services.intake.domain.pin_limits import OF_PAIR
from services.intake.pages.follow import typed_line
from services.intake.pages.site import ASSETS, PAGES
from shared.errors import StoreUnavailable
from shared.web.api_keys import Keyring
from shared.web.app import create_http
from shared.web.pages.assets import FOR_EVER
from shared.web.pages.page import POLICY
from shared.web.permissions import Role
from tests.support.builders import NOON, a_post
from tests.support.fakes import Clock, FakeConsultations
from tests.support.keys import KEYS, key_row
from tests.support.services.intake import with_intake

SOME_ID = "019aa000-0000-7000-8000-000000000001"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Scene:
    http: httpx.AsyncClient
    store: FakeConsultations
    ticket: str = ""
    pin: str = ""

    async def look(self, ticket: str, pin: str, **headers: str) -> httpx.Response:
        return await self.http.post("/lacak", data={"tiket": ticket, "pin": pin}, headers=headers)


@pytest.fixture
async def scene() -> AsyncGenerator[Scene]:
    rows = [key_row("web", KEYS[Role.FRONTEND], Role.FRONTEND)]
    app = create_http("intake", "", Keyring.parse(json.dumps(rows)), lambda: True, None)
    store, clock = FakeConsultations(), Clock(NOON)
    with_intake(app, store, clock)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://i") as client:
        reply = await client.post(
            "/v1/consultations",
            json=a_post(),
            headers={"Authorization": f"Bearer {KEYS[Role.FRONTEND]}"},
        )
        body = reply.json()
        yield Scene(client, store, body["ticket"], body["pin"])


def a_request(query: str = "", **headers: str) -> Request:
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/lacak",
            "query_string": query.encode(),
            "headers": sent,
        }
    )


async def test_status_is_shown_when_ticket_and_pin_fit(scene: Scene) -> None:
    typed = scene.ticket.lower().replace("-", " ")
    opened = await scene.look(typed, scene.pin)
    assert opened.status_code == 303
    assert opened.headers["location"] == f"/lacak/{scene.ticket}"
    cookie = opened.headers["set-cookie"]
    assert f"Path=/lacak/{scene.ticket}; SameSite=strict" in cookie
    assert "HttpOnly" in cookie
    assert scene.pin not in cookie + opened.text
    reply = await scene.http.get(opened.headers["location"])
    assert reply.status_code == 200
    assert scene.ticket in reply.text
    assert '<p class="badge submitted">Diterima</p>' in reply.text
    assert "Belum ada jawaban." in reply.text
    assert scene.pin not in reply.text
    english = await scene.http.get(f"/lacak/{scene.ticket}", headers={"Accept-Language": "en"})
    assert '<p class="badge submitted">Received</p>' in english.text


@pytest.mark.parametrize("pin", ["", "12345", "000000x", "٠٠٠٠٠٠"])
async def test_nothing_is_counted_when_the_pin_cannot_be_one(scene: Scene, pin: str) -> None:
    for _ in range(OF_PAIR.tries + 1):
        reply = await scene.look(scene.ticket, pin)
    assert (reply.status_code, PAGES.texts("id")["wrong"] in reply.text) == (404, True)
    assert (await scene.look(scene.ticket, scene.pin)).status_code == 303


async def test_same_answer_when_ticket_or_pin_is_wrong(scene: Scene) -> None:
    other = f"{(int(scene.pin) + 1) % 10**6:06d}"
    wrong_pin = await scene.look(scene.ticket, other)
    wrong_ticket = await scene.look("KD-0000-0000", scene.pin)
    assert wrong_pin.status_code == wrong_ticket.status_code == 404
    assert wrong_pin.text.replace(scene.ticket, "KD-0000-0000") == wrong_ticket.text


async def test_ticket_rests_when_too_many_pins_were_wrong(scene: Scene) -> None:
    """The limit is the API's own: guesses of both are counted together."""
    other = f"{(int(scene.pin) + 1) % 10**6:06d}"
    for _ in range(OF_PAIR.tries - 1):
        wrong = await scene.look(scene.ticket, other)
    await scene.http.get(f"/v1/track/{scene.ticket}", headers={"X-Pin": other})
    reply = await scene.look(scene.ticket, scene.pin)
    assert (reply.status_code, reply.text) == (wrong.status_code, wrong.text)
    assert reply.status_code == 404
    assert "tunggu 15 menit" in reply.text


async def test_page_says_so_when_the_store_is_away(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(ticket: str) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(scene.store, "pin_of", away)
    reply = await scene.look(scene.ticket, scene.pin)
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")
    assert PAGES.texts("id")["unavailable"] in reply.text
    assert reply.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "path",
    ["/kirim", "/kirim/antrean", "/lacak", "/webhook"],
)
async def test_page_asks_nobody_but_us_when_opened(scene: Scene, path: str) -> None:
    reply = await scene.http.get(path)
    assert reply.status_code == 200
    assert reply.headers["content-security-policy"] == POLICY
    assert "'unsafe" not in POLICY
    assert "set-cookie" not in reply.headers
    assert not re.search(
        r"<style|<iframe| on\w+=| style=|<script(?! type=\"module\" src)", reply.text
    )
    loaded = re.findall(r'<(?:link|script|img)[^>]* (?:href|src)="([^"]*)"', reply.text)
    for address in loaded:
        found = await scene.http.get(address)
        assert (found.status_code, found.headers["cache-control"]) == (200, FOR_EVER), address
    assert any(one.endswith("/tokens.css") for one in loaded)
    assert 'name="viewport"' in reply.text
    # what is filled in later is in attributes that say so
    filled_later = re.sub(r'data-\w+="[^"]*"|\{id\}|\[0-9\]\{6\}', "", reply.text)
    assert "{" not in filled_later


async def test_officers_link_leads_on_alike_whether_or_not_there_is_such_a_consultation(
    scene: Scene,
) -> None:
    for id_ in (SOME_ID, next(iter(scene.store.kept))):
        reply = await scene.http.get(f"/konsultasi/{id_}")
        assert (reply.status_code, reply.headers["location"]) == (303, f"/satgas/{id_}")
        asked = await scene.http.get(f"/satgas/{id_}")
        assert (asked.status_code, asked.headers["location"]) == (
            303,
            f"/masuk?ke=%2Fsatgas%2F{id_}",
        )
    assert (await scene.http.get("/konsultasi")).headers["location"] == "/satgas"
    strange = await scene.http.get("/konsultasi/%3Cb%3Ehalo", headers={"Accept": "text/html"})
    assert strange.status_code == 404
    assert "halo" not in strange.text.replace("%3Cb%3Ehalo", "")


@settings(max_examples=60)
@given(ticket=st.text(max_size=60), pin=st.text(max_size=12))
def test_typed_text_is_never_markup_when_it_is_shown_again(ticket: str, pin: str) -> None:
    page = PAGES.page("track", a_request(), wrong="", asked="", ticket=typed_line(ticket), link=pin)
    shown = bytes(page.body).decode()
    field = re.search(r'name="tiket" value="([^"]*)" required', shown)
    assert field is not None
    assert not set("<>") & set(field[1])
    assert typed_line(pin).isprintable()


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"tiket=%00%ff&pin=%E2%80%AE", b"&" * 100, b"a=1&" * 50, b"\xff\xfe"]
)
async def test_form_is_answered_when_it_is_none_of_ours(scene: Scene, body: bytes) -> None:
    reply = await scene.http.post("/lacak", content=body, headers=FORM)
    assert (reply.status_code, PAGES.texts("id")["wrong"] in reply.text) == (404, True)


async def test_form_is_refused_when_it_is_too_large(scene: Scene) -> None:
    reply = await scene.http.post("/lacak", content=b"x" * 140_000, headers=FORM)
    assert reply.status_code == 413


async def test_a_page_says_what_it_can_be_asked_for_when_asked_for_something_else(
    scene: Scene,
) -> None:
    reply = await scene.http.put("/lacak", content=b"x", headers=FORM)
    assert (reply.status_code, reply.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize(
    "path",
    [
        "/lacak",
        "/kirim",
        "/masuk",
        "/satgas",
        "/webhook",
        ASSETS.url("pages.css"),
        "/docs/",
        "/nowhere",
    ],
)
async def test_head_is_answered_as_get_is(scene: Scene, path: str) -> None:
    got, looked = await scene.http.get(path), await scene.http.head(path)
    assert looked.status_code == got.status_code
    names = ("content-type", "content-length", "cache-control", "content-security-policy")
    for name in ("location", *names):
        assert looked.headers.get(name) == got.headers.get(name), name


async def test_head_of_what_is_only_sent_to_is_no_method_of_it(scene: Scene) -> None:
    assert (await scene.http.head("/keluar")).status_code == 405
