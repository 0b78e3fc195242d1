"""What every private node does: start, stop, crash, freeze and thaw."""

import signal
from pathlib import Path
from typing import Self

from klik.nodes.child import RELEASE_SECONDS, Child, NodeDidNotStart, wait_until
from klik.nodes.ports import free_port, port_is_free

START_SECONDS = 60.0
STOP_SECONDS = 30.0
FREEZE_SECONDS = 5.0


class Node:
    """A private server on 127.0.0.1 with all its files below `data`.

    `port` defaults to a free one. After `stop()` or `kill()`, `start()` reuses data and port.
    Not thread-safe; different nodes may be started from different threads.
    """

    name = "node"

    def __init__(
        self, data: Path, port: int | None = None, *, release_seconds: float = RELEASE_SECONDS
    ) -> None:
        self.data = data.resolve()
        self._release_seconds = release_seconds
        self.port = port or free_port()
        self._children: list[Child] = []  # in the order of their start; the last one serves

    @property
    def running(self) -> bool:
        """Whether the server process lives; true also while it is frozen."""
        return bool(self._children) and self._children[-1].alive

    @property
    def pid(self) -> int | None:
        """The operating system's id of the server that was started last."""
        return self._children[-1].pid if self._children else None

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
        if not wait_until(lambda: port_is_free(self.port), self._release_seconds):
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
        # the signal is on its way until the last thread has stopped, and that one may still answer
        wait_until(self._children[-1].is_stopped, FREEZE_SECONDS)

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
        child = Child(argv, self.data / log, env, release_seconds=self._release_seconds)
        self._children.append(child)

    def _launch(self) -> None:
        """Spawn the processes of the node, the server last."""
        raise NotImplementedError

    def _answers(self) -> bool:
        """Whether the server speaks its protocol on `port`; must return within a second or so."""
        raise NotImplementedError
