"""A private MongoDB-protocol store: mongod when it is installed, else SecantusDB."""

import os
import shutil
import sys
from pathlib import Path
from typing import Literal

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from klik.nodes.child import NodeUnavailable
from klik.nodes.node import Node
from klik.nodes.ports import accepts


class Store(Node):
    """A store that keeps journaled writes over `kill()`, without users and passwords.

    Raises `NodeUnavailable` when neither mongod nor SecantusDB is installed.
    """

    name = "store"
    kind: Literal["mongod", "secantusdb"]

    def __init__(self, data: Path, port: int | None = None) -> None:
        super().__init__(data, port)
        if mongod := shutil.which("mongod"):
            self.kind, self._program = "mongod", mongod
        elif secantusd := _secantusd():
            self.kind, self._program = "secantusdb", secantusd
        else:
            raise NodeUnavailable(
                "no MongoDB-protocol store on this host: pip install SecantusDB, or install mongod"
            )

    @property
    def url(self) -> str:
        """Where clients connect. Without `directConnection` a driver would look for a set."""
        return f"mongodb://127.0.0.1:{self.port}/?directConnection=true"

    def _launch(self) -> None:
        # The two cannot read each other's files, and mongod may get installed between two runs.
        files = self.data / self.kind
        files.mkdir(exist_ok=True)
        if self.kind == "mongod":
            options = ["--dbpath", str(files), "--bind_ip", "127.0.0.1", "--nounixsocket"]
        else:
            # An empty one of ours; else it would read a file of the user's or the host's.
            config = self.data / "secantusd.toml"
            config.touch()
            options = ["--config", str(config), "--storage-path", str(files)]
            options += ["--host", "127.0.0.1", "--standalone"]
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


def _secantusd() -> str | None:
    # First the one that was installed with us: our environment need not be on the PATH.
    beside_python = Path(sys.executable).parent
    return shutil.which("secantusd-py", path=beside_python) or shutil.which("secantusd-py")
