"""`/berhenti`: whoever gets our e-mails stops them, and has them again, by the link in them."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from services.notify.domain.recipients import Address
from services.notify.pages import unsubscribe
from services.notify.pages.site import PAGES
from shared.errors import StoreUnavailable
from shared.web.api_keys import Keyring
from shared.web.app import create_http
from tests.support.keys import keyring_text
from tests.support.services.notify import FakeOptOuts

ADDRESS = Address("email", "warga@example.org")
#: As a mail provider sends it for the button of its program: RFC 8058, section 3.2.
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
BROWSER = {"accept": "text/html"}


@pytest.fixture
def opt_outs() -> FakeOptOuts:
    return FakeOptOuts()


@pytest.fixture
async def client(opt_outs: FakeOptOuts) -> AsyncGenerator[httpx.AsyncClient, None]:
    app = create_http("notify", "", Keyring.parse(keyring_text()), lambda: True, None)
    app.include_router(unsubscribe.routes(opt_outs))
    app.state.error_page = PAGES.error
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


async def test_nothing_changes_when_the_link_is_only_looked_at(
    client: httpx.AsyncClient, opt_outs: FakeOptOuts
) -> None:
    where = {"izin": opt_outs.token(ADDRESS)}
    assert (await client.head("/berhenti", params=where)).status_code == 200
    page = await client.get("/berhenti", params=where)
    assert "Hentikan surel" in page.text
    assert "sudah dihentikan" not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert not await opt_outs.has(ADDRESS)


@pytest.mark.parametrize(
    "sent",
    [{"data": ONE_CLICK}, {"files": {name: (None, said) for name, said in ONE_CLICK.items()}}],
    ids=["urlencoded", "multipart"],
)
async def test_emails_stop_when_the_button_of_the_mail_program_is_pressed(
    client: httpx.AsyncClient, opt_outs: FakeOptOuts, sent: dict[str, Any]
) -> None:
    where = {"izin": opt_outs.token(ADDRESS)}
    # it comes from the servers of a provider, without a cookie, perhaps more than once
    for _ in range(2):
        reply = await client.post("/berhenti", params=where, **sent)
        assert reply.status_code == 200
    assert await opt_outs.has(ADDRESS)


async def test_emails_stop_and_go_on_when_the_buttons_of_the_page_are_pressed(
    client: httpx.AsyncClient, opt_outs: FakeOptOuts
) -> None:
    where = {"izin": opt_outs.token(ADDRESS), "bahasa": "en"}
    stopped = await client.post("/berhenti", params=where)
    assert "The e-mails to this address are stopped." in stopped.text
    assert await opt_outs.has(ADDRESS)
    # in another language, or from an older e-mail
    seen = await client.get("/berhenti", params={**where, "bahasa": "id"})
    assert "Surel ke alamat ini sudah dihentikan." in seen.text
    assert "Hentikan surel" not in seen.text
    resumed = await client.post("/berhenti", params=where, data={"lanjut": "1"})
    assert "This address gets e-mails again." in resumed.text
    assert not await opt_outs.has(ADDRESS)


@pytest.mark.parametrize("token", ["", "cut-in-two", "é" * 64, "A" * 64, "<script>alert"])
async def test_reader_is_told_what_to_do_when_the_link_is_cut(
    client: httpx.AsyncClient, opt_outs: FakeOptOuts, token: str
) -> None:
    for method in ("GET", "POST"):
        page = await client.request(method, "/berhenti", params={"izin": token}, headers=BROWSER)
        assert page.status_code == 404
        assert "Buka dari surel terbaru kami" in page.text
        assert "<script>alert" not in page.text
    assert not opt_outs.out


async def test_sender_may_try_again_when_the_store_is_away(
    client: httpx.AsyncClient, opt_outs: FakeOptOuts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(token: str, *, out: bool) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(opt_outs, "put_by_token", away)
    reply = await client.post("/berhenti", params={"izin": opt_outs.token(ADDRESS)}, data=ONE_CLICK)
    assert (reply.status_code, int(reply.headers["retry-after"]) > 0) == (503, True)
