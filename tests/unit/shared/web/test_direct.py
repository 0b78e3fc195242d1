"""A direct route answers what FastAPI would: each request is sent to two routes of one endpoint."""

import json
from collections.abc import AsyncGenerator, Callable
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Header, Query
from prometheus_client import REGISTRY
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from shared.errors import StoreUnavailable
from shared.text.wording import Text
from shared.web.app import create_http
from shared.web.auth import CallerOf, Keyring
from shared.web.direct import direct, direct_routes
from shared.web.permissions import ACCESS, Role, Scope
from shared.web.problems import LanguageOf, Problem
from tests.support.keys import KEYS, keyring_text

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=9)]
Number = Annotated[int | None, Header(alias="X-Number", ge=1)]


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1)]
    number: int = 1


class Said(BaseModel):
    text: str
    caller: str
    language: str
    key: str | None
    number: int | None


def raised(what: str) -> Exception | None:
    return {
        "problem": Problem("key_reused", detail=Text("Tidak.", "No.")),
        "late": Problem("unavailable", headers={"Retry-After": "9"}),
        "store": StoreUnavailable("away"),
        "http": HTTPException(404),
        "bug": ValueError("a bug"),
    }.get(what)


def routes(way: str, mark: Callable[[Any], Any]) -> APIRouter:
    router = APIRouter(prefix=f"/v1/{way}")

    @router.post("/ask", status_code=202)
    @mark
    async def ask(
        question: Question, caller: CallerOf, said: LanguageOf, key: Key = None, number: Number = 7
    ) -> Said:
        if error := raised(question.text):
            raise error
        return Said(text=question.text, caller=caller.key_id, language=said, key=key, number=number)

    @router.post("/plain")
    @mark
    async def plain(question: Question, caller: CallerOf) -> Said:
        return Said(text=question.text, caller=caller.key_id, language="", key=None, number=None)

    return router


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[httpx.AsyncClient]:
    for name in ("ask", "plain"):
        monkeypatch.setitem(ACCESS, name, {Role.FRONTEND: Scope.ALL, Role.OFFICER: Scope.OWN})
    app = create_http("any", "", Keyring.parse(keyring_text()), lambda: True, None)
    app.include_router(routes("solved", lambda endpoint: endpoint))
    app.include_router(routes("direct", direct))
    assert {path for _, path in direct_routes(app)} == {"/v1/direct/ask", "/v1/direct/plain"}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://a") as found:
        yield found


JSON = {"Content-Type": "application/json"}
GOOD = b'{"text": "apa"}'
REQUESTS: list[tuple[str, dict[str, str], bytes]] = [
    ("", {}, GOOD),
    ("", {"Accept-Language": "en", "Idempotency-Key": "k"}, GOOD),
    ("", {"Idempotency-Key": "k" * 10}, GOOD),
    ("", {"Idempotency-Key": ""}, GOOD),
    ("", {"X-Number": "3"}, GOOD),
    ("", {"X-Number": "0", "Idempotency-Key": "k" * 10}, b'{"number": "x"}'),
    ("", {"Content-Type": "application/problem+json"}, GOOD),
    ("", {"Content-Type": "text/plain"}, GOOD),
    ("", {}, b""),
    ("", {}, b"null"),
    ("", {}, b"[]"),
    ("", {}, b'"apa"'),
    ("", {}, b"{"),
    ("", {}, b"\xff"),
    ("", {}, b'{"text": "a\\u0000"}'),
    ("", {}, b'{"text": "", "more": 1}'),
    ("", {}, b'{"text": "apa", "number": 2.5}'),
    ("", {}, json.dumps({"text": "a" * 70_000}).encode()),
    ("?wide=1", {}, GOOD),
    ("", {"Authorization": ""}, GOOD),
    ("", {"Authorization": "Bearer wrong"}, b"{}"),
    ("", {"Authorization": f"Bearer {KEYS[Role.ANALYST]}"}, GOOD),
    ("", {"Authorization": f"Bearer {KEYS[Role.OFFICER]}"}, GOOD),
    *(("", {}, json.dumps({"text": what}).encode()) for what in ("problem", "late", "store")),
    *(("", {}, json.dumps({"text": what}).encode()) for what in ("http", "bug")),
]


def all_of(reply: httpx.Response, path: str) -> Any:
    return reply.status_code, sorted(reply.headers.multi_items()), reply.text.replace(path, "")


@pytest.mark.parametrize(("query", "headers", "body"), REQUESTS)
@pytest.mark.parametrize("name", ["ask", "plain"])
async def test_direct_route_answers_as_fastapi_does(
    client: httpx.AsyncClient, name: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    own = {"Authorization": f"Bearer {KEYS[Role.FRONTEND]}"} | JSON | headers
    answers = [
        all_of(await client.post(f"/v1/{way}/{name}{query}", headers=own, content=body), way)
        for way in ("solved", "direct")
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_direct_route_answers_as_fastapi_does_when_the_method_is_another(
    client: httpx.AsyncClient, method: str
) -> None:
    answers = [
        all_of(await client.request(method, f"/v1/{way}/ask"), way) for way in ("solved", "direct")
    ]
    assert answers[0] == answers[1]


async def test_direct_route_is_observed_by_its_template(client: httpx.AsyncClient) -> None:
    own = {"Authorization": f"Bearer {KEYS[Role.FRONTEND]}"} | JSON

    labels = {"method": "POST", "route": "/v1/direct/ask", "status": "202"}

    def observed() -> float:
        return REGISTRY.get_sample_value("klik_http_request_seconds_count", labels) or 0.0

    before = observed()
    await client.post("/v1/direct/ask", headers=own, content=GOOD)
    assert observed() == before + 1


def test_route_cannot_be_direct_when_it_takes_what_is_not_read() -> None:
    app = FastAPI()

    @app.post("/one")
    @direct
    async def one(question: Question, caller: CallerOf, page: Annotated[int, Query()] = 1) -> Said:
        raise AssertionError

    with pytest.raises(TypeError, match="one takes more"):
        direct_routes(app)
