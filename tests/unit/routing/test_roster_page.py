"""`/petugas`: a coordinator keeps the roster of the own satgas, and nobody overwrites anybody."""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from services.routing.domain.roster import Leave, Officer
from services.routing.pages.site import PAGES
from shared.web.pages.forms import proof_of
from shared.web.pages.roster_tokens import COOKIE, LIFETIME
from shared.web.pages.sessions import IDLE
from tests.support.builders import NOON
from tests.support.fakes import Clock, FakeAudit
from tests.support.services.officer_pages import CODES, FIRST, HOME, NEXT, SECOND, Town, sign_in

PATH = f"/petugas/{HOME}"
SAID = PAGES.texts("id")
WHO = "koordinator"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def town(clock: Clock) -> Town:
    return Town(clock)


@pytest.fixture
async def browser(town: Town) -> AsyncGenerator[httpx.AsyncClient]:
    async with town.visitor() as client:
        client.follow_redirects = True
        yield client


async def filled(client: httpx.AsyncClient, officer: str, path: str = PATH) -> dict[str, str]:
    """The form of an officer, as it is shown."""
    return form_in((await client.get(path)).text, officer)


def form_in(page: str, officer: str, step: str = "") -> dict[str, str]:
    """`step`: of another form than that of changing the officer; one to add is of nobody yet."""
    forms = re.findall(r'<form method="post" action="/petugas.*?</form>', page, re.DOTALL)
    of_step = [one for one in forms if (f'name="langkah" value="{step}"' in one) == bool(step)]
    of_step = [one for one in of_step if step or 'name="langkah"' not in one]
    (form,) = (one for one in of_step if f'name="petugas" value="{officer}"' in one)
    inputs = re.findall(r"<input[^>]*>", form)
    shown = [one for one in inputs if 'type="checkbox"' not in one or " checked" in one]
    named = (re.search(r'name="([^"]*)" value="([^"]*)"', one) for one in shown)
    return {one[1]: unescape(one[2]) for one in named if one}


async def save(
    client: httpx.AsyncClient, officer: str = FIRST, path: str = PATH, **fields: str
) -> httpx.Response:
    shown = await filled(client, officer, path)
    return await client.post(path, data={**shown, **fields})


async def test_officer_is_as_the_form_says_when_it_is_saved(
    town: Town, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser, WHO)
    fields = {"mulai-0": "2026-12-01", "sampai-0": "2026-12-05", "kapasitas": " 7 "}
    reply = await save(browser, **fields, **{"topik-KEU": "1", "topik-PEM-BPD": "1"})
    assert reply.status_code == 200
    assert SAID["saved"].format(code=FIRST) in reply.text
    first, second = town.rosters.kept[HOME].officers
    assert (first.capacity, first.topics, first.available) == (7, ("KEU", "PEM-BPD"), True)
    assert [(str(one.first), str(one.last)) for one in first.leave] == [
        ("2026-12-01", "2026-12-05")
    ]
    assert second == replace(second, topics=(), capacity=None, leave=())
    assert "1 Desember 2026 sampai 5 Desember 2026" in reply.text
    assert "Keuangan, " in reply.text
    # the form is what was saved: another press changes nothing
    await save(browser)
    assert town.rosters.kept[HOME].officers == (first, second)
    await save(browser, **{"hapus-0": "1", "kapasitas": ""})
    (left, _) = town.rosters.kept[HOME].officers
    assert (left.leave, left.capacity) == ((), None)


async def test_unchecked_officer_is_unavailable(town: Town, browser: httpx.AsyncClient) -> None:
    await sign_in(browser, WHO)
    shown = await filled(browser, SECOND)
    shown.pop("tersedia")
    reply = await browser.post(PATH, data=shown)
    assert town.rosters.kept[HOME].officers[1].available is False
    assert SAID["presence_unavailable"] in reply.text


async def test_what_the_page_does_not_list_stays_when_somebody_is_saved(
    town: Town, browser: httpx.AsyncClient
) -> None:
    """The only topic of its group, and one of which nobody knows any more."""
    kept = town.rosters.kept[HOME]
    first = replace(kept.officers[0], topics=("ASET-DESA", "OLD-ONE"))
    town.rosters.kept[HOME] = replace(kept, officers=(first, *kept.officers[1:]))
    await sign_in(browser, WHO)
    shown = await filled(browser, FIRST)
    assert {"topik-ASET-DESA", "topik-OLD-ONE"} <= shown.keys()


async def test_second_coordinator_is_told_and_nothing_is_lost_when_both_save(
    town: Town, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser, WHO)
    mine = await filled(browser, FIRST)
    async with town.visitor() as other:
        other.follow_redirects = True
        await sign_in(other, "meja-dpmd")
        await save(other, kapasitas="3")
    refused = await browser.post(PATH, data={**mine, "kapasitas": "9"})
    assert refused.status_code == 412
    assert SAID["refused_changed_meanwhile"] in refused.text
    assert town.rosters.kept[HOME].officers[0].capacity == 3
    again = form_in(refused.text, FIRST)
    assert again["kapasitas"] == "9"
    # the form is for what is kept now: sent again, it is meant
    await browser.post(PATH, data=again)
    assert town.rosters.kept[HOME].officers[0].capacity == 9


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        ({"kapasitas": "banyak"}, "capacity"),
        ({"kapasitas": "0"}, "capacity"),
        ({"mulai-0": "2026-12-05", "sampai-0": "2026-12-01"}, "leave"),
        ({"mulai-0": "kemarin", "sampai-0": "2026-12-01"}, "leave"),
        ({"topik-TIDAK-ADA": "1"}, "topics"),
    ],
)
async def test_field_that_is_wrong_is_named_and_what_was_typed_stays(
    town: Town, browser: httpx.AsyncClient, fields: Mapping[str, str], about: str
) -> None:
    await sign_in(browser, WHO)
    before = town.rosters.kept[HOME]
    refused = await save(browser, **fields)
    assert refused.status_code == 422
    assert f"<p>{SAID[about]}: " in refused.text
    assert form_in(refused.text, FIRST).items() >= fields.items()
    assert town.rosters.kept[HOME] == before


async def test_day_without_anybody_is_saved_when_that_is_meant(
    town: Town, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser, WHO)
    away = {"mulai-0": "2026-12-01", "sampai-0": ""}
    assert (await save(browser, SECOND, **away)).status_code == 200
    refused = await save(browser, FIRST, **away)
    assert refused.status_code == 422
    assert SAID["nobody_left"] in refused.text
    assert "accept_nobody" not in refused.text
    taken = await browser.post(PATH, data={**form_in(refused.text, FIRST), "walau": "1"})
    assert taken.status_code == 200
    assert all(one.leave for one in town.rosters.kept[HOME].officers)


async def test_officer_is_added_and_taken_off_again(town: Town, browser: httpx.AsyncClient) -> None:
    await sign_in(browser, WHO)
    form = await filled_to(browser, "tambah")
    added = await browser.post(PATH, data={**form, "petugas": "petugas-baru"})
    assert added.status_code == 200
    assert SAID["saved"].format(code="petugas-baru") in added.text
    last = town.rosters.kept[HOME].officers[-1]
    assert last == Officer("petugas-baru")
    gone = await browser.post(PATH, data=form_in(added.text, "petugas-baru", "keluarkan"))
    assert SAID["removed"] in gone.text
    assert [one.code for one in town.rosters.kept[HOME].officers] == [FIRST, SECOND]
    assert "petugas-baru" not in gone.text


async def test_officer_is_not_added_when_there_is_one_or_the_code_cannot_be(
    town: Town, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser, WHO)
    form = await filled_to(browser, "tambah")
    twice = await browser.post(PATH, data={**form, "petugas": FIRST, "kapasitas": "3"})
    assert (twice.status_code, "tercantum dua kali" in twice.text) == (422, True)
    assert form_in(twice.text, FIRST)["kapasitas"] == "", "the one that there is is as it was"
    for code in ("", "budi santoso", "x" * 65):
        refused = await browser.post(PATH, data={**form, "petugas": code})
        assert refused.status_code == 422
        assert f"<p>{SAID['officer_code']}: {SAID['officer_code_form']}</p>" in refused.text
        assert form_in(refused.text, code, "tambah")["petugas"] == code
    assert town.rosters.kept[HOME].edition == 1


async def test_officer_stays_when_consultations_would_be_left_behind(
    town: Town, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser, WHO)
    town.rosters.kept[HOME] = replace(town.rosters.kept[HOME], load={SECOND: 2})
    form = await filled_to(browser, "keluarkan", SECOND)
    refused = await browser.post(PATH, data=form)
    assert (refused.status_code, f"{SECOND} masih memegang 2" in refused.text) == (422, True)
    assert len(town.rosters.kept[HOME].officers) == 2


async def test_officer_is_taken_off_once_when_two_do_at_once(
    town: Town, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser, WHO)
    mine = await filled_to(browser, "keluarkan", SECOND)
    async with town.visitor() as other:
        other.follow_redirects = True
        await sign_in(other, "meja-dpmd")
        await other.post(PATH, data=await filled_to(other, "keluarkan", SECOND))
    refused = await browser.post(PATH, data=mine)
    assert refused.status_code == 412
    assert [one.code for one in town.rosters.kept[HOME].officers] == [FIRST]


async def test_coordinator_is_not_taken_off(town: Town, browser: httpx.AsyncClient) -> None:
    await sign_in(browser, WHO)
    page = (await browser.get(PATH)).text
    assert SAID["remove_coordinator"] in page
    sent = {**form_in(page, FIRST), "langkah": "keluarkan"}
    assert (await browser.post(PATH, data=sent)).status_code == 422
    assert town.rosters.kept[HOME].edition == 1


async def test_day_without_anybody_is_meant_when_the_last_who_is_there_goes(
    town: Town, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser, WHO)
    shown = await filled(browser, FIRST)
    shown.pop("tersedia")
    await browser.post(PATH, data=shown)
    refused = await browser.post(PATH, data=await filled_to(browser, "keluarkan", SECOND))
    assert (refused.status_code, SAID["nobody_left"] in refused.text) == (422, True)
    again = form_in(refused.text, SECOND, "keluarkan")
    taken = await browser.post(PATH, data={**again, "walau": "1"})
    assert (taken.status_code, SAID["removed"] in taken.text) == (200, True)


async def filled_to(client: httpx.AsyncClient, step: str, officer: str = "") -> dict[str, str]:
    return form_in((await client.get(PATH)).text, officer, step)


async def test_desk_keeps_every_roster_and_a_coordinator_the_own(
    town: Town, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser, WHO)
    assert str((await browser.get("/petugas")).url.path) == PATH
    assert (await browser.get(f"/petugas/{NEXT}")).status_code == 403
    mine = await filled(browser, FIRST)
    there = {**mine, "petugas": f"petugas-{NEXT}-1"}
    assert (await browser.post(f"/petugas/{NEXT}", data=there)).status_code == 403
    assert town.rosters.kept[NEXT].edition == 1
    async with town.visitor() as desk:
        desk.follow_redirects = True
        await sign_in(desk, "meja-dpmd")
        assert str((await desk.get("/petugas")).url.path) == "/petugas/dpmd"
        chosen = await desk.get("/petugas", params={"satgas": NEXT})
        assert str(chosen.url.path) == f"/petugas/{NEXT}"
        await save(desk, f"petugas-{NEXT}-1", f"/petugas/{NEXT}", kapasitas="2")
    assert town.rosters.kept[NEXT].officers[0].capacity == 2


@pytest.mark.parametrize("path", ["/petugas/..%2fx", "/petugas/64.02.99", "/petugas/x"])
async def test_no_roster_is_shown_when_there_is_none(browser: httpx.AsyncClient, path: str) -> None:
    await sign_in(browser, "meja-dpmd")
    assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize("who", [FIRST, "camat", "analis"])
async def test_nothing_is_shown_when_the_role_keeps_no_roster(
    town: Town, browser: httpx.AsyncClient, who: str
) -> None:
    await sign_in(browser, who)
    assert (await browser.get(PATH)).status_code == 403
    assert (await browser.get("/petugas")).status_code == 403
    token = browser.cookies[COOKIE]
    proof = token.rpartition(".")[2]
    fields = {"bukti": proof, "versi": "1", "petugas": FIRST, "kapasitas": "1", "tersedia": "1"}
    assert (await browser.post(PATH, data=fields)).status_code == 403
    assert town.rosters.kept[HOME].edition == 1


async def test_inbox_links_to_it_when_the_role_keeps_a_roster(
    town: Town, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser, WHO)
    assert 'href="/petugas"' in (await browser.get("/satgas")).text
    async with town.visitor() as officer:
        await sign_in(officer, FIRST)
        assert 'href="/petugas"' not in (await officer.get("/satgas")).text


async def test_sign_in_leads_back_to_it_when_nobody_was_in(browser: httpx.AsyncClient) -> None:
    asked = await browser.get(PATH)
    assert (asked.url.path, asked.url.params["ke"]) == ("/masuk", PATH)
    reply = await sign_in(browser, WHO, ke=PATH)
    assert (reply.status_code, reply.url.path) == (200, PATH)


async def test_form_is_taken_when_it_was_filled_in_for_longer_than_the_leave_holds(
    town: Town, browser: httpx.AsyncClient, clock: Clock
) -> None:
    await sign_in(browser, WHO)
    shown = await filled(browser, FIRST)
    browser.cookies.delete(COOKIE)  # as browsers do, by its age
    clock.now += LIFETIME * 2
    reply = await browser.post(PATH, data={**shown, "kapasitas": "4"})
    assert [one.status_code for one in reply.history] == [307, 307, 303]
    assert town.rosters.kept[HOME].officers[0].capacity == 4


async def test_nothing_is_taken_when_the_session_is_over(
    town: Town, browser: httpx.AsyncClient, clock: Clock
) -> None:
    await sign_in(browser, WHO)
    shown = await filled(browser, FIRST)
    browser.cookies.delete(COOKIE)
    clock.now += IDLE
    reply = await browser.post(PATH, data={**shown, "kapasitas": "4"})
    assert reply.url.path == "/masuk"
    assert town.rosters.kept[HOME].edition == 1


async def test_leave_is_refused_when_it_expired_or_was_changed(
    town: Town, browser: httpx.AsyncClient, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await sign_in(browser, WHO)
    await browser.get(PATH)
    given = browser.cookies[COOKIE]
    browser.cookies.clear()

    async def opens(value: str) -> bool:
        reply = await browser.get(PATH, headers={"Cookie": f"{COOKIE}={value}"})
        return reply.url.path == PATH

    assert await opens(given)
    token = given.rpartition(".")[0]
    for at in range(0, len(token), 7):
        changed = "A" if token[at] != "A" else "B"
        assert not await opens(token[:at] + changed + token[at + 1 :] + given[len(token) :])
    assert not await opens(token + ".")
    clock.now += LIFETIME
    assert not await opens(given)
    refused = [one for one in caplog.records if one.message == "roster token refused"]
    assert {vars(one)["reason"] for one in refused} == {"signature", "expired"}
    assert all(token[:40] not in str(vars(one)) for one in caplog.records)


async def test_leave_ends_when_the_code_is_of_another_role_or_revoked(
    town: Town, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser, WHO)
    shown = await filled(browser, FIRST)
    changes: list[Mapping[str, Any] | None] = [{"role": "officer"}, {"territory": NEXT}, None]
    for changed in changes:
        town.change_keys(**{WHO: changed})
        reply = await browser.post(PATH, data={**shown, "kapasitas": "4"})
        assert reply.url.path == "/masuk"
        assert (await browser.get(PATH)).url.path == "/masuk"
        town.change_keys()
        await sign_in(browser, WHO)
        shown = await filled(browser, FIRST)
    assert town.rosters.kept[HOME].edition == 1


async def test_leave_is_of_nobody_else_when_somebody_signs_in_after(
    town: Town, browser: httpx.AsyncClient
) -> None:
    """Also where the one before was never signed out."""
    await sign_in(browser, WHO)
    await browser.get(PATH)
    assert browser.cookies.get(COOKIE)
    form = re.search(r'name="bukti" value="(\w+)"', (await browser.get("/satgas")).text)
    assert form is not None
    await browser.post("/keluar", data={"bukti": form[1]})
    assert not browser.cookies.get(COOKIE)
    await sign_in(browser, WHO)
    await browser.get(PATH)
    browser.cookies.delete("klik_sesi")  # idle
    await sign_in(browser, FIRST)
    assert not browser.cookies.get(COOKIE)
    assert (await browser.get(PATH)).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_form_is_refused_when_another_site_sends_it(
    town: Town, browser: httpx.AsyncClient, site: str
) -> None:
    await sign_in(browser, WHO)
    shown = await filled(browser, FIRST)
    headers = {"Sec-Fetch-Site": site}
    assert (await browser.post(PATH, data=shown, headers=headers)).status_code == 403
    foreign = {**shown, "bukti": proof_of("another session")}
    assert (await browser.post(PATH, data=foreign)).status_code == 403
    no_proof = {name: value for name, value in shown.items() if name != "bukti"}
    assert (await browser.post(PATH, data=no_proof)).status_code == 403
    through = f"/masuk/petugas?ke={PATH}"
    assert (await browser.post(through, data=shown, headers=headers)).status_code == 403
    assert town.rosters.kept[HOME].edition == 1


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/petugas/../x", "/lacak"]
)
async def test_leave_leads_to_pages_of_rosters_alone(browser: httpx.AsyncClient, to: str) -> None:
    await sign_in(browser, WHO)
    browser.follow_redirects = False
    reply = await browser.get("/masuk/petugas", params={"ke": to})
    assert reply.headers["location"] == "/petugas"


async def test_change_is_in_the_audit_as_the_apis_is_and_a_refusal_as_one(
    town: Town, browser: httpx.AsyncClient
) -> None:
    audit = FakeAudit()
    town.routing.state.audit = audit
    await sign_in(browser, WHO)
    await save(browser, kapasitas="4")
    await save(browser, kapasitas="0")
    said = [(one.key, one.what, one.outcome, one.about) for one in audit.entries]
    assert said == [
        (WHO, "put_satgas", "begun", HOME),
        (WHO, "put_satgas", "303", HOME),
        (WHO, "put_satgas", "422", HOME),
    ]


async def test_page_says_the_same_as_the_api(town: Town, browser: httpx.AsyncClient) -> None:
    kept = town.rosters.kept[HOME]
    first = replace(kept.officers[0], leave=(Leave(NOON.date(), NOON.date() + timedelta(days=2)),))
    changed = replace(kept, officers=(first, *kept.officers[1:]), load={FIRST: 5})
    town.rosters.kept[HOME] = changed
    await sign_in(browser, WHO)
    page = (await browser.get(PATH, params={"bahasa": "en"})).text
    reply = await browser.get(
        f"/v1/satgas/{HOME}", headers={"Authorization": f"Bearer {CODES[WHO][0]}"}
    )
    (view, _) = reply.json()["officers"]
    assert (view["presence"], view["open_cases"]) == ("on_leave", 5)
    assert '<p class="badge on_leave">On leave</p>' in page
    assert "<dt>Open consultations</dt><dd>5</dd>" in page
