"""Texts that an officer keeps to answer with: over the API, and beside the answer on the page."""

import re
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.intake.domain.saved_reply import MOST
from services.intake.pages.site import PAGES
from shared.web.permissions import ACCESS, Role
from tests.support.builders import NOON
from tests.support.fakes import Clock, FakeAudit
from tests.support.keys import bearer
from tests.support.services.officer_pages import (
    CODES,
    FIRST,
    SECOND,
    Office,
    hidden,
    press,
    sign_in,
)

PATH = "/v1/saved-replies"
BODY = "Cukup dengan Perkades perubahan penjabaran."
SAID = PAGES.texts("id")


@pytest.fixture
def office() -> Office:
    return Office(Clock(NOON))


@pytest.fixture
async def http(office: Office) -> AsyncGenerator[httpx.AsyncClient]:
    async with office.visitor() as client:
        yield client


@pytest.fixture
async def case(office: Office) -> UUID:
    return await office.submit(due=NOON + timedelta(days=1))


async def ask(
    http: httpx.AsyncClient, who: str, method: str = "GET", path: str = "", **more: Any
) -> httpx.Response:
    return await http.request(method, f"{PATH}{path}", headers=bearer(CODES[who][0]), **more)


async def bodies(http: httpx.AsyncClient, who: str = FIRST) -> list[str]:
    return [one["body"] for one in (await ask(http, who)).json()["items"]]


async def test_text_is_listed_when_it_was_saved_until_it_is_deleted(
    http: httpx.AsyncClient,
) -> None:
    made = await ask(http, FIRST, "POST", json={"body": f"  {BODY}\n"})
    assert (made.status_code, made.json()["body"]) == (201, BODY)
    repeated = await ask(http, FIRST, "POST", json={"body": BODY})
    assert repeated.json() == made.json()
    assert (await ask(http, FIRST)).json() == {"items": [made.json()]}
    for _ in range(2):
        deleted = await ask(http, FIRST, "DELETE", f"/{made.json()['id']}")
        assert deleted.status_code == 204
    assert await bodies(http) == []


async def test_text_is_nobody_elses_when_the_satgas_is_the_same(http: httpx.AsyncClient) -> None:
    made = (await ask(http, FIRST, "POST", json={"body": BODY})).json()
    assert await bodies(http, SECOND) == await bodies(http, "pengelola") == []
    await ask(http, SECOND, "DELETE", f"/{made['id']}")
    assert await bodies(http) == [BODY]


async def test_no_more_are_kept_when_there_are_as_many_as_there_may_be(
    http: httpx.AsyncClient,
) -> None:
    for number in range(MOST):
        await ask(http, FIRST, "POST", json={"body": f"Teks {number}"})
    refused = await ask(http, FIRST, "POST", json={"body": BODY})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "too_many_saved"
    assert (await ask(http, FIRST, "POST", json={"body": "Teks 0"})).status_code == 201
    assert len(await bodies(http)) == MOST


@pytest.mark.parametrize("body", ["", " \n ", "x" * 8001, "a\u0000b", None, 5])
async def test_text_is_refused_when_no_answer_could_be_it(
    http: httpx.AsyncClient, body: object
) -> None:
    assert (await ask(http, FIRST, "POST", json={"body": body})).status_code in (400, 422)
    assert await bodies(http) == []


def test_texts_are_for_who_answers() -> None:
    who = {Role.OFFICER, Role.COORDINATOR, Role.DPMD, Role.ADMIN}
    for name in ("list_saved_replies", "save_reply", "delete_saved_reply"):
        assert ACCESS[name].keys() == who


def written(page: str) -> str:
    found = re.search(r'<textarea id="pesan".*?>(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return found[1]


async def test_text_is_saved_inserted_and_deleted_beside_the_answer(
    office: Office, http: httpx.AsyncClient, case: UUID
) -> None:
    await sign_in(http)
    page = await http.post(f"/satgas/{case}", data=await beside(http, case, "simpan", BODY))
    assert page.status_code == 200
    assert SAID["did_simpan"] in page.text
    assert written(page.text) == BODY
    assert await bodies(http) == [BODY]
    (id_,) = (one.id for one in await office.replies.of(FIRST))
    assert f'value="sisip-{id_}"' in page.text
    page = await http.post(
        f"/satgas/{case}", data=await beside(http, case, f"sisip-{id_}", "Yth. Bapak,\n")
    )
    assert written(page.text) == f"Yth. Bapak,\n\n{BODY}"
    assert office.found(case).messages == ()
    # what is shown is sent by the same form
    fields = {**hidden(page.text, 'id="pesan"'), "langkah": "jawab", "pesan": written(page.text)}
    assert (await http.post(f"/satgas/{case}", data=fields)).status_code == 303
    assert office.found(case).messages[0].body == f"Yth. Bapak,\n\n{BODY}"
    page = await http.post(f"/satgas/{case}", data=await beside(http, case, f"hapus-{id_}", "Lagi"))
    assert written(page.text) == "Lagi"
    assert await bodies(http) == []


async def beside(http: httpx.AsyncClient, case: UUID, step: str, text: str) -> dict[str, str]:
    page = (await http.get(f"/satgas/{case}")).text
    return {**hidden(page, 'id="pesan"'), "langkah": step, "pesan": text}


async def test_deletion_is_in_the_audit_and_so_is_the_page_that_shows_it(
    office: Office, http: httpx.AsyncClient, case: UUID
) -> None:
    kept = await office.replies.add(FIRST, BODY, NOON)
    audit = FakeAudit()
    await sign_in(http)
    fields = await beside(http, case, f"hapus-{kept.id}", "")
    office.app.state.audit = audit
    await http.post(f"/satgas/{case}", data=fields)
    assert [(one.what, one.outcome) for one in audit.entries] == [
        ("delete_saved_reply", "begun"),
        ("delete_saved_reply", "204"),
        ("read_consultation", "200"),
    ]
    audit.entries.clear()
    await ask(http, FIRST, "DELETE", f"/{kept.id}")
    assert [(one.what, one.outcome, one.about) for one in audit.entries] == [
        ("delete_saved_reply", "begun", kept.id),
        ("delete_saved_reply", "204", kept.id),
    ]


@pytest.mark.parametrize("which", ["", "x", "0" * 32])
async def test_text_of_another_is_not_inserted_when_its_id_is_known(
    office: Office, http: httpx.AsyncClient, case: UUID, which: str
) -> None:
    of_another = await office.replies.add(SECOND, BODY, NOON)
    await sign_in(http)
    for id_ in (which, of_another.id):
        fields = await beside(http, case, f"sisip-{id_}", "Yth. Bapak,")
        page = await http.post(f"/satgas/{case}", data=fields)
        assert written(page.text) == "Yth. Bapak,"
        fields = await beside(http, case, f"hapus-{id_}", "")
        await http.post(f"/satgas/{case}", data=fields)
    assert await office.replies.of(SECOND) == [of_another]


async def test_officer_is_told_when_somebody_answered_while_a_text_was_inserted(
    office: Office, http: httpx.AsyncClient, case: UUID
) -> None:
    """The form is for what is shown, which is more than was read."""
    kept = await office.replies.add(FIRST, BODY, NOON)
    await sign_in(http)
    fields = await beside(http, case, f"sisip-{kept.id}", "")
    async with office.visitor() as other:
        await office.answer(other, case, SECOND)
    page = await http.post(f"/satgas/{case}", data=fields)
    assert f"{SECOND} sudah menanggapi" in page.text
    assert written(page.text) == BODY


async def test_typed_text_is_shown_again_when_nothing_more_can_be_saved(
    office: Office, http: httpx.AsyncClient, case: UUID
) -> None:
    for number in range(MOST):
        await office.replies.add(FIRST, f"Teks {number}", NOON)
    await sign_in(http)
    page = await http.post(f"/satgas/{case}", data=await beside(http, case, "simpan", BODY))
    assert f"Paling banyak {MOST} teks tersimpan" in page.text
    assert SAID["did_simpan"] not in page.text
    assert written(page.text) == BODY


async def test_nothing_is_saved_when_the_form_is_of_another_site(
    office: Office, http: httpx.AsyncClient, case: UUID
) -> None:
    await sign_in(http)
    fields = await beside(http, case, "simpan", BODY)
    for headers, sent in (
        ({"Sec-Fetch-Site": "cross-site"}, fields),
        ({}, {**fields, "bukti": "0" * 32}),
    ):
        reply = await http.post(f"/satgas/{case}", data=sent, headers=headers)
        assert reply.status_code == 403
    assert await office.replies.of(FIRST) == []


async def test_buttons_of_moves_are_as_before_when_texts_are_saved(
    office: Office, http: httpx.AsyncClient, case: UUID
) -> None:
    await office.replies.add(FIRST, BODY, NOON)
    await sign_in(http)
    assert (await press(http, case, "tanggapi")).status_code == 303
    assert office.found(case).status == "acknowledged"
