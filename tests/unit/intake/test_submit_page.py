"""`/kirim`: the form, what it becomes, and what is said of it when it cannot be taken."""

import json
import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.pages.choices import places, topics
from services.intake.pages.site import PAGES
from services.intake.pages.submission_form import POINTERS, submission_of
from shared import reference
from shared.errors import StoreUnavailable
from shared.limits.buckets import Rate
from shared.limits.callers import SPARE
from shared.text.wording import Fault
from shared.times import local_day
from shared.web.api_keys import Keyring
from shared.web.app import create_http
from shared.web.permissions import Role
from shared.web.problems import Problem
from tests.support.builders import NOON
from tests.support.fakes import Clock, FakeConsultations
from tests.support.keys import KEYS, bearer, key_row
from tests.support.services.intake import FRONT_END, PUBLIC_URL, with_intake

SAID = PAGES.texts("id")
FILLED = {
    "kunci": "a-key",
    "waktu": "",
    "desa": "64.02.06.2012",
    "peran": "kepala_desa",
    "jenis": "konsultasi",
    "topik": "KEU-APBDES",
    "judul": "Perubahan <b>APBDes</b>",
    "isi": "Apakah perlu Perdes?\r\nSudah musyawarah.",
    "rentan": "",
    "nama": "",
    "saluran": "whatsapp",
    "alamat": "",
}
JSON = {"Accept": "application/json"}


@dataclass
class Scene:
    http: httpx.AsyncClient
    store: FakeConsultations

    async def send(self, headers: Mapping[str, str] | None = None, **fields: str) -> httpx.Response:
        return await self.http.post("/kirim", data={**FILLED, **fields}, headers=headers)


async def scenes(sources: Rate | None = None) -> AsyncGenerator[Scene]:
    rows = [key_row("web", KEYS[Role.FRONTEND], Role.FRONTEND)]
    app = create_http("intake", "", Keyring.parse(json.dumps(rows)), lambda: True, None)
    store = FakeConsultations()
    with_intake(app, store, Clock(NOON), sources=sources)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://i") as client:
        yield Scene(client, store)


@pytest.fixture
async def scene() -> AsyncGenerator[Scene]:
    async for one in scenes():
        yield one


def codes(page: str) -> tuple[str, str]:
    ticket = re.search(r'id="tiket">([^<]+)<', page)
    pin = re.search(r'id="pin">([^<]+)<', page)
    assert ticket is not None
    assert pin is not None
    return ticket[1], pin[1]


async def test_post_is_kept_as_that_of_a_front_end_when_the_form_is_sent(scene: Scene) -> None:
    reply = await scene.send(alamat="0812 5555 1234", nama="Budi", rentan="ya", rahasia="ya")
    assert reply.status_code == 200
    (found,) = scene.store.kept.values()
    private = scene.store.private[found.id]
    assert codes(reply.text) == (found.ticket, private.pin)
    assert (found.submitted_by, found.channel) == (FRONT_END, "web")
    assert (found.title, found.body) == (FILLED["judul"], "Apakah perlu Perdes?\nSudah musyawarah.")
    assert (found.vulnerable, found.anonymous, private.name) == (True, True, "Budi")
    assert private.contact == {"channel": "whatsapp", "address": "+6281255551234"}
    assert f'data-url="{PUBLIC_URL}/lacak?tiket={found.ticket}"' in reply.text
    assert re.search(r'<svg[^>]*class="segno"', reply.text)
    assert reply.headers["cache-control"] == "no-store"


async def test_receipt_is_the_same_when_send_is_pressed_twice(scene: Scene) -> None:
    first, second = await scene.send(), await scene.send()
    assert codes(first.text) == codes(second.text)
    assert len(scene.store.kept) == 1


async def test_form_asks_once_more_when_its_key_came_with_other_words(scene: Scene) -> None:
    await scene.send()
    reply = await scene.send(judul="Lain")
    assert (reply.status_code, SAID["failed_key_reused"] in reply.text) == (422, True)
    key = re.search(r'name="kunci" value="([^"]+)"', reply.text)
    assert key is not None
    assert key[1] != FILLED["kunci"]
    assert (await scene.send(judul="Lain", kunci=key[1])).status_code == 200
    assert len(scene.store.kept) == 2


@pytest.mark.parametrize(
    ("fields", "name", "said"),
    [
        ({"desa": ""}, "desa", SAID["need_desa"]),
        ({"desa": "64.02.99.2001"}, "desa", SAID["need_desa"]),
        ({"desa": "64.02.06"}, "desa", SAID["need_desa"]),
        ({"peran": "x"}, "peran", SAID["need_peran"]),
        ({"topik": ""}, "topik", SAID["need_topik"]),
        ({"judul": "  "}, "judul", SAID["need_judul"]),
        ({"judul": "x" * 201}, "judul", "Paling banyak 200 karakter."),
        ({"isi": ""}, "isi", SAID["need_isi"]),
        ({"isi": "x" * 8001}, "isi", "Paling banyak 8000 karakter."),
        ({"isi": "a\x00b"}, "isi", "karakter kendali"),
        ({"alamat": "123"}, "alamat", "nomor"),
        ({"alamat": "a@b", "saluran": "email"}, "alamat", ""),
        ({"alamat": "0812 5555 1234", "saluran": "merpati"}, "saluran", SAID["need_saluran"]),
        ({"nama": "n" * 101}, "nama", "Paling banyak 100 karakter."),
    ],
)
async def test_fault_is_told_at_its_field_and_what_was_typed_is_kept(
    scene: Scene, fields: dict[str, str], name: str, said: str
) -> None:
    reply = await scene.send(None, **fields)
    assert reply.status_code == 422
    told = re.search(rf'<p class="wrong" id="{name}-salah">([^<]+)</p>', reply.text)
    assert told is not None, reply.text
    assert said in told[1]
    field = re.search(rf'<(?:input|select|textarea) id="{name}"[^>]*>', reply.text)
    assert field is not None
    assert f'aria-invalid="true" aria-describedby="{name}-salah"' in field[0]
    assert f'<a href="#{name}">' in reply.text
    assert "/v1/" not in reply.text
    if name != "judul":
        assert 'value="Perubahan &lt;b&gt;APBDes&lt;/b&gt;"' in reply.text
    assert scene.store.kept == {}


async def test_pointers_are_the_apis_own_when_the_queue_sends_what_cannot_be_taken(
    scene: Scene,
) -> None:
    reply = await scene.send(JSON, desa="64.02.99.2001")
    api = await scene.http.post(
        "/v1/consultations",
        json={
            "title": "x",
            "body": "x",
            "topic": "KEU-APBDES",
            "desa_code": "64.02.99.2001",
            "requester": {"role": "kepala_desa"},
        },
        headers=bearer(KEYS[Role.FRONTEND]),
    )
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["errors"] == api.json()["errors"]


async def test_queue_is_told_ticket_and_pin_and_the_devices_time_is_kept(scene: Scene) -> None:
    written = NOON - timedelta(days=3)
    reply = await scene.send(JSON, waktu=written.isoformat().replace("+00:00", ".250Z"))
    (found,) = scene.store.kept.values()
    assert reply.json() == {
        "ticket": found.ticket,
        "pin": scene.store.private[found.id].pin,
        "received_at": "2026-11-24T12:00:00+08:00",
    }
    assert found.submitted_at == written + timedelta(milliseconds=250)
    page = await scene.send(waktu=written.isoformat().replace("+00:00", ".250Z"))
    assert "Ditulis 21 November 2026, 12.00 WITA." in page.text


@pytest.mark.parametrize(
    "time", ["kemarin", "2026-13-45T99:00:00Z", "2999-01-01T00:00:00Z", "1970-01-01T00:00:00Z"]
)
async def test_post_is_taken_when_the_devices_time_cannot_be_true(scene: Scene, time: str) -> None:
    assert (await scene.send(waktu=time)).status_code == 200
    (found,) = scene.store.kept.values()
    assert found.submitted_at == NOON


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_nothing_is_lost_when_the_store_is_away(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, accept: str
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(scene.store, "add", away)
    reply = await scene.send({"Accept": accept})
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")
    if accept == "text/html":
        assert SAID["failed_unavailable"] in reply.text
        assert 'name="kunci" value="a-key"' in reply.text
        assert "Sudah musyawarah.</textarea>" in reply.text


async def test_source_waits_when_it_posts_more_than_its_share_and_the_spare() -> None:
    async for scene in scenes(Rate(0.001, 2)):
        taken = [await scene.send(kunci=f"k{number}") for number in range(2 + 2 * SPARE)]
        assert {one.status_code for one in taken} == {200}
        reply = await scene.send(kunci="one too many")
        assert (reply.status_code, SAID["failed_too_many"] in reply.text) == (429, True)
        assert int(reply.headers["retry-after"]) > 0
        assert len(scene.store.kept) == len(taken)


async def test_desa_is_chosen_when_the_address_names_one(scene: Scene) -> None:
    page = (await scene.http.get("/kirim?desa=64.02.06.2012")).text
    assert '<option value="64.02.06.2012" selected>Rapak Lambur, Tenggarong</option>' in page
    for strange in ("", "64.02.06", "99", "<script>"):
        page = (await scene.http.get("/kirim", params={"desa": strange})).text
        assert " selected>" not in page.partition('id="peran"')[0].partition('id="desa"')[2]
        assert "<script>" not in page


async def test_every_desa_role_and_topic_of_today_is_offered_once(scene: Scene) -> None:
    page = (await scene.http.get("/kirim")).text
    today = local_day(NOON)
    offered = re.findall(r'<option value="([^"]+)"', page)
    regions = [
        one.code
        for one in reference.regions().values()
        if one.type in ("desa", "kelurahan") and one.active(today)
    ]
    assert len(regions) == 237
    wanted = [*regions, *reference.topics(), *reference.roles(), *reference.kinds()]
    assert sorted(offered) == sorted([*wanted, "whatsapp", "email", "phone", "telegram"])
    assert len(places(today)) == 20
    assert all(group.choices for group in topics(today, "en"))


async def test_first_visit_is_small(scene: Scene) -> None:
    """Everything that the browser loads for it, unpacked, and what the worker keeps besides."""
    page = await scene.http.get("/kirim")
    worker = await scene.http.get("/kirim/sw.js")
    files = set(re.findall(r'"(/aset/[^"]+)"', page.text + worker.text))
    files.add("/kirim/antrean")
    total = len(page.content) + len(worker.content)
    for address in files:
        total += len((await scene.http.get(address)).content)
    assert total < 100_000
    assert worker.headers["service-worker-allowed"] == "/kirim"
    assert worker.headers["content-type"].startswith("text/javascript")


@settings(max_examples=80)
@given(st.dictionaries(st.sampled_from([*POINTERS, "waktu", "kunci"]), st.text(max_size=30)))
def test_form_is_a_post_or_faults_of_its_fields_whatever_it_holds(fields: dict[str, str]) -> None:
    errors: list[Fault] = []
    try:
        submission_of(fields)
    except Problem as problem:
        errors = problem.errors
    assert {one.pointer for one in errors} <= set(POINTERS.values())


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b"&" * 99, urlencode({"isi": "😀" * 8000})])
async def test_form_is_answered_when_it_is_none_of_ours(scene: Scene, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = await scene.http.post("/kirim", content=body, headers=headers)
    assert (reply.status_code, SAID["need_judul"] in reply.text) == (422, True)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_nothing_is_kept_or_filled_in_when_the_page_of_another_site_sent_it(
    scene: Scene, site: str
) -> None:
    headers = {"Sec-Fetch-Site": site, "Accept": "text/html"}
    for title in (FILLED["judul"], ""):
        reply = await scene.send(headers, judul=title, alamat="081200000000")
        assert reply.status_code == 403
        assert "081200000000" not in reply.text
    assert not scene.store.kept


@pytest.mark.parametrize("bytes_", ["%ff", "%ED%A0%80", "a%C3"])
async def test_nothing_is_kept_when_a_field_is_not_utf_8(scene: Scene, bytes_: str) -> None:
    body = urlencode({**FILLED, "judul": ""}).replace("judul=", f"judul={bytes_}")
    reply = await scene.http.post(
        "/kirim", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert (reply.status_code, scene.store.kept) == (422, {})
