"""What every private node shares: a child process that starts, stops, crashes and freezes."""

import contextlib
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Self

START_SECONDS = 60.0
STOP_SECONDS = 30.0
RELEASE_SECONDS = 10.0  # for what a killed predecessor still holds: its log, its port
POLL_SECONDS = 0.05
LOG_LINES = 25
LOWEST_PORT, HIGHEST_PORT = 12_000, 32_000

# Runs "$@" in place of the shell, so that the process we know is the program itself, next to a
# guard that reads a pipe whose other end we hold. When we die, however that happens, the pipe
# closes and the guard kills its process group, which is this program and its helpers.
# PR_SET_PDEATHSIG would fire as soon as the *thread* that called start() ends, is Linux only,
# and needs a preexec_fn, which is unsafe once there are threads.
GUARDED = """
exec 3<&0 </dev/null
{ read -r line <&3; kill -KILL 0; } >/dev/null 2>&1 &
exec 3<&-
exec "$@"
"""

_given_ports: set[int] = set()


class NodeUnavailable(RuntimeError):
    """The program is not on this host; the message says what to install."""


class NodeDidNotStart(RuntimeError):
    """The node ended early or did not answer in time; the message ends with its log."""


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on; never the same twice in one process.

    From below the range of outgoing connections: there, a client that reconnects to a node
    which is down can take the node's port, or even connect to itself.
    """
    for _ in range(1000):
        port = LOWEST_PORT + secrets.randbelow(HIGHEST_PORT - LOWEST_PORT)
        if port not in _given_ports and _port_is_free(port):
            _given_ports.add(port)
            return port
    raise RuntimeError(f"no free TCP port from {LOWEST_PORT} to {HIGHEST_PORT} on 127.0.0.1")


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def accepts(port: int) -> bool:
    """Whether somebody accepts connections on this TCP port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll `condition` until it holds (true) or `seconds` have passed (false)."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


class Child:
    """One guarded program in a session of its own; its output is appended to `log`.

    The log is locked for as long as any process of the program lives, so that two nodes never
    work on the same folder. Raises `NodeDidNotStart` when it stays locked.
    """

    def __init__(self, argv: list[str], log: Path, env: dict[str, str]) -> None:
        self.log = log
        with log.open("ab") as out:
            if not wait_until(lambda: _lock(out), RELEASE_SECONDS):
                raise NodeDidNotStart(f"another node is running on {log.parent}")
            self._log_start = out.tell()
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", GUARDED, "sh", *argv],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=log.parent,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Signal the program alone; its guard must go on, also while the program is frozen."""
        self._process.send_signal(number)

    def terminate(self, seconds: float) -> None:
        """SIGTERM, and SIGKILL after `seconds`."""
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)  # a frozen program would not see it
        wait_until(lambda: not self.alive, seconds)
        self.kill()

    def kill(self) -> None:
        """SIGKILL the program, its helpers and the guard, and wait for the program's end."""
        # The group outlives a program that ended by itself: the guard is still in it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()

    def last_lines(self) -> str:
        """The end of what the program has written since it was started."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return "\n".join(log.read().decode(errors="replace").splitlines()[-LOG_LINES:])


def _lock(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Node:
    """A private server on 127.0.0.1 with all its files below `data`.

    `port` defaults to a free one. After `stop()` or `kill()`, `start()` reuses data and port.
    Not thread-safe; different nodes may be started from different threads.
    """

    name = "node"

    def __init__(self, data: Path, port: int | None = None) -> None:
        self.data = data.resolve()
        self.port = port or free_port()
        self._children: list[Child] = []  # in the order of their start; the last one serves

    @property
    def running(self) -> bool:
        """Whether the server process lives; true also while it is frozen."""
        return bool(self._children) and self._children[-1].alive

    def start(self, seconds: float = START_SECONDS) -> None:
        """Start and wait until the server answers; does nothing when it runs already.

        Raises `NodeUnavailable` when the program is missing, `NodeDidNotStart` when it ends
        early, does not answer within `seconds`, or when its port or its data are in use.
        """
        if self.running:
            return
        self.kill()  # the guard and the helpers of a server that ended by itself
        self.data.mkdir(parents=True, exist_ok=True)
        # Else a stranger on our port would answer in place of our server.
        if not wait_until(lambda: _port_is_free(self.port), RELEASE_SECONDS):
            raise NodeDidNotStart(f"{self.name}: port {self.port} is in use")
        try:
            self._launch()
            self._wait_for_answer(seconds)
        except BaseException:
            self.kill()
            raise

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Shut down cleanly; kill what has not ended after `seconds`. Frozen nodes thaw first."""
        while self._children:
            self._children[-1].terminate(seconds)
            self._children.pop()

    def kill(self) -> None:
        """SIGKILL every process of the node at once, as a crash of the host would."""
        while self._children:
            self._children.pop().kill()

    def freeze(self) -> None:
        """SIGSTOP the server: connections stay open, nothing answers, until `thaw()`.

        Both raise `RuntimeError` when the node is not running.
        """
        self._running_server().signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT the server."""
        self._running_server().signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _running_server(self) -> Child:
        if not self.running:
            raise RuntimeError(f"{self.name} on port {self.port} is not running")
        return self._children[-1]

    def _wait_for_answer(self, seconds: float) -> None:
        server = self._children[-1]
        in_time = wait_until(lambda: not server.alive or self._answers(), seconds)
        if not server.alive:
            problem = "ended before it answered"
        elif not in_time:
            problem = f"did not answer on port {self.port} within {seconds:.0f} s"
        else:
            return
        raise NodeDidNotStart(f"{self.name} {problem}; {server.log} ends:\n{server.last_lines()}")

    def _spawn(self, argv: list[str], log: str, env: dict[str, str]) -> None:
        self._children.append(Child(argv, self.data / log, env))

    def _launch(self) -> None:
        """Spawn the processes of the node, the server last."""
        raise NotImplementedError

    def _answers(self) -> bool:
        """Whether the server speaks its protocol on `port`; must return within a second or so."""
        raise NotImplementedError
