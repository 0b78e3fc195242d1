"""What is refused before a route is looked for."""

import asyncio
import json
from typing import Any

import pytest
from starlette.types import Message

from shared.web.middleware import Entrance


async def ask(
    *headers: tuple[bytes, bytes], body: list[bytes]
) -> tuple[int, dict[bytes, bytes], Any]:
    """Status, headers and problem; the pieces of `body` come at once, its end never."""
    sent: list[Message] = []
    pieces = [{"type": "http.request", "body": piece, "more_body": True} for piece in body]

    async def receive() -> Message:
        if pieces:
            return pieces.pop(0)
        await asyncio.Event().wait()
        raise AssertionError("nothing more comes")

    async def send(message: Message) -> None:
        sent.append(message)

    async def inner(*_: object) -> None:
        raise AssertionError("it was to be refused")

    scope = {
        "type": "http", "method": "POST", "path": "/v1/consultations", "query_string": b"",
        "headers": list(headers), "server": ("test", 80), "scheme": "http", "root_path": "",
    }  # fmt: skip
    entrance = Entrance(inner, lambda: True, (), body_seconds=0.05)
    await entrance(scope, receive, send)
    start, end = sent
    return start["status"], dict(start["headers"]), json.loads(end["body"])


async def test_body_is_not_waited_for_when_its_time_is_over() -> None:
    status, headers, problem = await ask(body=[b"{", b"}"])
    assert (status, problem["type"]) == (408, "urn:klikdesa:problem:too_slow")
    assert headers[b"connection"] == b"close"


@pytest.mark.parametrize("encoding", [b"gzip", b"GZIP", b"br", b"identity, gzip"])
async def test_body_is_not_unpacked_when_it_is_compressed(encoding: bytes) -> None:
    status, headers, problem = await ask((b"content-encoding", encoding), body=[])
    assert (status, problem["type"]) == (415, "urn:klikdesa:problem:unsupported_media_type")
    assert headers[b"accept-encoding"] == b"identity"


async def test_body_is_cut_off_when_it_grows_too_large() -> None:
    status, _, problem = await ask(body=[b"x" * 40_000] * 2)
    assert (status, problem["type"]) == (413, "urn:klikdesa:problem:too_large")
