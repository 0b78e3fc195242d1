"""What an issuer may answer, and what is made of it: also of what none should say."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from services.intake.accounts.issuer import AWAY_SECONDS, DESCRIPTION_SECONDS
from shared.limits.buckets import Rate
from shared.limits.callers import CallerLimits
from shared.web.oidc import LEEWAY
from tests.support.fakes import Clock
from tests.support.services.accounts import (
    NAME,
    TOKEN,
    FakeAccountSessions,
    IssuerPeer,
    begin,
    come_back,
    refused,
)
from tests.support.services.intake import Accounts
from tests.support.services.officer_pages import Office, is_in, sign_in


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"nonce": "another"}, "untrusted"),
        ({"nonce": None}, "untrusted"),
        ({"aud": "klik-desa"}, "untrusted"),
        ({"aud": ["klik-halaman", "klik-desa"]}, "untrusted"),
        ({"azp": "another"}, "untrusted"),
        ({"iss": "https://evil.example"}, "untrusted"),
        ({"exp": 1}, "untrusted"),
        ({"iat": 4102444800}, "untrusted"),
        ({"iat": None}, "untrusted"),
        ({"nbf": 4102444800}, "untrusted"),
        ({"sub": None}, "untrusted"),
        ({"klik_role": None}, "no_role"),
        ({"klik_role": "raja"}, "no_role"),
        ({"klik_role": "requester"}, "no_role"),
        ({"klik_role": "frontend"}, "no_role"),
        ({"klik_role": "service"}, "no_role"),
        ({"klik_territory": None}, "no_role"),
        ({"klik_territory": "64.02.99"}, "no_role"),
    ],
    ids=lambda one: str(one),
)
async def test_token_lets_nobody_in_when_a_claim_does_not_hold(
    browser: httpx.AsyncClient, peer: IssuerPeer, claims: dict[str, Any], why: str
) -> None:
    peer.claims = claims
    await refused(browser, await come_back(browser, peer), f"account_{why}", 403)


async def test_token_lets_nobody_in_when_another_key_signed_it(
    browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    peer.key = "evil"
    await refused(browser, await come_back(browser, peer), "account_untrusted", 403)


async def test_clocks_may_be_a_little_apart(browser: httpx.AsyncClient, peer: IssuerPeer) -> None:
    now = int(time.time())
    peer.claims = {"iat": now + LEEWAY // 2, "nbf": now + LEEWAY // 2, "exp": now - LEEWAY // 2}
    assert (await come_back(browser, peer)).status_code == 303
    assert await is_in(browser)


async def test_code_lets_in_when_the_issuer_is_away(
    browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    answer = peer.authorize(await begin(browser))
    peer.is_down = True
    await refused(browser, await browser.get(answer), "account_away", 503)
    assert (await sign_in(browser)).status_code == 303
    assert await is_in(browser)


async def test_issuer_is_looked_for_before_anybody_is_sent_there_and_not_by_everybody(
    browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    peer.is_down = True
    replies = await asyncio.gather(*(browser.get("/masuk/akun") for _ in range(5)))
    assert ({one.status_code for one in replies}, len(peer.asked)) == ({503}, 1)
    peer.is_down, peer.now = False, AWAY_SECONDS
    for _ in range(3):
        await begin(browser)
    assert len(peer.asked) == 2
    peer.is_down, peer.now = True, AWAY_SECONDS + DESCRIPTION_SECONDS
    assert (await browser.get("/masuk/akun")).status_code == 503


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"authorization_endpoint": "http://login.example/auth"},
        {"token_endpoint": "ftp://login.example"},
        {"token_endpoint": None},
        {"end_session_endpoint": "javascript:alert(1)"},
    ],
    ids=lambda one: str(one),
)
async def test_nobody_is_sent_to_the_issuer_when_its_description_does_not_hold(
    browser: httpx.AsyncClient, peer: IssuerPeer, described: dict[str, Any]
) -> None:
    peer.described = described
    await refused(browser, await browser.get("/masuk/akun"), "account_away", 503)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(429, json={"error": "slow_down"}),
        httpx.Response(302, headers={"Location": "https://evil.example"}),
        httpx.Response(401, json={"error": "invalid_client"}),
        httpx.Response(400, json={"error": ["invalid_grant"]}),
        httpx.Response(400, text="[" * 20_000),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"access_token": "opaque"}),
    ],
    ids=lambda one: f"{one.status_code} {one.text[:30]}",
)
async def test_nobody_is_let_in_when_the_issuer_answers_as_none(
    browser: httpx.AsyncClient, peer: IssuerPeer, answer: httpx.Response
) -> None:
    peer.answers[TOKEN] = lambda: answer
    await refused(browser, await come_back(browser, peer), "account_away", 503)


async def test_issuers_words_are_not_logged_when_they_are_none_that_are_known(
    browser: httpx.AsyncClient, peer: IssuerPeer, caplog: pytest.LogCaptureFixture
) -> None:
    said = {"error": "Budi <budi@desa.example>", "error_description": "Budi"}
    peer.answers[TOKEN] = lambda: httpx.Response(400, json=said)
    await come_back(browser, peer)
    assert any(one.message == "issuer refuses us" for one in caplog.records)
    assert "Budi" not in " ".join(str(vars(one)) for one in caplog.records)


@pytest.mark.parametrize(
    ("answered", "why"),
    [
        ({"code": "", "error": "access_denied"}, "denied"),
        ({"code": "", "error": "server_error"}, "again"),
        ({"error": "access_denied"}, "denied"),
        ({"code": ""}, "again"),
        ({"code": "x" * 3000}, "again"),
        ({"code": "made-up"}, "again"),
        ({"iss": "https://evil.example"}, "untrusted"),
    ],
    ids=lambda one: str(one)[:60],
)
async def test_nobody_is_let_in_when_the_issuer_sends_them_back_otherwise(
    browser: httpx.AsyncClient, peer: IssuerPeer, answered: dict[str, str], why: str
) -> None:
    reply = await come_back(browser, peer, **answered)
    await refused(browser, reply, f"account_{why}", 403)


async def test_issuer_need_not_name_itself_in_its_answer(
    browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    assert (await come_back(browser, peer, iss="")).status_code == 303


async def test_codes_that_are_tried_are_counted_with_wrong_keys(
    office: Office, browser: httpx.AsyncClient, peer: IssuerPeer
) -> None:
    office.app.state.limits = CallerLimits.of(Rate(0.001, 2), None)
    replies = [await come_back(browser, peer, code="made-up") for _ in range(3)]
    assert [one.status_code for one in replies] == [403, 403, 429]


@pytest.mark.parametrize(
    ("secret", "methods", "header", "fields"),
    [
        ("", None, None, {"client_id": "klik-halaman"}),
        ("s:e c", None, "Basic a2xpay1oYWxhbWFuOnMlM0FlJTIwYw==", {}),
        ("s", ["client_secret_post"], None, {"client_id": "klik-halaman", "client_secret": "s"}),
    ],
)
async def test_issuer_is_shown_that_it_is_us_as_it_wants_it(
    clock: Clock,
    peer: IssuerPeer,
    secret: str,
    methods: list[str] | None,
    header: str | None,
    fields: dict[str, str],
) -> None:
    if methods:
        peer.described = {"token_endpoint_auth_methods_supported": methods}
    office = Office(clock, accounts=Accounts(peer.issuer(secret), FakeAccountSessions()))
    async with office.visitor() as client:
        assert (await come_back(client, peer)).status_code == 303
    (exchange,) = peer.exchanges()
    known = {name: exchange[name] for name in exchange if name.startswith("client_")}
    assert (peer.asked[-1].headers.get("authorization"), known) == (header, fields)
    assert str(peer.asked[-1].url) == f"{NAME}{TOKEN}"
