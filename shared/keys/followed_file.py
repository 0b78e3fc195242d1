"""A file that others change while we run: what is in it now, or was a second ago."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from shared.errors import describe

log = logging.getLogger(__name__)

#: Seconds between looks at the file.
CHECK_SECONDS = 1.0

Content = TypeVar("Content")


class FollowedFile(Generic[Content]):
    """What `parse` makes of the file's text. A file that cannot be read leaves that as it was."""

    def __init__(
        self,
        path: Path,
        parse: Callable[[str], Content],
        name: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`parse` raises ValueError that may be logged; `name`: what the log calls it.

        Raises ValueError or OSError where there is nothing to begin with.
        """
        self._path, self._parse, self._name = path, parse, name
        self._monotonic = monotonic
        self._version = _version(path)
        self._unread = self._version
        """The last version that could not be read."""
        self._content = self._read()
        self._looked_at = monotonic()

    def now(self) -> Content:
        """Its content, looked at once a second at most."""
        if self._monotonic() >= self._looked_at + CHECK_SECONDS:
            self.look()
        return self._content

    def look(self) -> Content:
        """Its content, looked at this moment."""
        self._looked_at = self._monotonic()
        if (version := _version(self._path)) == self._version:
            return self._content
        try:
            self._content = self._read()
        except OSError as error:
            # tried at each look, told once: what mends it, as a chmod, need not change the version
            if version != self._unread:
                self._tell_unreadable(describe(error))
            self._unread = version
            return self._content
        except ValueError as error:
            self._tell_unreadable(str(error))
        else:
            log.info(f"{self._name} read again")
        self._version = version
        return self._content

    def _tell_unreadable(self, why: str) -> None:
        log.error(f"{self._name} unreadable, keeping the last one", extra={"error": why})

    def _read(self) -> Content:
        return self._parse(self._path.read_text())


def _version(path: Path) -> tuple[int, int, int] | None:
    """Changes whenever the file does; None where it cannot be seen."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
