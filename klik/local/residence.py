"""The folder that a system of `klik run` lives in: one at a time, and what it tells of itself."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from shared.settings import BESIDE, Connections


class InUse(Exception):
    """Another system keeps its data in the folder; the message says which, and what to do."""


@contextmanager
def alone_in(data: Path) -> Iterator[None]:
    """Raises `InUse` where another process is in this block with the same folder."""
    data.mkdir(parents=True, exist_ok=True)
    # "a": who comes second is still to read whose it is
    with (data / "klik.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise InUse(
                f"{data} is in use by another `klik run` (process {lock.read().strip()}). "
                "Stop that one, or keep this one's data elsewhere: make run ARGS='--data FOLDER'"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        try:
            yield
        finally:
            # who asks later is not to be sent to ports that may be somebody else's by then
            (data / BESIDE.name).unlink(missing_ok=True)


def tell(data: Path, env: Mapping[str, str]) -> None:
    """For `python -m klik …` in another terminal: where everything is, and what opens it."""
    names = (f"KLIK_{field.upper()}" for field in Connections.model_fields)
    told = {name: os.environ[name] for name in names if name in os.environ} | dict(env)
    lines = (f"{name}='{_escaped(value)}'\n" for name, value in told.items())
    path = data / BESIDE.name
    path.touch(mode=0o600)
    path.write_text("".join(lines))


def _escaped(value: str) -> str:
    """As python-dotenv reads it back; `${` would begin the name of a variable, here none's."""
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return quoted.replace("${", "${:-$}{")
