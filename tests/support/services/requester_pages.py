"""intake's pages on a port of their own, over a store in memory; the network can be cut."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

import uvicorn
from fastapi import FastAPI

from services.intake.domain.consultation import Consultation
from services.intake.domain.conversation import Request, Who
from services.intake.domain.move_bodies import NewMessage
from services.intake.handlers import Handlers
from services.intake.moves import Moves
from shared.limits.buckets import Rate
from shared.times import utc_now
from shared.web.api_keys import Keyring
from shared.web.app import create_http
from shared.web.permissions import Role
from tests.support.builders import assigned
from tests.support.fakes import FakeConsultations
from tests.support.keys import KEYS, key_row
from tests.support.services.intake import with_intake


class Scene:
    """intake without its store, broker and neighbours, by the clock of the browser's host."""

    def __init__(self, *, sources: Rate | None = None) -> None:
        rows = [key_row("web", KEYS[Role.FRONTEND], Role.FRONTEND)]
        self.store = FakeConsultations()
        self.app: FastAPI = create_http(
            "intake", "", Keyring.parse(json.dumps(rows)), lambda: True, None
        )
        with_intake(self.app, self.store, utc_now, sources=sources)
        self._moves = Moves(self.store, utc_now)
        self._handlers = Handlers(self.store, utc_now)
        self._port = 0
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def connect(self) -> None:
        """On the same port as before, so that it is the same origin."""
        listening = socket.create_server(("127.0.0.1", self._port))
        self._port = listening.getsockname()[1]
        self._server = uvicorn.Server(
            uvicorn.Config(self.app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        )
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]))

    async def cut(self) -> None:
        """Nobody is reached any more: connections are refused."""
        if self._server and self._serving:
            self._server.should_exit = True
            await self._serving
            self._server = self._serving = None

    @asynccontextmanager
    async def served(self) -> AsyncGenerator[str, None]:
        """Its address, without a slash at the end."""
        await self.connect()
        try:
            yield self.url
        finally:
            await self.cut()

    def only(self) -> Consultation:
        (one,) = self.store.kept.values()
        return one

    async def assign(self, id_: UUID) -> None:
        """As routing does."""
        await self._handlers.on_case_assigned(assigned(id_, time=utc_now()))

    async def say(self, id_: UUID, kind: str, words: str) -> None:
        """As an officer does."""
        body = NewMessage.model_validate({"kind": kind, "body": words})
        await self._moves.move(id_, Request(body.kind, Who("officer", "petugas-1"), body))
