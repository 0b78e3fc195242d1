"""Two front-ends, their requesters and webhooks, on processes while their keys are changed."""

import asyncio
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from klik.secret_files import key_file
from shared.messaging.topology import SERVICES
from shared.times import utc_now
from shared.web.permissions import Role
from tests.peers.webhook import WebhookPeer
from tests.support.builders import TENGGARONG, a_post
from tests.support.system import System, running_system, until

pytestmark = pytest.mark.integration

SETTLE = 60.0
#: Seconds between two comments of a stream, and some.
HEARTBEAT = 20.0


def bearer(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}"}


def make_key(folder: Path, id_: str, role: Role) -> str:
    with key_file.editing(folder) as keyring:
        made = key_file.create(
            keyring.rows, role=role, territory=None, id_=id_, lifetime=None, now=utc_now()
        )
        keyring.save(made.rows)
    return made.plain


def revoke(folder: Path, id_: str) -> None:
    with key_file.editing(folder) as keyring:
        keyring.save(key_file.revoke(keyring.rows, id_, utc_now()))


async def post(system: System, key: str, **changes: Any) -> dict[str, Any]:
    url = f"{system.url('intake')}/v1/consultations"
    reply = await system.http.post(url, json=a_post(**changes), headers=bearer(key))
    assert reply.status_code == 202, reply.text
    return dict(reply.json())


async def subscribe(system: System, key: str, peer: WebhookPeer) -> str:
    url = f"{system.url('notify')}/v1/webhooks"
    reply = await system.http.post(url, json={"url": peer.at("127.0.0.1")}, headers=bearer(key))
    assert reply.status_code == 201, reply.text
    peer.secrets = [reply.json()["secret"]]
    return str(reply.json()["id"])


def consultations(peer: WebhookPeer) -> set[str]:
    return {json.loads(one["body"])["consultation"] for one in peer.taken}


async def test_front_ends_and_requesters_reach_their_own_until_a_key_is_revoked(
    tmp_path: Path,
) -> None:
    secrets = tmp_path / "system" / "secrets"
    here = {"KLIK_WEBHOOK_ALLOW": "127.0.0.0/8"}
    async with (
        running_system(tmp_path / "system", here, notify=2) as system,
        WebhookPeer() as peer,
        WebhookPeer() as other_peer,
    ):
        keys = {name: make_key(secrets, name, Role.FRONTEND) for name in ("web", "other-web")}
        analyst = make_key(secrets, "reader", Role.ANALYST)

        async def known() -> bool:
            asked = [
                await system.http.get(f"{system.url(name)}/v1/{path}", headers=bearer(key))
                for name, path, key in (
                    ("intake", "reference/topics", keys["other-web"]),
                    ("notify", "webhooks", keys["other-web"]),
                    ("reporting", "reconciliation", analyst),
                )
            ]
            return {reply.status_code for reply in asked} == {200}

        await until(known, 10, "the services to know the keys")
        hook = await subscribe(system, keys["web"], peer)
        await subscribe(system, keys["other-web"], other_peer)
        kinds: list[Mapping[str, str]] = [
            {"desa_code": TENGGARONG.desa},
            {"desa_code": TENGGARONG.desa, "kind": "pengaduan"},
        ]
        mine = [await post(system, keys["web"], **kind) for kind in kinds]
        others = [await post(system, keys["other-web"], **kind) for kind in kinds]

        async def each_has_their_own() -> bool:
            return all(
                {"consultation.submitted", "case.assigned"}
                <= {one["type"].removeprefix("klikdesa.").removesuffix(".v1") for one in of.taken}
                and consultations(of) == {receipt["id"] for receipt in own}
                for of, own in ((peer, mine), (other_peer, others))
            )

        await until(each_has_their_own, SETTLE, "each front-end's own events")
        await _tokens_open_one_consultation_at_intake(system, mine[1], others[1])
        await _what_is_sent_raw_is_refused(system, mine[0])

        listens = asyncio.Event()
        stream = asyncio.create_task(_stream(system, analyst, listens))
        await asyncio.wait_for(listens.wait(), 10)
        revoke(secrets, "web")
        revoke(secrets, "reader")
        await asyncio.wait_for(stream, HEARTBEAT)
        # what its requesters do goes on; the front-end is told nothing of it any more
        told = len(peer.taken)
        moved = await system.http.post(
            f"{system.url('intake')}/v1/consultations/{mine[0]['id']}/withdraw",
            headers=bearer(mine[0]["token"]),
        )
        assert moved.status_code == 200

        async def paused() -> bool:
            found = await system.get("notify", f"/v1/webhooks/{hook}")
            return bool(found["reason"] == "key_revoked")

        await until(paused, SETTLE, "the webhook of the revoked key to pause")
        assert len(peer.taken) == told


async def _tokens_open_one_consultation_at_intake(
    system: System, mine: dict[str, Any], other: dict[str, Any]
) -> None:
    own = bearer(mine["token"])
    for receipt, status in ((mine, 200), (other, 404)):
        url = f"{system.url('intake')}/v1/consultations/{receipt['id']}"
        assert (await system.http.get(url, headers=own)).status_code == status
        reply = await system.http.post(
            f"{url}/messages", json={"kind": "reply", "body": "Isi"}, headers=own
        )
        assert reply.status_code == status
    paths = {"routing": "cases/" + mine["id"], "notify": "alerts", "reporting": "reconciliation"}
    for service in set(SERVICES) - {"intake"}:
        url = f"{system.url(service)}/v1/{paths[service]}"
        assert (await system.http.get(url, headers=own)).status_code == 401


async def _what_is_sent_raw_is_refused(system: System, mine: dict[str, Any]) -> None:
    """Bytes that no client would send in a header."""
    at = urlsplit(system.url("intake"))
    token = mine["token"].encode()
    for credential in (
        b"\xff\xfe." + token.partition(b".")[2],
        token + b"\xc3",
        token + b"\x00",
        token[:-1],
        token + b"." + token,
        token + b" " + token,
        b"a." * 2 + b"a" * 30_000,
        b"." * 3_000,
    ):
        answer = await asyncio.to_thread(_ask, at.hostname, at.port, mine["id"], credential)
        assert answer.startswith((b"HTTP/1.1 401", b"HTTP/1.1 400")), (credential[:40], answer[:60])
    right = await asyncio.to_thread(_ask, at.hostname, at.port, mine["id"], token)
    assert right.startswith(b"HTTP/1.1 200")


def _ask(host: str | None, port: int | None, id_: str, credential: bytes) -> bytes:
    with socket.create_connection((host, port), timeout=10) as link:
        head = f"GET /v1/consultations/{id_} HTTP/1.1\r\nHost: k\r\nConnection: close\r\n"
        link.sendall(head.encode() + b"Authorization: Bearer " + credential + b"\r\n\r\n")
        return link.recv(100)


async def _stream(system: System, key: str, listens: asyncio.Event) -> None:
    """Until the server ends it."""
    url = f"{system.url('reporting')}/v1/reports/stream"
    timeout = httpx.Timeout(HEARTBEAT)
    async with system.http.stream("GET", url, headers=bearer(key), timeout=timeout) as reply:
        assert reply.status_code == 200
        async for _ in reply.aiter_lines():
            listens.set()
