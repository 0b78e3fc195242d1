"""What is open to all is the same for all, and what opens with a session opens as far as its key.

A page is an operation of the API: it reaches as far as that, by the same table.
"""

from collections.abc import Mapping
from uuid import UUID, uuid4

import httpx
import pytest

from services.intake.pages.follow import COOKIE as TICKET_COOKIE
from shared.web.pages.forms import PROOF, proof_of
from shared.web.pages.roster_tokens import COOKIE as ROSTER_COOKIE
from shared.web.pages.sessions import COOKIE
from tests.contract.reach.asking import PLACES, Asking
from tests.contract.reach.system import PIN, SECRET
from tests.contract.reach.table import (
    CONSULTATIONS,
    KEYS,
    NOBODY,
    OFFICES,
    OPEN,
    OVERSEEING,
    REQUESTERS,
    ROSTERS,
    SATGAS,
    SIGHT,
)
from tests.contract.reach.test_every_route import side
from tests.contract.test_access import ROUTES, Route
from tests.support.services.officer_pages import hidden
from tests.support.storeless import open_storeless

OPEN_ROUTES = [one for one in ROUTES if not one.guarded]
#: Of the machinery: every service's own app has them.
OF_ALL = {"livez", "readyz", "metrics_page", "openapi", "docs", "docs_page", "docs_document"}
#: Who signs in by the key as an access code: people, and only those whom a page has something for.
PEOPLE = {name for name, (role, _) in KEYS.items() if role in SATGAS | OVERSEEING | {"analyst"}}
MACHINES = KEYS.keys() - PEOPLE
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("route", OPEN_ROUTES, ids=lambda one: f"{one.service}-{one.name}")
async def test_open_route_answers_the_same_whatever_key_or_token_is_sent(
    asking: Asking, route: Route
) -> None:
    asking.system.reset()
    path = route.path.replace("{ticket}", "KD-0000-0000").replace("{id}", str(uuid4()))
    path = path.replace("{satgas}", "dpmd").replace("{", "").replace("}", "").replace(":path", "")
    async with open_storeless("[]") as machinery:
        client = (machinery if route.name in OF_ALL else asking.clients)[route.service]
        answers = {}
        for who in (*KEYS, *REQUESTERS, *NOBODY):
            client.cookies.clear()
            headers = {**FORM, **asking.headers(who)}
            reply = await client.request(route.method, path, headers=headers)
            answers[who] = reply.status_code
            assert SECRET not in reply.text
    assert set(answers.values()) == {OPEN[route.name]}, answers


async def signed_in(asking: Asking, who: str) -> dict[str, str]:
    """The cookies of a browser in which `who` signed in, and nobody else's."""
    client = asking.clients["intake"]
    client.cookies.clear()
    form = hidden((await client.get("/masuk")).text, 'name="kode"')
    reply = await client.post("/masuk", data={**form, "kode": who})
    assert reply.status_code == (303 if who in PEOPLE else 403), who
    assert (COOKIE in client.cookies) is (who in PEOPLE)
    if who in PEOPLE:
        given = await client.get("/masuk/petugas")
        assert given.status_code == 303
    found = {one.name: one.value or "" for one in client.cookies.jar}
    client.cookies.clear()
    return found


async def visit(
    asking: Asking, service: str, path: str, cookies: Mapping[str, str], **form: str
) -> httpx.Response:
    """A page, or a form of it that is sent, as a browser with these cookies does."""
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    if not form:
        return await asking.clients[service].get(path, headers=cookie)
    return await asking.clients[service].post(path, data=form, headers=cookie)


@pytest.mark.parametrize("who", [*sorted(MACHINES), "revoked key", "expired key", "unknown key"])
async def test_nobody_signs_in_with_the_key_of_a_program_or_one_that_is_over(
    asking: Asking, who: str
) -> None:
    assert COOKIE not in await signed_in(asking, who)


@pytest.mark.parametrize("who", sorted(PEOPLE))
async def test_pages_of_the_satgas_reach_as_far_as_the_key(asking: Asking, who: str) -> None:
    cookies, (role, _) = await signed_in(asking, who), KEYS[who]
    may, dashboard = role in SATGAS, await visit(asking, "intake", "/masuk/laporan", cookies, a="1")
    proof = {PROOF: dashboard.json()["proof"]}
    for path in ("/satgas", "/satgas/tanda"):
        assert (await visit(asking, "intake", path, cookies)).status_code == (200 if may else 403)
    listed = (await visit(asking, "intake", "/satgas?bagian=semua", cookies)).text
    for name in (*CONSULTATIONS, "unknown"):
        asking.system.reset()
        id_ = asking.system.ids.get(name, uuid4())
        seen = side(who, SIGHT[name]) if may else 403
        assert (f"/satgas/{id_}" in listed) is (seen == 200), f"the list, {name}"
        page = await visit(asking, "intake", f"/satgas/{id_}", cookies)
        assert page.status_code == seen, f"{name}: {page.status_code}"
        assert (SECRET in page.text) <= (seen == 200)
        before = dict(asking.system.store.kept)
        note = {"langkah": "catat", "pesan": "Isi.", "kunci": uuid4().hex}
        sent = await visit(asking, "intake", f"/satgas/{id_}", cookies, **note, **proof)
        is_gone = name in CONSULTATIONS and CONSULTATIONS[name].erased
        done = seen == 200 and not is_gone
        assert sent.status_code == (303 if done else 200 if seen == 200 else seen), name
        assert (asking.system.store.kept != before) is done, f"a note on {name}"
        # and from another site's page, which knows no proof, nothing at all
        before = dict(asking.system.store.kept)
        forged = await visit(asking, "intake", f"/satgas/{id_}", cookies, **note)
        assert (forged.status_code, asking.system.store.kept) == (403, before)


@pytest.mark.parametrize("who", sorted(PEOPLE))
async def test_page_of_rosters_reaches_as_far_as_the_key(asking: Asking, who: str) -> None:
    cookies, (role, _) = await signed_in(asking, who), KEYS[who]
    for place in (*PLACES, "unknown"):
        code, kept = PLACES.get(place, "64.02.99"), asking.system.routing.rosters
        asking.system.reset()
        seen = side(who, ROSTERS[place]) if role in OFFICES else 403
        page = await visit(asking, "routing", f"/petugas/{code}", cookies)
        assert page.status_code == seen, f"{place}: {page.status_code}"
        before = dict(kept.kept)
        proof = {PROOF: cookies[ROSTER_COOKIE].rpartition(".")[2]}
        first = {"of home": "home-1", "of next": "next-1"}.get(place, "d")
        edition = str(before[code].edition) if code in before else "1"
        form = {"petugas": first, "versi": edition, "kapasitas": "7", "tersedia": "1"}
        sent = await visit(asking, "routing", f"/petugas/{code}", cookies, **form, **proof)
        assert sent.status_code == (303 if seen == 200 else seen), f"{place}: {sent.text}"
        assert (kept.kept != before) is (seen == 200), place


async def test_dashboard_is_opened_for_whose_role_reads_reports_and_as_far(asking: Asking) -> None:
    for who in PEOPLE:
        cookies, (role, place) = await signed_in(asking, who), KEYS[who]
        given = (await visit(asking, "intake", "/masuk/laporan", cookies, dipakai="1")).json()
        reads = role != "officer"
        assert (given["token"] is not None) is reads, who
        if reads:
            headers = {"Authorization": f"Bearer {given['token']}"}
            shown = await asking.clients["reporting"].get("/v1/reports/overview", headers=headers)
            assert (shown.status_code, shown.json().get("territory")) == (200, place), who


@pytest.mark.parametrize("name", CONSULTATIONS)
async def test_page_of_a_requester_opens_by_ticket_and_pin_and_shows_that_one_alone(
    asking: Asking, name: str
) -> None:
    """Whoever posted it, and wherever it is; never what was erased."""
    asking.system.reset()
    id_: UUID = asking.system.ids[name]
    ticket, client = asking.system.tickets[id_], asking.clients["intake"]
    is_there = not CONSULTATIONS[name].erased
    wrong = await client.post("/lacak", data={"tiket": ticket, "pin": "000000"})
    assert wrong.status_code == 404
    reply = await client.post("/lacak", data={"tiket": ticket, "pin": PIN})
    assert reply.status_code == (303 if is_there else 404)
    session = {TICKET_COOKIE: client.cookies.get(TICKET_COOKIE) or ""}
    client.cookies.clear()
    for other, other_id in asking.system.ids.items():
        path = f"/lacak/{asking.system.tickets[other_id]}"
        page = await visit(asking, "intake", path, session)
        assert ("langkah" in page.text) is (is_there and other == name), other
        assert f"{SECRET} catatan" not in page.text
        before = dict(asking.system.store.kept)
        proof = {PROOF: proof_of(session[TICKET_COOKIE])}
        sent = await visit(
            asking, "intake", path, session, langkah="balas", pesan="Isi.", kunci="1", **proof
        )
        done = is_there and other == name
        assert sent.status_code == (303 if done else 403), other
        assert (asking.system.store.kept != before) is done
