"""The four services as processes of this host: for `klik run` and for the tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from klik.nodes import free_port

ROOT = Path(__file__).parent.parent

#: Seconds to become ready, and to stop before being killed.
START_TIMEOUT = 60.0
STOP_TIMEOUT = 30.0
POLL = 0.05


class ServiceFailed(Exception):
    """A service ended or did not become ready; the message ends with its last log lines."""


class ServiceProcess:
    """One process of one service. Its log lines go to `log`."""

    def __init__(
        self, name: str, env: Mapping[str, str], log: Path, port: int | None = None
    ) -> None:
        """`env`: settings by variable name (`KLIK_…`), beside what this process inherits."""
        self.name = name
        self.port = port or free_port()
        self.log = log
        self._env = dict(env)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The operating system's id of the process that was started last."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start without waiting; `wait_ready` waits."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", f"services.{self.name}"],
                cwd=ROOT,
                env={**os.environ, **self._env, "KLIK_HTTP_PORT": str(self.port)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        """Until `/readyz` says `ready`. Raises `ServiceFailed`."""
        until = time.monotonic() + START_TIMEOUT
        while time.monotonic() < until:
            if self.exit_code() is not None:
                raise ServiceFailed(f"{self.name} ended with {self.exit_code()}\n{self.tail()}")
            if self.status() == "ready":
                return
            time.sleep(POLL)
        raise ServiceFailed(f"{self.name} was not ready in {START_TIMEOUT:.0f} s\n{self.tail()}")

    def status(self) -> str:
        """`ready`, `degraded`, `unready`, or `down` where nobody answers."""
        try:
            return str(httpx.get(f"{self.url}/readyz", timeout=5.0).json()["status"])
        except httpx.HTTPError:
            return "down"

    def exit_code(self) -> int | None:
        """None while it runs."""
        return None if self._process is None else self._process.poll()

    def stop(self) -> int:
        """SIGTERM, and SIGKILL where that does not help in time; the exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL

    def kill(self) -> None:
        """SIGKILL: what a crash looks like."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def tail(self, lines: int = 15) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def stop_all(processes: list[ServiceProcess]) -> dict[str, int]:
    """SIGTERM to all at once; exit code by name."""
    for process in processes:
        if process.exit_code() is None and process._process is not None:
            process._process.send_signal(signal.SIGTERM)
    return {process.name: process.stop() for process in processes}
