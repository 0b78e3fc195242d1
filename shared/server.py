"""Runs a service behind HTTP until it is told to stop."""

import asyncio
import contextlib
import gc
import logging
import resource
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType

import uvicorn

from shared import logs
from shared.connection import Connection, cut_slow
from shared.service import Service

log = logging.getLogger(__name__)

#: Seconds for which a client may take nothing of what it is sent, before its connection is cut: a
#: buffer and a descriptor would wait for it for ever.
UNREAD_SECONDS = 30.0

#: Seconds for which a connection stays open between two requests. Proxies and clients keep one for
#: less (nginx: 60), so that it is they who close it: a process that stalls for longer resets what
#: was sent to it meanwhile, and no gateway may repeat a POST.
KEEP_ALIVE_SECONDS = 75

#: Files and connections that a process may have open at once, where its own limit is no lower.
DESCRIPTORS = 65_536

#: Seconds between looks of the server at its date; it is told of signals.
LOOK_SECONDS = 1.0

#: New objects between looks for cycles; Python's 700 takes a tenth of what a message costs.
GC_THRESHOLD = 20_000


class Server(uvicorn.Server):
    """Looks once a second, and when a signal comes: uvicorn's ten looks a second are a fifth of
    what a service costs that has nothing to do."""

    def __init__(
        self, config: uvicorn.Config, on_leaving: Callable[[], None] = lambda: None
    ) -> None:
        """`on_leaving`: called before open requests are waited for."""
        super().__init__(config)
        self._on_leaving = on_leaving
        self._called: Callable[[], object] = lambda: None

    async def main_loop(self) -> None:
        loop, signalled = asyncio.get_running_loop(), asyncio.Event()
        self._called = partial(loop.call_soon_threadsafe, signalled.set)
        # the date in the headers is renewed at each tenth
        while not await self.on_tick(0):
            cut_slow(self.server_state.connections, loop.time())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(signalled.wait(), LOOK_SECONDS)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._called()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_leaving()
        await super().shutdown(sockets)


def cut_unread(listening: socket.socket, *, unread_seconds: float = UNREAD_SECONDS) -> None:
    """Have the connections of this socket cut where a client stops reading."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        milliseconds = int(unread_seconds * 1000)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


def harden_process() -> None:
    """No core dumps: they would hold keys and what people wrote. And as many descriptors as the
    system allows: where they run out, nobody is let in."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = DESCRIPTORS if most == resource.RLIM_INFINITY else min(most, DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (enough, most))


def settle_memory() -> None:
    """Look for cycles among new objects only, and less often: what was imported stays, and a
    message's own objects are in none."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 50)


def serve(service: Service) -> int:
    """Run until SIGTERM or SIGINT; the process's exit code."""
    settings = service.settings
    logs.configure(service.name, settings.log_level)
    harden_process()
    config = uvicorn.Config(
        service.app,
        http=Connection,
        ws="none",
        host=settings.http_host,
        port=settings.http_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, int(settings.stop_timeout * 0.2)),
    )
    server = Server(config, service.leave)

    def stop_early(*_: object) -> None:
        """Until the server listens to signals itself. It raises them again once it has stopped,
        and a clean stop is to exit with 0."""
        if not server.started:
            sys.exit(1 if service.failed else 0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop_early)
    try:
        listening = config.bind_socket()
    except SystemExit:  # it has logged the system's reason
        log.critical("cannot listen on %s port %d", settings.http_host, settings.http_port)
        return 1
    cut_unread(listening)
    settle_memory()
    server.run(sockets=[listening])
    return 1 if service.failed or not server.started else 0
