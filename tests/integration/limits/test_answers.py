"""429 over HTTP: who gets it, with which headers, and who never does."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.limits.callers import SPARE
from shared.web.permissions import Role
from tests.support.builders import a_post
from tests.support.keys import KEYS, bearer, keyring_text
from tests.support.storeless import open_storeless

#: As good as none within a test.
SLOWLY = "0.001"
#: What is let through finds no store.
THROUGH = 503
DESA, OTHER_DESA = "64.02.19.2001", "64.02.19.2002"


@asynccontextmanager
async def limited(**settings: str) -> AsyncGenerator[dict[str, httpx.AsyncClient]]:
    async with open_storeless(keyring_text(), None, **settings) as clients:
        yield clients


async def post(
    intake: httpx.AsyncClient, role: Role = Role.FRONTEND, **fields: Any
) -> httpx.Response:
    return await intake.post("/v1/consultations", json=a_post(**fields), headers=bearer(KEYS[role]))


def expect_too_many(reply: httpx.Response, name: str, burst: int) -> None:
    assert reply.status_code == 429
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["type"] == "urn:klikdesa:problem:too_many"
    assert name in reply.json()["detail"]
    seconds = int(reply.headers["retry-after"])
    assert 990 <= seconds <= 1001
    assert reply.headers["ratelimit"] == f'"{name}";r=0;t={seconds}'
    assert reply.headers["ratelimit-policy"] == f'"{name}";q={burst};w={burst * 1000}'


async def test_posts_of_a_key_are_refused_when_there_are_too_many_and_no_other_keys() -> None:
    async with limited(limit_posts_by_key=f"{SLOWLY}/3") as clients:
        intake = clients["intake"]
        assert [(await post(intake)).status_code for _ in range(3)] == [THROUGH] * 3
        expect_too_many(await post(intake), "posts-by-key", 3)
        assert (await post(intake, Role.ADMIN)).status_code == THROUGH


async def test_posts_about_a_desa_are_refused_when_many_keys_send_them() -> None:
    async with limited(limit_posts_by_desa=f"{SLOWLY}/2") as clients:
        intake = clients["intake"]
        for role in (Role.FRONTEND, Role.ADMIN):
            assert (await post(intake, role, desa_code=DESA)).status_code == THROUGH
        expect_too_many(await post(intake, desa_code=DESA), "posts-by-desa", 2)
        assert (await post(intake, desa_code=OTHER_DESA)).status_code == THROUGH


async def test_items_of_a_batch_are_refused_one_by_one_when_there_are_too_many() -> None:
    async with limited(limit_posts_by_key=f"{SLOWLY}/3") as clients:
        reply = await clients["intake"].post(
            "/v1/consultations:batch",
            json={"items": [a_post() for _ in range(5)]},
            headers=bearer(KEYS[Role.FRONTEND]),
        )
        assert reply.status_code == 207
        statuses = [result["status"] for result in reply.json()["results"]]
        assert statuses == [THROUGH] * 3 + [429] * 2


@pytest.mark.parametrize("method", ["POST", "GET"], ids=["direct", "by FastAPI"])
async def test_wrong_keys_are_refused_when_there_are_many_and_a_right_key_never(
    method: str,
) -> None:
    async with limited(limit_wrong_keys=f"{SLOWLY}/5") as clients:
        intake = clients["intake"]

        async def ask(key: str) -> httpx.Response:
            path = "/v1/consultations" + ("" if method == "POST" else f"/{uuid4()}/status")
            body = a_post() if method == "POST" else None
            return await intake.request(method, path, json=body, headers=bearer(key))

        for number in range(5):
            assert (await ask(f"klik_wrong_{number}")).status_code == 401
        expect_too_many(await ask("klik_wrong_again"), "wrong-keys", 5)
        for _ in range(20):
            assert (await ask("klik_wrong")).status_code == 429
            assert (await ask(KEYS[Role.FRONTEND])).status_code in (200, THROUGH)


async def test_open_data_is_refused_when_all_that_is_spare_is_used_up() -> None:
    async with limited(limit_anonymous=f"{SLOWLY}/1", open_data="true") as clients:
        reporting = clients["reporting"]
        through = [(await reporting.get("/v1/open/overview")).status_code for _ in range(1 + SPARE)]
        assert set(through) == {THROUGH}
        reply = await reporting.get("/v1/open/overview")
        assert reply.status_code == 429
        assert reply.headers["ratelimit-policy"].startswith('"anonymous";')
        assert (await reporting.get("/livez")).status_code == 200


async def test_nobody_is_refused_when_limits_are_off() -> None:
    off = dict.fromkeys(("limit_posts_by_key", "limit_posts_by_desa", "limit_wrong_keys"), "off")
    async with limited(**off) as clients:
        wrong = bearer("klik_wrong")
        statuses = {
            (await clients["intake"].get("/v1/consultations", headers=wrong)).status_code
            for _ in range(50)
        }
        assert statuses == {401}
