"""`/satgas`: the inbox and one consultation, by the API's own permissions, audit and limits."""

import re
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.intake.pages.handling import STEPS
from services.intake.pages.inbox import PAGE_ITEMS
from services.intake.pages.site import PAGES
from shared.audit.chain import Entry
from shared.errors import StoreUnavailable
from shared.web.pages.page import POLICY, until
from shared.web.permissions import ACCESS
from tests.support.builders import NOON, a_post
from tests.support.fakes import Clock, FakeAudit
from tests.support.keys import bearer
from tests.support.services.officer_pages import (
    CODES,
    FIRST,
    NEIGHBOUR,
    NEXT,
    SECOND,
    Office,
    hidden,
    press,
    sign_in,
)

SAID = PAGES.texts("id")
TOMORROW = NOON + timedelta(days=1)
TITLE = a_post()["title"]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def office(clock: Clock) -> Office:
    return Office(clock)


@pytest.fixture
async def first(office: Office) -> AsyncGenerator[httpx.AsyncClient]:
    async with office.visitor() as client:
        await sign_in(client, FIRST)
        yield client


@pytest.fixture
async def second(office: Office) -> AsyncGenerator[httpx.AsyncClient]:
    async with office.visitor() as client:
        await sign_in(client, SECOND)
        yield client


def listed(page: str) -> list[UUID]:
    return [UUID(one) for one in re.findall(r'<a href="/satgas/([0-9a-f-]{36})"', page)]


# --- the inbox


async def test_inbox_is_by_deadline_and_late_ones_say_so_when_it_is_opened(
    office: Office, first: httpx.AsyncClient, clock: Clock
) -> None:
    later = await office.submit(due=NOON + timedelta(days=1, hours=4))
    late = await office.submit(due=NOON - timedelta(hours=3))
    today = await office.submit(due=NOON + timedelta(hours=2))
    await office.submit()  # of nobody yet
    page = (await first.get("/satgas")).text
    assert listed(page) == [late, today, later]
    assert '<span class="due late">lewat 3 jam</span>' in page
    assert '<span class="due">hari ini 14.00</span>' in page
    assert '<span class="due">besok 16.00</span>' in page
    await press(first, today, "tanya", pesan="Tahun berapa?")
    await press(first, late, "jawab", pesan="Ya.")
    assert listed((await first.get("/satgas")).text) == [later]


async def test_parts_of_the_inbox_are_what_the_api_answers(
    office: Office, first: httpx.AsyncClient
) -> None:
    ids = [await office.submit(due=TOMORROW) for _ in range(3)]
    ids.append(await office.submit())
    await press(first, ids[0], "tanya", pesan="Tahun berapa?")
    await press(first, ids[1], "jawab", pesan="Ya.")
    asked = {
        "tenggat": {"order": "due"},
        "baru": {"status": "assigned"},
        "menunggu": {"status": "waiting_requester"},
        "saya": {"officer": FIRST},
        "semua": {},
        "semua&status=answered": {"status": "answered"},
    }
    seen = {}
    for part, query in asked.items():
        page = (await first.get(f"/satgas?bagian={part}")).text
        reply = await first.get("/v1/consultations", params=query, headers=bearer(CODES[FIRST][0]))
        seen[part] = listed(page)
        assert [str(one) for one in seen[part]] == [one["id"] for one in reply.json()["items"]]
    assert [len(one) for one in seen.values()] == [1, 1, 1, 3, 4, 1]


async def test_ticket_is_found_as_it_is_typed_and_only_where_it_may_be_seen(
    office: Office, first: httpx.AsyncClient
) -> None:
    mine, other = await office.submit(), await office.submit("64.02.19.2001")
    await office.submit()
    ticket = office.found(mine).ticket
    typed = ticket.lower().replace("-", " ")
    assert listed((await first.get("/satgas", params={"tiket": typed})).text) == [mine]
    theirs = office.found(other).ticket
    assert listed((await first.get("/satgas", params={"tiket": theirs})).text) == []
    strange = (await first.get("/satgas", params={"tiket": "<b>x"})).text
    assert SAID["no_such_ticket"] in strange
    assert "<b>x" not in strange


async def test_words_are_found_as_they_are_typed_and_only_where_they_may_be_seen(
    office: Office, first: httpx.AsyncClient
) -> None:
    mine, other = await office.submit(), await office.submit("64.02.19.2001")
    for id_ in (mine, other):
        kept = office.found(id_)
        office.store.kept[kept.id] = replace(kept, body="Soal <b>jembatan</b> gantung")
    await office.submit()
    page = (await first.get("/satgas", params={"kata": "JEMBATAN <b>"})).text
    assert listed(page) == [mine]
    assert "<b>" not in page
    assert SAID["words_searched"].format(number=2) in page
    none = (await first.get("/satgas", params={"kata": "sungai"})).text
    assert (listed(none), SAID["no_words"] in none) == ([], True)
    # too short is none, and a search is not repeated by itself
    assert len(listed((await first.get("/satgas", params={"kata": "x"})).text)) == 2
    assert (await first.get("/satgas/tanda", params={"kata": "jembatan"})).text == ""
    assert 'data-mark=""' in page


async def test_long_inbox_is_read_page_by_page(office: Office, first: httpx.AsyncClient) -> None:
    due = [await office.submit(due=NOON + timedelta(hours=n // 2)) for n in range(PAGE_ITEMS + 7)]
    for part, expected in (("tenggat", due), ("semua", due[::-1])):
        page = (await first.get(f"/satgas?bagian={part}")).text
        (address,) = re.findall(r'href="([^"]*)" rel="next"', page)
        rest = (await first.get(address.replace("&amp;", "&"))).text
        seen = listed(page) + listed(rest)
        assert sorted(seen) == sorted(expected)
        assert len(listed(page)) == PAGE_ITEMS
        assert 'rel="next"' not in rest


@pytest.mark.parametrize(
    "query",
    ["bagian=x", "status=x", "setelah=x", "bagian=saya&status=%00", "tiket=%F0%9F%92%A9", "a=1"],
)
async def test_address_that_says_nothing_is_answered_as_the_whole_list(
    office: Office, first: httpx.AsyncClient, query: str
) -> None:
    await office.submit(due=TOMORROW)
    assert (await first.get(f"/satgas?{query}")).status_code == 200


async def test_mark_changes_when_the_list_does_and_tells_nothing(
    office: Office, first: httpx.AsyncClient
) -> None:
    id_ = await office.submit(due=TOMORROW)
    page = (await first.get("/satgas")).text
    mark = (await first.get("/satgas/tanda")).text
    assert f'data-mark="{mark}"' in page
    assert (await first.get("/satgas/tanda?bagian=semua")).text == mark  # the same one is shown
    await press(first, id_, "tanggapi")
    after = (await first.get("/satgas/tanda")).text
    assert after != mark
    assert re.fullmatch("[0-9a-f]{16}", after)


# --- one consultation


async def test_officer_handles_a_consultation_by_buttons_until_it_is_settled(
    office: Office, first: httpx.AsyncClient
) -> None:
    id_ = await office.submit(due=TOMORROW, requester={"role": "bpd", "name": "Siti"})
    page = (await first.get(f"/satgas/{id_}")).text
    assert TITLE in page
    assert "Siti" in page
    assert "besok 12.00" in page
    reply = await press(first, id_, "tanggapi")
    assert (reply.status_code, reply.headers["location"]) == (303, f"/satgas/{id_}#percakapan")
    await press(first, id_, "catat", pesan="Sudah ditanyakan.")
    await press(first, id_, "tanya", pesan="Tahun berapa?")
    assert office.found(id_).status == "waiting_requester"
    await press(first, id_, "jawab", pesan="Cukup Perkades.")
    await press(first, id_, "selesai")
    found = office.found(id_)
    assert found.status == "closed"
    assert [(one.kind, one.body, one.id_of_actor) for one in found.messages] == [
        ("note", "Sudah ditanyakan.", FIRST),
        ("question", "Tahun berapa?", FIRST),
        ("answer", "Cukup Perkades.", FIRST),
    ]
    page = (await first.get(f"/satgas/{id_}")).text
    assert re.search(r'<li class="note">.*?Sudah ditanyakan\.', page, re.DOTALL)
    await press(first, id_, "buka")
    assert office.found(id_).status == "assigned"


async def test_consultation_is_handed_on_with_its_reason(
    office: Office, first: httpx.AsyncClient
) -> None:
    id_ = await office.submit(due=TOMORROW)
    await press(first, id_, "alihkan", ke="64.02.19", petugas="", alasan="wrong_place")
    await press(first, id_, "teruskan", alasan="needs_decision")
    done = {(one.what, one.detail) for one in office.found(id_).timeline}
    assert done >= {
        ("consultation.transfer_requested", "wrong_place"),
        ("consultation.escalation_requested", "needs_decision"),
    }
    await press(first, id_, "tolak", alasan="not_ours")
    assert office.found(id_).status == "rejected"


async def test_second_officer_is_told_who_was_first_and_keeps_what_was_typed(
    office: Office, first: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    id_ = await office.submit(due=TOMORROW)
    form = hidden((await second.get(f"/satgas/{id_}")).text, 'value="jawab"')
    await press(first, id_, "jawab", pesan="Jawaban pertama.")
    sent = {**form, "langkah": "jawab", "pesan": "Jawaban <kedua>."}
    reply = await second.post(f"/satgas/{id_}", data=sent)
    assert reply.status_code == 200
    assert f"{FIRST} sudah menanggapi: Jawaban, " in reply.text
    assert ">Jawaban &lt;kedua&gt;.</textarea>" in reply.text
    assert "Jawaban pertama." in reply.text
    assert [one.body for one in office.found(id_).messages] == ["Jawaban pertama."]
    # and what was seen then can be decided upon
    again = {**hidden(reply.text, 'value="jawab"'), "langkah": "jawab", "pesan": "Tambahan."}
    assert (await second.post(f"/satgas/{id_}", data=again)).status_code == 303
    assert [one.body for one in office.found(id_).messages] == ["Jawaban pertama.", "Tambahan."]


async def test_answer_is_one_when_it_is_pressed_twice(
    office: Office, first: httpx.AsyncClient
) -> None:
    id_ = await office.submit(due=TOMORROW)
    form = hidden((await first.get(f"/satgas/{id_}")).text, 'value="jawab"')
    sent = {**form, "langkah": "jawab", "pesan": "Satu kali."}
    replies = [await first.post(f"/satgas/{id_}", data=sent) for _ in range(3)]
    assert [one.status_code for one in replies] == [303] * 3
    assert len(office.found(id_).messages) == 1


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"langkah": "jawab", "pesan": " "}, "refused_invalid"),
        ({"langkah": "jawab", "pesan": "x" * 8001}, "refused_invalid"),
        ({"langkah": "jawab", "pesan": "a\x00b"}, "refused_invalid"),
        ({"langkah": "balas", "pesan": "x"}, "refused_malformed"),
        ({"langkah": "batalkan"}, "refused_malformed"),
        ({"langkah": "alihkan", "ke": "64.02.99", "alasan": "absent"}, "refused_invalid"),
        ({"langkah": "alihkan", "ke": "64.02.06", "alasan": "absent"}, "refused_invalid"),
        ({"langkah": "alihkan", "ke": "dpmd", "alasan": "x"}, "refused_invalid"),
        ({"langkah": "teruskan"}, "refused_invalid"),
        ({"langkah": "selesai"}, "refused_forbidden_move"),
    ],
)
async def test_refusal_is_said_in_words_and_changes_nothing(
    office: Office, first: httpx.AsyncClient, fields: dict[str, str], why: str
) -> None:
    id_ = await office.submit(due=TOMORROW)
    before = office.found(id_)
    form = hidden((await first.get(f"/satgas/{id_}")).text, 'value="jawab"')
    reply = await first.post(f"/satgas/{id_}", data={**form, **fields})
    assert (reply.status_code, SAID[why] in reply.text) == (200, True)
    assert "/v1/" not in reply.text, "a person reads no address of the interface"
    assert office.found(id_) == before


async def test_what_was_typed_is_not_lost_when_the_store_is_away(
    office: Office, first: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = await office.submit(due=TOMORROW)
    form = hidden((await first.get(f"/satgas/{id_}")).text, 'value="jawab"')

    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(office.store, "for_move", away)
    reply = await first.post(
        f"/satgas/{id_}",
        data={**form, "langkah": "jawab", "pesan": "Jangan hilang"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert (reply.status_code, SAID["unsent_unavailable"] in reply.text) == (503, True)
    assert ">Jangan hilang</textarea>" in reply.text


async def test_what_was_typed_is_not_lost_when_another_tab_signed_in_again(
    office: Office, first: httpx.AsyncClient
) -> None:
    id_ = await office.submit(due=TOMORROW)
    before = office.found(id_)
    form = hidden((await first.get(f"/satgas/{id_}")).text, 'value="jawab"')
    await first.post("/keluar", data={"bukti": form["bukti"]})
    await sign_in(first, SECOND)
    sent = {**form, "langkah": "jawab", "pesan": "Jangan hilang"}
    own, foreign = [
        await first.post(f"/satgas/{id_}", data=sent, headers={"Sec-Fetch-Site": site})
        for site in ("same-origin", "cross-site")
    ]
    assert (own.status_code, SAID["unsent_other_session"] in own.text) == (403, True)
    assert ">Jangan hilang</textarea>" in own.text
    assert (foreign.status_code, "hilang" in foreign.text) == (403, False)
    assert office.found(id_) == before


async def test_what_was_typed_is_not_lost_when_the_case_went_elsewhere_meanwhile(
    office: Office, first: httpx.AsyncClient
) -> None:
    id_ = await office.submit(due=TOMORROW)
    form = hidden((await first.get(f"/satgas/{id_}")).text, 'value="jawab"')
    office.store.kept[id_] = replace(office.found(id_), kecamatan=NEXT, satgas=NEXT)
    reply = await first.post(
        f"/satgas/{id_}",
        data={**form, "langkah": "jawab", "pesan": "Jangan hilang"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert (reply.status_code, SAID["unsent_elsewhere"] in reply.text) == (403, True)
    assert ">Jangan hilang</textarea>" in reply.text
    assert TITLE not in reply.text


@pytest.mark.parametrize("path", ["/masuk", "/satgas", "/satgas/{id}", "/satgas?bagian=semua"])
async def test_page_asks_nobody_but_us_and_says_nothing_of_it_in_its_title(
    office: Office, first: httpx.AsyncClient, path: str
) -> None:
    id_ = await office.submit(due=TOMORROW)
    if path == "/masuk":
        first.cookies.clear()
    reply = await first.get(path.format(id=id_))
    assert (reply.status_code, reply.headers["content-security-policy"]) == (200, POLICY)
    assert not re.search(r"<style|<iframe| on\w+=| style=|<script(?! type)", reply.text)
    for address in re.findall(r'<(?:link|script)[^>]* (?:href|src)="([^"]*)"', reply.text):
        assert (await first.get(address)).status_code == 200, address
    (title,) = re.findall("<title>(.*?)</title>", reply.text)
    assert TITLE not in title


# --- who reaches what


def test_each_button_is_an_operation_of_the_api() -> None:
    assert {one.operation for one in STEPS.values()} <= ACCESS.keys()


async def test_officer_of_another_kecamatan_reaches_nothing_on_any_page(office: Office) -> None:
    ids = [
        await office.submit(due=TOMORROW),
        await office.submit(kind="pengaduan"),
    ]
    before = dict(office.store.kept)
    async with office.visitor() as client:
        await sign_in(client, NEIGHBOUR)
        form = hidden((await client.get("/satgas")).text, 'action="/keluar"')
        for query in ("", "?bagian=semua", f"?setelah={ids[0]}", "?bagian=baru"):
            page = (await client.get(f"/satgas{query}")).text
            assert TITLE not in page
            assert listed(page) == []
        for id_, expected in zip((*ids, uuid4()), (403, 404, 404), strict=True):
            ticket = office.found(id_).ticket if id_ in office.store.kept else ""
            shown = await client.get(f"/satgas/{id_}")
            assert shown.status_code == expected
            for step in STEPS:
                sent = {
                    **form, "langkah": step, "versi": "2", "pesan": "x", "ke": "dpmd",
                    "alasan": "absent" if step == "alihkan" else "not_ours",
                }  # fmt: skip
                moved = await client.post(f"/satgas/{id_}", data=sent)
                assert moved.status_code == expected, step
                for one in (shown, moved):
                    assert TITLE not in one.text
                    assert not ticket or ticket not in one.text
    assert office.store.kept == before


@pytest.mark.parametrize("who", ["koordinator", "meja-dpmd", "pengelola"])
async def test_each_role_sees_what_the_api_shows_it(office: Office, who: str) -> None:
    ids = [
        await office.submit(due=TOMORROW),
        await office.submit("64.02.19.2001", due=TOMORROW),
        await office.submit(kind="pengaduan"),
    ]
    async with office.visitor() as client:
        await sign_in(client, who)
        headers = bearer(CODES[who][0])
        page = (await client.get("/satgas?bagian=semua")).text
        api = (await client.get("/v1/consultations", headers=headers)).json()
        assert [str(one) for one in listed(page)] == [one["id"] for one in api["items"]]
        for id_ in ids:
            shown = await client.get(f"/satgas/{id_}")
            asked = await client.get(f"/v1/consultations/{id_}", headers=headers)
            assert shown.status_code == asked.status_code
            assert (TITLE in shown.text) is (asked.status_code == 200)


async def test_name_is_not_shown_when_the_requester_asked_for_that(
    office: Office, first: httpx.AsyncClient
) -> None:
    who = {"role": "bpd", "name": "Siti", "contact": {"channel": "phone", "address": "08125555123"}}
    id_ = await office.submit(due=TOMORROW, requester=who, anonymous=True)
    page = (await first.get(f"/satgas/{id_}")).text
    assert SAID["is_anonymous"] in page
    assert "Siti" not in page
    assert "5555" not in page


async def test_audit_has_the_operations_of_the_api_when_a_page_carries_them_out(
    office: Office, first: httpx.AsyncClient
) -> None:
    id_, theirs = await office.submit(due=TOMORROW), await office.submit("64.02.19.2001")
    office.app.state.audit = audit = FakeAudit()
    await first.get("/satgas")
    form = hidden((await first.get(f"/satgas/{id_}")).text, 'value="tanggapi"')
    await first.get("/satgas/tanda")
    await first.post(f"/satgas/{id_}", data=form)
    stale: dict[str, Any] = {**form, "langkah": "jawab", "pesan": "x", "kunci": "b"}
    await first.post(f"/satgas/{id_}", data=stale)
    await first.get(f"/satgas/{theirs}")
    await first.get(f"/satgas/{uuid4()}")
    seen = audit.told()
    assert seen[:5] == [
        (FIRST, "list_consultations", "200", (str(id_),)),
        (FIRST, "read_consultation", "200", (str(id_),)),
        (FIRST, "acknowledge_consultation", "303", (str(id_),)),
        (FIRST, "read_consultation", "200", (str(id_),)),
        (FIRST, "read_consultation", "403", (str(theirs),)),
    ]
    assert [one[2] for one in seen[5:]] == ["404"]
    assert audit.entries[0].role == "officer"


async def test_nothing_is_shown_when_the_audit_cannot_be_written(
    office: Office, first: httpx.AsyncClient
) -> None:
    id_ = await office.submit(due=TOMORROW)

    class Away(FakeAudit):
        async def record(self, entry: Entry) -> None:
            raise StoreUnavailable("away")

    office.app.state.audit = Away()
    for path in ("/satgas", f"/satgas/{id_}"):
        reply = await first.get(path)
        assert (reply.status_code, TITLE in reply.text) == (503, False)


@pytest.mark.parametrize(
    ("hours", "said", "said_in_english"),
    [
        (-0.5, "lewat, kurang dari 1 jam", "overdue by less than an hour"),
        (-1, "lewat 1 jam", "overdue by 1 hour"),
        (-30, "lewat 1 hari", "overdue by 1 day"),
        (-72, "lewat 3 hari", "overdue by 3 days"),
        (1, "hari ini 13.00", "today 13:00"),
        (13, "besok 01.00", "tomorrow 01:00"),
        (48, "Kamis 12.00", "Thursday 12:00"),
        (5 * 24, "Minggu 12.00", "Sunday 12:00"),
        (6 * 24, "30 November 12.00", "30 November 12:00"),
    ],
)
def test_deadline_is_said_as_people_say_it(hours: float, said: str, said_in_english: str) -> None:
    at = NOON + timedelta(hours=hours)
    assert until(at, NOON, "id") == said
    assert until(at, NOON, "en") == said_in_english
