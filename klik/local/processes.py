"""The four services as processes of this host: for `klik run` and for the tests."""

import os
import secrets
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from klik.nodes import free_port
from klik.nodes.child import Child, wait_until
from klik.nodes.ports import port_is_free

ROOT = Path(__file__).parent.parent.parent

#: glibc gives back what is freed, and keeps no heap for each thread; Arrow uses it as well, instead
#: of a pool of its own, which keeps what was freed for the next table: a process stays a tenth
#: smaller. The image sets the same.
ALLOCATION = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}

#: For who measures, with one key for everybody: counted, at the same cost, and never reached.
HIGH_LIMITS = dict.fromkeys(
    (
        "KLIK_LIMIT_POSTS_BY_KEY",
        "KLIK_LIMIT_POSTS_BY_DESA",
        "KLIK_LIMIT_MOVES",
        "KLIK_LIMIT_MESSAGES_BY_ADDRESS",
    ),
    "1000000/1000000",
)

#: Bytes that no service may pass, whatever its load.
MOST_MEMORY = 200 * 2**20

#: Seconds to become ready, and to stop before being killed.
START_TIMEOUT = 60.0
STOP_TIMEOUT = 30.0
#: Until the last thread has stopped.
FREEZE_TIMEOUT = 5.0
POLL = 0.05

#: One for all: each of its own would read the system's certificates again, 30 ms of processor time
#: at every look. It keeps no connection, which a stopping service would have to wait for.
_http = httpx.Client(timeout=5.0, limits=httpx.Limits(max_keepalive_connections=0))


class ServiceFailed(Exception):
    """A service ended or did not become ready; the message ends with its last log lines."""


class PortTaken(ServiceFailed):
    """Somebody else listens on the service's port."""

    def __init__(self, process: "ServiceProcess") -> None:
        super().__init__(f"port {process.port}, meant for {process.name}, is somebody else's")
        self.process = process


class ServiceProcess:
    """One process of one service. Its log lines go to `log`."""

    def __init__(
        self, name: str, env: Mapping[str, str], log: Path, port: int | None = None
    ) -> None:
        """`env`: settings by variable name (`KLIK_…`), beside what this process inherits."""
        self.name = name
        self.port = port or free_port()
        self.log = log
        self.env = dict(env)
        """A restart takes changes."""
        self._child: Child | None = None
        self._instance = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The operating system's id of the process that was started last."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Start without waiting; `wait_ready` waits."""
        self.kill()  # the guard of one that ended by itself
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._instance = secrets.token_hex(8)
        own = {"KLIK_HTTP_PORT": str(self.port), "KLIK_INSTANCE": self._instance}
        self._child = Child(
            [sys.executable, "-m", f"services.{self.name}"],
            self.log,
            {**ALLOCATION, **os.environ, **self.env, **own},
            ROOT,
        )

    def wait_ready(self) -> None:
        """Until `/readyz` says `ready`. Raises `ServiceFailed`; `PortTaken` where it ended because
        somebody else has its port."""
        until = time.monotonic() + START_TIMEOUT
        while time.monotonic() < until:
            if self.exit_code() is not None:
                if not port_is_free(self.port):
                    raise PortTaken(self)
                raise ServiceFailed(f"{self.name} ended with {self.exit_code()}\n{self.tail()}")
            if self.status() == "ready":
                return
            time.sleep(POLL)
        raise ServiceFailed(f"{self.name} was not ready in {START_TIMEOUT:.0f} s\n{self.tail()}")

    def status(self) -> str:
        """`ready`, `degraded`, `unready`, or `down` where it does not answer, or another does."""
        try:
            answer = _http.get(f"{self.url}/readyz").json()
        except (httpx.HTTPError, ValueError):
            return "down"
        own = isinstance(answer, dict) and answer.get("instance") == self._instance
        return str(answer["status"]) if own else "down"

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._child.exit_code if self._child else None

    def ask_to_stop(self) -> None:
        """SIGTERM, without waiting."""
        if self._child is not None and self._child.alive:
            self._child.signal(signal.SIGTERM)

    def stop(self) -> int:
        """SIGTERM, and SIGKILL where that does not help in time; the exit code."""
        if self._child is None:
            return 0
        self._child.terminate(STOP_TIMEOUT)
        return self._child.exit_code or 0

    def kill(self) -> None:
        """SIGKILL: what a crash looks like."""
        if self._child is not None:
            self._child.kill()

    def freeze(self) -> None:
        """SIGSTOP: its connections stay open and it does nothing, until `thaw()`."""
        if self._child is not None:
            self._child.signal(signal.SIGSTOP)
            wait_until(self._child.is_stopped, FREEZE_TIMEOUT)

    def thaw(self) -> None:
        """SIGCONT."""
        if self._child is not None:
            self._child.signal(signal.SIGCONT)

    def most_memory(self) -> int:
        """Bytes that it has had in memory at once, at most; of a running process, on Linux."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024

    def tail(self) -> str:
        return self._child.last_lines() if self._child else ""


def stop_all(processes: list[ServiceProcess]) -> dict[str, int]:
    """SIGTERM to all at once; exit code by name."""
    for process in processes:
        process.ask_to_stop()
    return {process.name: process.stop() for process in processes}
