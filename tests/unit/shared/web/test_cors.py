"""What a browser is told of pages of other origins, by every way that an answer can go."""

from collections.abc import AsyncIterator

import httpx
import pytest

from klik.contracts import docs
from services.intake.settings import IntakeSettings
from shared.text.origins import origins_of
from tests.support.builders import a_post
from tests.support.keys import KEYS, bearer, keyring_text
from tests.support.storeless import open_storeless

LISTED, OTHER = "https://desa.example", "https://other.example"
ASKED = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
POSTS = "/v1/consultations"
#: Each beginning of `OPEN`.
ANYBODYS = ("/v1/reference/topics", "/v1/track/KD-7F3K-9QXM", "/v1/track/KD-7F3K-9QXM/token")


@pytest.fixture(scope="module")
async def listed() -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    async with open_storeless(keyring_text(), cors_origins=f"{LISTED}, http://localhost:5173") as c:
        yield c


@pytest.fixture(scope="module")
async def unlisted() -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    async with open_storeless(keyring_text()) as clients:
        yield clients


def allowed(reply: httpx.Response) -> str | None:
    assert "access-control-allow-credentials" not in reply.headers
    said: str | None = reply.headers.get("access-control-allow-origin")
    return said


@pytest.mark.parametrize("origin", [LISTED, "http://localhost:5173"])
async def test_preflight_allows_what_front_ends_send_when_the_origin_is_listed(
    listed: dict[str, httpx.AsyncClient], origin: str
) -> None:
    reply = await listed["intake"].options(POSTS, headers={"Origin": origin, **ASKED})
    assert (reply.status_code, reply.content, allowed(reply)) == (204, b"", origin)
    assert "Origin" in reply.headers["vary"]
    assert "POST" in reply.headers["access-control-allow-methods"]
    sent = reply.headers["access-control-allow-headers"].lower()
    for name in ("authorization", "content-type", "idempotency-key", "if-match", "x-pin"):
        assert name in sent
    assert reply.headers["access-control-max-age"] == "7200"


@pytest.mark.parametrize(
    "origin", [OTHER, "null", LISTED + ".evil.example", "https://DESA.example"]
)
async def test_preflight_allows_nothing_when_the_origin_is_not_listed(
    listed: dict[str, httpx.AsyncClient], origin: str
) -> None:
    reply = await listed["intake"].options(POSTS, headers={"Origin": origin, **ASKED})
    assert (reply.status_code, allowed(reply)) == (405, None)
    assert "access-control-allow-headers" not in reply.headers


async def test_nothing_is_said_when_no_origin_is_listed(
    unlisted: dict[str, httpx.AsyncClient],
) -> None:
    client = unlisted["intake"]
    for headers in ({"Origin": LISTED}, {"Origin": LISTED, **ASKED}):
        for reply in (
            await client.post(POSTS, json=a_post(), headers=headers),
            await client.options(POSTS, headers=headers),
            await client.get("/v1/nothing", headers=headers),
        ):
            assert allowed(reply) is None
            assert "Origin" not in reply.headers.get("vary", "")


async def test_errors_can_be_read_when_the_origin_is_listed(
    listed: dict[str, httpx.AsyncClient],
) -> None:
    """By the direct route and FastAPI's, by the middleware itself, and without any route."""
    client, own = listed["intake"], {"Origin": LISTED}
    key = bearer(KEYS["frontend"])  # type: ignore[index]
    for status, reply in (
        (401, await client.post(POSTS, json=a_post(), headers=own)),
        (503, await client.post(POSTS, json=a_post(), headers=own | key)),
        (422, await client.post(POSTS, json={}, headers=own | key)),
        (413, await client.post(POSTS, content=b"x" * 70_000, headers=own | key)),
        (
            400,
            await client.post(
                POSTS, content=b"{", headers=own | {"Content-Type": "application/json"}
            ),
        ),
        (401, await client.get(POSTS, headers=own)),
        (404, await client.get("/v1/nothing", headers=own)),
        (405, await client.delete(POSTS, headers=own)),
    ):
        assert (reply.status_code, allowed(reply)) == (status, LISTED)
        assert reply.headers["content-type"] == "application/problem+json"
        assert "Retry-After" in reply.headers["access-control-expose-headers"]


async def test_error_can_be_read_when_nothing_was_ready_for_it() -> None:
    service = docs.build("intake", keyring=keyring_text(), cors_origins=LISTED)
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)

    @service.app.get("/v1/fails")
    async def fails() -> None:
        raise ValueError("a bug")

    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        closed = await client.post(POSTS, json=a_post(), headers={"Origin": LISTED})
        asked = await client.options(POSTS, headers={"Origin": LISTED, **ASKED})
        service.prepared = True
        failed = await client.get("/v1/fails", headers={"Origin": LISTED})
    await service.database.close()
    assert (closed.status_code, allowed(closed), asked.status_code) == (503, LISTED, 204)
    assert (failed.status_code, allowed(failed)) == (500, LISTED)


@pytest.mark.parametrize("origin", [OTHER, LISTED, "null"])
async def test_any_page_may_read_what_is_nobodys_own(
    unlisted: dict[str, httpx.AsyncClient], origin: str
) -> None:
    for path in ANYBODYS:
        asked = await unlisted["intake"].options(path, headers={"Origin": origin, **ASKED})
        assert (asked.status_code, allowed(asked)) == (204, "*")
        reply = await unlisted["intake"].get(path, headers={"Origin": origin})
        assert allowed(reply) == "*"
    reply = await unlisted["reporting"].get("/v1/open/overview", headers={"Origin": origin})
    assert allowed(reply) == "*"


async def test_answers_say_that_they_differ_by_origin_when_one_is_listed(
    listed: dict[str, httpx.AsyncClient],
) -> None:
    """Also to who sends none: a cache keeps the answer for the next one."""
    for headers in ({}, {"Origin": OTHER}):
        reply = await listed["reporting"].get("/v1/reports/overview", headers=headers)
        assert "Origin" in reply.headers["vary"]
        assert allowed(reply) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        (" , ", ()),
        ("https://desa.example", ("https://desa.example",)),
        (
            "https://a.example, http://localhost:5173",
            ("https://a.example", "http://localhost:5173"),
        ),
        ("http://[::1]:8080", ("http://[::1]:8080",)),
    ],
)
def test_origins_are_read_when_they_are_as_browsers_write_them(
    text: str, found: tuple[str, ...]
) -> None:
    assert origins_of(text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("*", "neither '*' nor 'null'"),
        ("https://*.example", "neither '*'"),
        ("null", "neither '*' nor 'null'"),
        ("desa.example", "it is a scheme and a host"),
        ("ftp://desa.example", "it is a scheme"),
        ("https://", "it is a scheme"),
        ("https://a:b@desa.example", "it is a scheme"),
        ("https://desa.example:x", "it is a scheme"),
        ("https://desa.example/", "write 'https://desa.example'"),
        ("https://desa.example/app", "write 'https://desa.example'"),
        ("https://Desa.Example", "write 'https://desa.example'"),
        ("https://desa.example:443", "write 'https://desa.example'"),
        ("https://désa.example", "write 'https://xn--dsa-bma.example'"),
        ("https://ok.example https://two.example", "it is a scheme"),
    ],
)
def test_start_is_refused_when_an_origin_is_none(
    text: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KLIK_CORS_ORIGINS", text)
    with pytest.raises(SystemExit) as ended:
        IntakeSettings.load()
    printed = capsys.readouterr().err
    assert ended.value.code == 2
    line = next(one for one in printed.splitlines() if one.startswith("KLIK_CORS_ORIGINS: "))
    assert said in line
