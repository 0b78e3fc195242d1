"""What all pages stand on: language, files by their content, forms, errors as pages."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from jinja2 import UndefinedError

from shared.web.api_keys import Keyring
from shared.web.app import create_http
from shared.web.pages.assets import FOR_EVER, Assets
from shared.web.pages.forms import PROOF, check_own, fields_of, proof_of
from shared.web.pages.page import POLICY, Pages
from tests.support.keys import keyring_text

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PAGE = {"Accept": "text/html"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "own.js").write_text("export const one = 1;")
    (tmp_path / "texts.json").write_text(json.dumps({"hello": {"id": "Halo", "en": "Hello"}}))
    for name, says in (("hello", "{{ t.hello }} {{ given }}"), ("lost", "{{ t.nothing }}")):
        page = '{% extends "base.html" %}{% block title %}x{% endblock %}{% block content %}'
        (tmp_path / "templates" / f"{name}.html").write_text(f"{page}{says}{{% endblock %}}")
    return tmp_path


@pytest.fixture
def app(folder: Path) -> FastAPI:
    assets = Assets("/aset", folder / "static")
    pages = Pages(folder, assets)
    router = APIRouter()

    @router.get("/halo")
    async def hello(request: Request) -> Response:
        return pages.page("hello", request, given="<b>Budi</b>")

    @router.get("/hilang")
    async def lost(request: Request) -> Response:
        return pages.page("lost", request)

    @router.post("/halo")
    async def said(request: Request) -> dict[str, str]:
        fields = await fields_of(request)
        check_own(request, "a session", fields)
        return dict(fields)

    app = create_http("intake", "", Keyring.parse(keyring_text()), lambda: True, None)
    app.include_router(router)
    app.include_router(assets.routes())
    app.state.error_page = pages.error
    return app


@pytest.fixture
async def http(app: FastAPI) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.mark.parametrize(
    ("query", "cookie", "header", "said"),
    [
        ("", "", "", "id"),
        ("", "", "en", "en"),
        ("", "id", "en", "id"),
        ("?bahasa=en", "id", "id", "en"),
        ("?bahasa=fr", "en", "id", "en"),
        ("?bahasa=fr", "fr", "fr", "id"),
    ],
)
async def test_language_is_the_readers_when_it_was_chosen_or_preferred(
    http: httpx.AsyncClient, query: str, cookie: str, header: str, said: str
) -> None:
    headers = {"Accept-Language": header} | ({"Cookie": f"bahasa={cookie}"} if cookie else {})
    reply = await http.get(f"/halo{query}", headers=headers)
    assert f'<html lang="{said}">' in reply.text
    assert ("Halo" if said == "id" else "Hello") in reply.text
    chosen = "bahasa=en; HttpOnly" if query == "?bahasa=en" else ""
    assert reply.headers.get("set-cookie", "").startswith(chosen)
    assert ("set-cookie" in reply.headers) is bool(chosen)
    assert reply.headers["vary"] == "Accept-Language, Cookie"


async def test_language_switch_keeps_the_rest_of_the_address(http: httpx.AsyncClient) -> None:
    reply = await http.get("/halo?tiket=KD%261&bahasa=en")
    assert 'href="?tiket=KD%261&amp;bahasa=id" lang="id"' in reply.text


async def test_value_is_text_and_policy_is_strict_when_a_page_is_shown(
    http: httpx.AsyncClient,
) -> None:
    reply = await http.get("/halo")
    assert "&lt;b&gt;Budi" in reply.text
    assert reply.headers["content-security-policy"] == POLICY
    assert reply.headers["cache-control"] == "no-store"
    assert "unsafe" not in POLICY


async def test_page_fails_when_its_template_names_no_text(http: httpx.AsyncClient) -> None:
    with pytest.raises(UndefinedError):
        await http.get("/hilang")


async def test_file_is_kept_for_ever_only_under_the_address_of_its_edition(
    folder: Path, http: httpx.AsyncClient
) -> None:
    assets = Assets("/aset", folder / "static")
    now = await http.get(assets.url("own.js"))
    assert (now.status_code, now.headers["cache-control"]) == (200, FOR_EVER)
    assert now.headers["content-type"].startswith("text/javascript")
    other = await http.get("/aset/0123456789abcdef/own.js")
    assert (other.content, other.headers["cache-control"]) == (now.content, "no-store")
    for name in ("none.js", "%2e%2e%2fpage.py"):
        assert (await http.get(f"/aset/{assets.edition}/{name}")).status_code == 404
    (folder / "static" / "own.js").write_text("export const one = 2;")
    assert Assets("/aset", folder / "static").url("own.js") != assets.url("own.js")
    with pytest.raises(KeyError):
        assets.url("none.js")


@pytest.mark.parametrize(
    ("site", "proof", "status"),
    [
        ("same-origin", proof_of("a session"), 200),
        (None, proof_of("a session"), 200),
        ("cross-site", proof_of("a session"), 403),
        ("same-site", proof_of("a session"), 403),
        ("same-origin", proof_of("another session"), 403),
        ("same-origin", "\u0663", 403),
        ("same-origin", "", 403),
    ],
)
async def test_form_is_taken_only_when_it_is_of_this_session(
    http: httpx.AsyncClient, site: str | None, proof: str, status: int
) -> None:
    headers = {"Sec-Fetch-Site": site} if site else {}
    sent = {PROOF: proof, "isi": "satu\r\ndua"}
    reply = await http.post("/halo", data=sent, headers={**headers, **PAGE})
    assert reply.status_code == status
    if status == 200:
        assert reply.json()["isi"] == "satu\ndua"
    else:
        assert "ulangi dari sana" in reply.text


@pytest.mark.parametrize("body", [b"\xff", b"%ff", b"a=1&" * 50, b"&" * 60, b"="])
async def test_form_has_no_fields_when_it_is_none_of_ours(
    http: httpx.AsyncClient, body: bytes
) -> None:
    reply = await http.post("/halo", content=body, headers=FORM)
    assert reply.status_code == 403


async def test_problem_is_a_page_only_to_who_looks_at_pages(http: httpx.AsyncClient) -> None:
    too_large = {"content": b"x" * (129 * 1024), "headers": {**FORM, **PAGE}}
    page = await http.post("/halo", **too_large)  # type: ignore[arg-type]
    assert (page.status_code, page.headers["content-type"]) == (413, "text/html; charset=utf-8")
    assert "<h1>Permintaan terlalu besar</h1>" in page.text
    assert page.headers["content-security-policy"] == POLICY
    for reply in (
        await http.get("/nothing", headers={"Accept": "application/json"}),
        await http.get("/v1/nothing", headers=PAGE),
    ):
        assert reply.headers["content-type"] == "application/problem+json"
    missing = await http.get("/nothing", headers={**PAGE, "Accept-Language": "en"})
    assert (missing.status_code, "<h1>Not found</h1>" in missing.text) == (404, True)
