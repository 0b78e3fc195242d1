"""A private MongoDB-protocol store: mongod, else SecantusDB's Rust server, else its Python one."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, get_args

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from klik.nodes.child import RELEASE_SECONDS, NodeUnavailable
from klik.nodes.node import Node
from klik.nodes.ports import accepts

Kind = Literal["mongod", "secantusd-rs", "secantusd-py"]
"""The programs, the best first: the last one comes with `pip install SecantusDB`."""
KINDS: tuple[Kind, ...] = get_args(Kind)

#: Environment: the one to take, whatever else is installed.
CHOICE = "KLIK_NODE_STORE"


class Store(Node):
    """A store that keeps journaled writes over `kill()`, without users and passwords.

    `kind`: the one to take; by default the one that `KLIK_NODE_STORE` names, else the best that is
    installed. Raises `NodeUnavailable` when it, or each of them, is missing.
    """

    name = "store"

    def __init__(
        self,
        data: Path,
        port: int | None = None,
        kind: Kind | None = None,
        *,
        release_seconds: float = RELEASE_SECONDS,
    ) -> None:
        super().__init__(data, port, release_seconds=release_seconds)
        self.kind, self._program = _found(kind or os.environ.get(CHOICE) or None)

    @property
    def url(self) -> str:
        """Where clients connect. Without `directConnection` a driver would look for a set."""
        return f"mongodb://127.0.0.1:{self.port}/?directConnection=true"

    def _launch(self) -> None:
        # No two can read each other's files, and a better one may get installed between two runs.
        files = self.data / self.kind
        files.mkdir(exist_ok=True)
        options = _OPTIONS[self.kind](self.data, files)
        command = [self._program, *options, "--port", str(self.port)]
        self._spawn(command, f"{self.kind}.log", dict(os.environ))

    def _answers(self) -> bool:
        if not accepts(self.port):  # a driver takes longer to find that out
            return False
        client: MongoClient[dict[str, object]] = MongoClient(
            self.url, serverSelectionTimeoutMS=1000, connectTimeoutMS=1000, socketTimeoutMS=1000
        )
        with client:
            try:
                client.admin.command("ping")
            except PyMongoError:
                return False
        return True


def installed() -> dict[Kind, str]:
    """The kinds of this host and their programs, the best first."""
    return {kind: program for kind in KINDS if (program := _which(kind))}


def _found(wanted: str | None) -> tuple[Kind, str]:
    for kind, program in installed().items():
        if wanted in (None, kind):
            return kind, program
    if wanted is not None:
        raise NodeUnavailable(f"no store {wanted!r} on this host; there can be {', '.join(KINDS)}")
    raise NodeUnavailable(
        "no MongoDB-protocol store on this host: pip install SecantusDB, or install mongod"
    )


def _which(program: str) -> str | None:
    # First the one that was installed with us: our environment need not be on the PATH.
    beside_python = Path(sys.executable).parent
    return shutil.which(program, path=beside_python) or shutil.which(program)


def _secantusdb(data: Path, files: Path) -> list[str]:
    # An empty file of ours; else they would read one of the user's or the host's.
    config = data / "secantusd.toml"
    config.touch()
    options = ["--config", str(config), "--storage-path", str(files)]
    return [*options, "--host", "127.0.0.1", "--standalone"]


_OPTIONS: Mapping[Kind, Callable[[Path, Path], list[str]]] = {
    "mongod": lambda _, files: [
        *("--dbpath", str(files), "--bind_ip", "127.0.0.1", "--nounixsocket")
    ],
    # without --sync-on-commit it acknowledges journaled writes that a crash then takes
    "secantusd-rs": lambda data, files: [
        *_secantusdb(data, files),
        *("--sync-on-commit", "--cache-size", "512M", "--log-level", "WARNING"),
    ],
    "secantusd-py": _secantusdb,
}
