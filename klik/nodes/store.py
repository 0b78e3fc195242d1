"""A private MongoDB-protocol store: mongod, else SecantusDB's Rust server, else its Python one."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from klik.nodes.child import RELEASE_SECONDS, NodeUnavailable
from klik.nodes.node import START_SECONDS, Node
from klik.nodes.ports import accepts

Kind = Literal["mongod", "secantusd-rs", "secantusd-py"]
"""The programs, the best first: the last one comes with `pip install SecantusDB`."""
KINDS: tuple[Kind, ...] = get_args(Kind)

#: The administrator of a store with users.
ADMIN = "klik"

#: Environment: the one to take, whatever else is installed.
CHOICE = "KLIK_NODE_STORE"


class Store(Node):
    """A store that keeps journaled writes over `kill()`.

    `password`: of the administrator `klik`, who is made with the store; with it everybody has to
    log in. Without, there are no users, and whoever has a shell here reads everything.

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
        password: str | None = None,
        release_seconds: float = RELEASE_SECONDS,
    ) -> None:
        super().__init__(data, port, release_seconds=release_seconds)
        self.kind, self._program = _found(kind or os.environ.get(CHOICE) or None)
        self._password = password
        self._is_open = password is None
        """Whether nobody has to log in."""

    @property
    def url(self) -> str:
        """Where clients connect; with a password, as the administrator."""
        return self._address() if self._password is None else self.url_of(ADMIN, self._password)

    def url_of(self, user: str, password: str) -> str:
        """The same for another user."""
        return self._address(f"{quote(user, safe='')}:{quote(password, safe='')}@")

    def _address(self, login: str = "") -> str:
        # without `directConnection` a driver would look for a set
        source = "authSource=admin&" if login else ""
        return f"mongodb://{login}127.0.0.1:{self.port}/?{source}directConnection=true"

    def start(self, seconds: float = START_SECONDS) -> None:
        made = self.data / f"{self.kind}.admin"
        if self._password is not None and not self.running and not made.exists():
            # all kinds let whoever is there make the first user as long as nobody has to log in
            self._is_open = True
            try:
                super().start(seconds)
                self._make_admin(self._password)
            finally:
                self.stop()
                self._is_open = False
            made.touch()
        super().start(seconds)

    def _make_admin(self, password: str) -> None:
        client: MongoClient[dict[str, object]] = MongoClient(self._address())
        with client:
            known = client.admin.command("usersInfo", ADMIN)["users"]
            client.admin.command(
                "updateUser" if known else "createUser", ADMIN, pwd=password, roles=["root"]
            )

    def _launch(self) -> None:
        # No two can read each other's files, and a better one may get installed between two runs.
        files = self.data / self.kind
        files.mkdir(exist_ok=True)
        options = _OPTIONS[self.kind](self.data, files)
        login = () if self._is_open else ("--auth",)
        command = [self._program, *options, *login, "--port", str(self.port)]
        self._spawn(command, f"{self.kind}.log", dict(os.environ))

    def _answers(self) -> bool:
        if not accepts(self.port):  # a driver takes longer to find that out
            return False
        client: MongoClient[dict[str, object]] = MongoClient(
            self._address(),
            serverSelectionTimeoutMS=1000,
            connectTimeoutMS=1000,
            socketTimeoutMS=1000,
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
