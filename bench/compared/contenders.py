"""What runs beside ours in one comparison: its processes, its posts, and what it has counted."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pymongo

from bench.compared.client import request_of
from bench.mail import MailSink
from klik.local.processes import ROOT
from klik.nodes import Rabbit, Store, free_port
from klik.nodes.child import Child, wait_until
from klik.nodes.ports import accepts
from tests.support.builders import a_post

START_SECONDS = 60.0
STOP_SECONDS = 20.0
#: As long as what people write.
BODY = " ".join(["Apakah perlu Perdes perubahan sebelum dana tahap kedua dipakai?"] * 6)
DESA = ("64.02.06.2012", "64.02.19.2001", "64.02.14.1001", "64.02.08.2003")

HERE = sys.executable


class Contender(Protocol):
    """Started and stopped for each round, on nodes that stay."""

    name: str

    @property
    def port(self) -> int:
        """Where posts go."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def sessions(self) -> dict[str, int]:
        """The leader's process id of each of its processes, by name."""

    def request(self, number: int) -> bytes: ...

    async def counted(self) -> int:
        """Consultations that have come to the end, of all rounds."""

    async def settle(self) -> None:
        """Until nothing is left to do."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """What all share. `amqp_urls`: of our services, each a user of its own; `folder`: for logs;
    `mail`: where ours sends."""

    rabbit: Rabbit
    amqp_urls: Mapping[str, str]
    store: Store
    folder: Path
    mail: MailSink


@dataclass(frozen=True, slots=True)
class Program:
    """`arguments` of Python in the environment of `python`; `{port}` is where it takes posts."""

    arguments: Sequence[str]
    python: str = HERE


class Peer:
    """Programs of `bench/peers`. What is counted is in `report`, in a database of its own."""

    def __init__(
        self,
        name: str,
        programs: Mapping[str, Program],
        nodes: Nodes,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.database = "bench_" + "".join(one if one.isalnum() else "_" for one in name.lower())
        self._programs = programs
        self._nodes = nodes
        self._port = free_port()
        self._client: pymongo.AsyncMongoClient[dict[str, Any]] | None = None
        self._children: dict[str, Child] = {}
        self._env = {
            **os.environ,  # noqa: TID251 - what programs inherit
            "BENCH_MONGO": nodes.store.url,
            "BENCH_AMQP": nodes.rabbit.url,
            "BENCH_DATABASE": self.database,
            "BENCH_PORT": str(self._port),
            **(env or {}),
        }

    @property
    def port(self) -> int:
        return self._port

    async def start(self) -> None:
        for name, program in self._programs.items():
            arguments = [one.format(port=self.port) for one in program.arguments]
            log = self._nodes.folder / f"{self.database}-{name}.log"
            self._children[name] = Child([program.python, *arguments], log, self._env, ROOT)
        if not await asyncio.to_thread(wait_until, self._up, START_SECONDS):
            raise RuntimeError(f"{self.name} takes no posts\n{self.tail()}")

    def _up(self) -> bool:
        for name, child in self._children.items():
            if not child.alive:
                raise RuntimeError(f"{self.name}: {name} ended\n{child.last_lines()}")
        return accepts(self.port)

    async def stop(self) -> None:
        ends = (asyncio.to_thread(one.terminate, STOP_SECONDS) for one in self._children.values())
        await asyncio.gather(*ends)
        self._children.clear()
        if self._client is not None:
            await self._client.close()
            self._client = None

    def tail(self) -> str:
        """The last lines of each of its logs."""
        return "\n".join(f"{name}: {one.last_lines()}" for name, one in self._children.items())

    def sessions(self) -> dict[str, int]:
        return {name: child.pid for name, child in self._children.items()}

    def request(self, number: int) -> bytes:
        return request_of(body(number))

    async def counted(self) -> int:
        if self._client is None:
            self._client = pymongo.AsyncMongoClient(self._nodes.store.url)
        rows = await self._client[self.database].report.find().to_list()
        return sum(row.get("alerted", 0) for row in rows)

    async def settle(self) -> None:
        """What is counted last is acknowledged right after."""
        await asyncio.sleep(0.5)


def body(number: int) -> bytes:
    """The same for all."""
    contact = {"channel": "email", "address": f"warga{number}@example.org"}
    requester = {"role": "kepala_desa", "name": "Nama Uji", "contact": contact}
    post = a_post(body=BODY, desa_code=DESA[number % len(DESA)], requester=requester)
    return json.dumps(post).encode()


def web(module: str, python: str = HERE) -> Program:
    """Served by one process."""
    served = ("-m", "uvicorn", f"bench.peers.{module}:web", "--port", "{port}")
    return Program((*served, "--no-access-log", "--log-level", "warning"), python)


def sketch(name: str, packages: str, nodes: Nodes) -> Peer:
    """`packages`: `raw` or `project`, see `bench/peers/link.py`."""
    services = ("reporting", "notify", "routing", "intake")
    programs = {one: Program(("-m", "bench.peers.sketch", one)) for one in services}
    return Peer(name, programs, nodes, {"BENCH_SKETCH": packages})
