"""Master keys rotated, consultations erased and the audit asked, all at once, while people write
and read: by two replicas of intake, each started anew three times."""

import asyncio
import json
import secrets
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pymongo
import pytest
from bson import encode

from klik.local.processes import HIGH_LIMITS
from klik.local.secrets import make_secrets
from klik.nodes import NodeUnavailable
from tests.support.backends import unavailable
from tests.support.builders import a_post
from tests.support.system import System, files_holding, running_system, until

pytestmark = pytest.mark.integration

WORKERS = 6
#: Rounds that each worker makes between two steps of the rotation.
ROUNDS = 3
SOON = 120.0
MARK = "zqunderload"


@dataclass
class Load:
    """People at work, on whichever replicas are serving."""

    system: System
    serving: set[int] = field(default_factory=lambda: {0, 1})
    in_flight: Counter[int] = field(default_factory=Counter)
    rounds: Counter[int] = field(default_factory=Counter)
    kept: list[dict[str, Any]] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    answered: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    read_as_dpmd: int = 0
    is_over: bool = False

    async def ask(
        self, wanted: int, method: str, path: str, headers: dict[str, str], body: Any = None
    ) -> httpx.Response:
        serving = sorted(self.serving)
        replica = serving[self.answered.total() % len(serving)]
        self.in_flight[replica] += 1
        try:
            url = self.system.url("intake", replica) + path
            reply = await self.system.http.request(method, url, headers=headers, json=body)
        finally:
            self.in_flight[replica] -= 1
        self.answered[reply.status_code] += 1
        if reply.status_code != wanted:
            self.wrong.append(f"{method} {path}: {reply.status_code} {reply.text[:300]}")
        return reply

    async def read(self, id_: str) -> dict[str, Any]:
        reply = await self.ask(200, "GET", f"/v1/consultations/{id_}", self.system.bearer("dpmd"))
        self.read_as_dpmd += 1
        found: dict[str, Any] = reply.json()
        return found

    async def work(self, worker: int) -> None:
        while not self.is_over:
            await self._round(worker)
            self.rounds[worker] += 1

    async def _round(self, worker: int) -> None:
        number = self.rounds[worker]
        post = a_post(
            title=f"Judul {MARK}",
            body=f"Isi {MARK}",
            requester={
                "role": "kepala_desa",
                "name": f"Bapak {MARK}",
                "contact": {"channel": "email", "address": f"{MARK}@contoh.example"},
            },
        )
        with_key = self.system.bearer("frontend") | {"Idempotency-Key": f"{worker}-{number}"}
        desk = self.system.bearer("dpmd")
        receipt = (await self.ask(202, "POST", "/v1/consultations", with_key, post)).json()
        again = (await self.ask(202, "POST", "/v1/consultations", with_key, post)).json()
        self._expect(again.get("id") == receipt["id"], "a repeated post is the same one")
        at, tracked = f"/v1/consultations/{receipt['id']}", f"/v1/track/{receipt['ticket']}"
        note = {"kind": "note", "body": f"Catatan {MARK}"}
        await self.ask(200, "POST", f"{at}/messages", desk, note)
        whole = json.dumps(await self.read(receipt["id"]))
        self._expect(whole.count(MARK) >= 5, "what was written is read")
        own = await self.ask(200, "GET", at, {"Authorization": f"Bearer {receipt['token']}"})
        self._expect(MARK in own.text, "its requester reads it by token")
        await self.ask(200, "GET", tracked, {"X-Pin": receipt["pin"]})
        await self.ask(200, "GET", "/v1/consultations?limit=5", desk)
        if self.kept:
            older = self.kept[worker * number % len(self.kept)]
            found = await self.read(older["id"])
            self._expect(MARK in found["title"], "what was kept before is read")
            await self.ask(200, "GET", f"/v1/track/{older['ticket']}", {"X-Pin": older["pin"]})
        if number % 2:
            self.kept.append(receipt)
            return
        await self.ask(204, "DELETE", f"{at}/personal-data", desk)
        gone = await self.read(receipt["id"])
        self._expect(gone["erased"] and MARK not in json.dumps(gone), "what is erased is gone")
        await self.ask(404, "GET", tracked, {"X-Pin": receipt["pin"]})
        await self.ask(410, "POST", f"{at}/messages", desk, note)
        self.erased.append(receipt["id"])

    def _expect(self, holds: Any, what: str) -> None:
        if not holds:
            self.wrong.append(f"not so: {what}")

    async def for_a_while(self) -> None:
        """Until each worker has made some rounds from their start to their end."""
        before = Counter(self.rounds)

        async def made() -> bool:
            return all(self.rounds[one] > before[one] + ROUNDS for one in range(WORKERS))

        await until(made, SOON, f"{ROUNDS} rounds of each worker; {self.wrong[:3]}")

    async def start_anew(self, replica: int) -> None:
        """Out of service, stopped, started with what its share holds now, in service again."""
        self.serving.remove(replica)

        async def drained() -> bool:
            return not self.in_flight[replica]

        await until(drained, SOON, "what is in flight to be answered")
        process = self.system.services["intake"][replica]
        assert await asyncio.to_thread(process.stop) == 0, process.tail()
        await asyncio.to_thread(process.start)
        await asyncio.to_thread(process.wait_ready)
        self.serving.add(replica)


async def _use(load: Load, *master_keys: str) -> None:
    """Give every intake these, the first of which encrypts: one after the other."""
    secrets_ = load.system.folder / "secrets"
    (secrets_ / "klik_master_keys").write_text(",".join(master_keys))
    make_secrets(secrets_, passwords=False)
    for replica in (0, 1):
        await load.start_anew(replica)
        await load.for_a_while()


async def test_no_request_fails_when_keys_are_rotated_while_some_are_erased(tmp_path: Path) -> None:
    try:
        async with running_system(tmp_path, HIGH_LIMITS, intake=2) as system:
            load = Load(system)
            workers = [asyncio.create_task(load.work(number)) for number in range(WORKERS)]
            try:
                await _rotate(load)
            finally:
                load.is_over = True
                await asyncio.gather(*workers)
            assert load.wrong == [], load.answered
            await _assert_whole(load)
    except NodeUnavailable as missing:
        unavailable(str(missing))
    # the processes have ended: all that they had to write is in their files
    assert files_holding(tmp_path, load.kept[0]["ticket"].encode()), "what is plain is found"
    assert files_holding(tmp_path, MARK.encode()) == []


async def _rotate(load: Load) -> None:
    old = (load.system.folder / "secrets" / "klik_master_keys").read_text().strip()
    new = f"m2:{b64encode(secrets.token_bytes(32)).decode()}"
    await load.for_a_while()
    await _use(load, old, new)
    await _use(load, new, old)
    rotated, verified = await asyncio.gather(
        load.system.klik("privacy", "rotate"), load.system.klik("audit", "verify")
    )
    assert (rotated[0], "needed no more: m1" in rotated[1]) == (0, True), rotated
    assert verified[0] == 0, verified
    await load.for_a_while()
    await _use(load, new)


async def _assert_whole(load: Load) -> None:
    code, said = await load.system.klik("audit", "verify")
    assert (code, said.count("whole")) == (0, 5), said
    code, said = await load.system.klik(
        "audit", "what", "--key", "local-dpmd", "--from", "2020-01-01", "--json"
    )
    done = Counter((one["what"], one["outcome"]) for one in json.loads(said))
    assert done["read_consultation", "200"] == load.read_as_dpmd, "each read is written down"
    erasures = len(load.erased)
    assert done["erase_consultation", "begun"] == done["erase_consultation", "204"] == erasures
    with pymongo.MongoClient[dict[str, Any]](load.system.store.url) as client:
        intake = client["klik_intake"]
        assert {one["key"] for one in intake["data_keys"].find()} == {"m2"}
        assert intake["data_keys"].count_documents({}) == len(load.kept)
        names = [
            name
            for database in client.list_database_names()
            if database.startswith("klik_")
            for name in client[database].list_collection_names()
            if any(MARK.encode() in encode(one) for one in client[database][name].find())
        ]
    assert names == []
