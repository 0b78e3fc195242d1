"""A program that runs as a child process of ours, and ends with us."""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

RELEASE_SECONDS = 10.0  # for what a killed predecessor still holds: its log, its port
POLL_SECONDS = 0.05
LOG_LINES = 25

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


class NodeUnavailable(RuntimeError):
    """The program is not on this host; the message says what to install."""


class NodeDidNotStart(RuntimeError):
    """The node ended early or did not answer in time; the message ends with its log."""


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

    def __init__(
        self,
        argv: list[str],
        log: Path,
        env: dict[str, str],
        cwd: Path | None = None,
        *,
        release_seconds: float = RELEASE_SECONDS,
    ) -> None:
        """`cwd`: where it runs; beside its log by default."""
        self.log = log
        with log.open("ab") as out:
            if not wait_until(lambda: _lock(out), release_seconds):
                raise NodeDidNotStart(f"another node is running on {log.parent}")
            self._log_start = out.tell()
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", GUARDED, "sh", *argv],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=cwd or log.parent,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative where a signal ended it."""
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        """Signal the program alone; its guard must go on, also while the program is frozen."""
        self._process.send_signal(number)

    def is_stopped(self) -> bool:
        """Whether a signal has stopped all its threads; true where nobody can tell (no /proc)."""
        tasks = Path(f"/proc/{self._process.pid}/task")
        try:
            states = [
                stat.read_text().rpartition(")")[2].split()[0] for stat in tasks.glob("*/stat")
            ]
        except OSError:  # a thread has just ended
            return False
        return set(states) <= {"T", "t"}

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
