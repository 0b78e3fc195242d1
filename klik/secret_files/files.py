"""Files that services follow: changed by one at a time, and replaced whole."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shared.errors import KlikError


class NoSuchChange(KlikError):
    """Keys cannot be changed like that; the message says why and what can be done."""


@contextmanager
def alone_with(folder: Path) -> Iterator[None]:
    """Two commands at once would undo each other's change."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def replace_file(path: Path, text: str, mode: int | None = None) -> None:
    """Write beside `path`, then rename over it: the same mode, unless another is given, and the
    same owner where that may be. Where there is no such file it is made, with `mode` or 0600.

    Raises `NoSuchChange`; then it is as it was.
    """
    before = path.stat() if path.exists() else None
    if mode is None:
        mode = before.st_mode & 0o777 if before else 0o600
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    except OSError as error:
        raise NoSuchChange(f"{path.parent} cannot be written to: {error.strerror}") from None
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            os.fchmod(file.fileno(), mode)
            if before:
                with suppress(PermissionError):
                    os.fchown(file.fileno(), before.st_uid, before.st_gid)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
