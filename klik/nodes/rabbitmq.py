"""A private RabbitMQ node, apart from any other one on the host, and its installation."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from klik.nodes.child import NodeDidNotStart, NodeUnavailable, wait_until
from klik.nodes.node import Node
from klik.nodes.ports import accepts, free_port

INSTALL_SECONDS = 600.0
EPMD_SECONDS = 10.0
CTL_SECONDS = 30.0
INSTALL_HINT = "RabbitMQ is not on this host: apt-get install rabbitmq-server"

# The same in every run, because the node's files are kept under its name. It is unique among
# the nodes of one name server (epmd), and every node here has its own.
NODE_NAME = "klik@localhost"

ADMIN = "guest"

CONFIG = """\
listeners.tcp.local = 127.0.0.1:{port}
disk_free_limit.absolute = 50MB
raft.wal_max_size_bytes = 64000000
log.console.level = info
"""

#: Read at each start, before anybody is let in.
LOAD_DEFINITIONS = "load_definitions = {path}\n"
EVERYTHING = {"vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}

# `very_short` instead of RabbitMQ's `none`: while it boots, the VM hands 50 000 file look-ups
# from thread to thread, and with threads that sleep at once each costs two wake-ups. That
# halves the time to start and leaves the idle node below half a percent of a core.
# `-sname` starts the distribution with the VM; else the boot code runs a second VM only to
# wake epmd.
ERL_ARGS = (
    "+S 2:2 +sbwt very_short +sbwtdcpu none +sbwtdio very_short"
    f" -sname {NODE_NAME} -start_epmd false"
    " -kernel inet_dist_use_interface {{127,0,0,1}}"
    " -kernel inet_dist_listen_min {dist_port} -kernel inet_dist_listen_max {dist_port}"
)

AMQP_HEADER = b"AMQP\x00\x00\x09\x01"
CONNECTION_START = b"\x00\x0a\x00\x0a"  # class 10, method 10, after 7 octets of frame header


class Rabbit(Node):
    """A RabbitMQ node, run as the calling user.

    Its administrator, guest, comes in from this host only, by a password of its own, made with the
    node and kept beside its files. `definitions`: users and rights besides, in RabbitMQ's own
    format; what a node that was made before has otherwise is mended. `plugins`: none by default.

    With RabbitMQ 3.10 a quorum queue that was declared within the last second does not survive
    `kill()`: it has no leader afterwards (as in https://github.com/rabbitmq/ra/pull/443).

    Raises `NodeUnavailable` when RabbitMQ is not installed.
    """

    name = "RabbitMQ"

    def __init__(
        self,
        data: Path,
        port: int | None = None,
        *,
        config: str = CONFIG,
        definitions: Mapping[str, Sequence[Any]] | None = None,
        plugins: Sequence[str] = (),
    ) -> None:
        super().__init__(data, port)
        self._config = config
        self._definitions = definitions or {}
        self._plugins = plugins
        server, epmd = _find_server(), shutil.which("epmd")
        if server is None or epmd is None:
            raise NodeUnavailable(INSTALL_HINT)
        self._server, self._epmd = server, epmd
        self._dist_port, self._epmd_port = free_port(), free_port()
        self._password_file = self.data / "password"
        is_kept = self._password_file.exists()
        self._password = self._password_file.read_text() if is_kept else secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        """Where clients connect, as the administrator, on the default virtual host."""
        return self.url_of(ADMIN, self._password)

    def url_of(self, user: str, password: str) -> str:
        """The same for another user."""
        return f"amqp://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/"

    def ctl(self, *arguments: str, stdin: str = "") -> str:
        """Have the running node do something with `rabbitmqctl`; what that says.

        `stdin`: a secret that it asks for.

        Raises `subprocess.CalledProcessError` where it refuses.
        """
        done = subprocess.run(
            [str(Path(self._server).with_name("rabbitmqctl")), "-q", "-n", NODE_NAME, *arguments],
            env=self._env(),
            input=f"{stdin}\n",  # a line, as it is typed: half a one was seen to be missed
            capture_output=True,
            text=True,
            check=True,
            timeout=CTL_SECONDS,
        )
        return done.stdout

    def _launch(self) -> None:
        definitions = self.data / "definitions.json"
        self._keep_to_ourselves(self._password_file, self._password)
        self._keep_to_ourselves(definitions, json.dumps(self._all_definitions()))
        config = self._config.format(port=self.port) + LOAD_DEFINITIONS.format(path=definitions)
        (self.data / "rabbitmq.conf").write_text(config)
        (self.data / "enabled_plugins").write_text(f"[{','.join(self._plugins)}].\n")
        env = self._env()
        # In the foreground, as a child of ours: one that Erlang starts is a daemon and stays.
        self._spawn([self._epmd], "epmd.log", env)
        if not wait_until(lambda: accepts(self._epmd_port), EPMD_SECONDS):
            raise NodeDidNotStart(f"epmd did not answer on port {self._epmd_port}")
        self._spawn([self._server], "rabbitmq.log", env)

    def _all_definitions(self) -> dict[str, list[Any]]:
        admin = {"name": ADMIN, "password": self._password, "tags": "administrator"}
        own: dict[str, list[Any]] = {
            "vhosts": [{"name": "/"}],
            "users": [admin],
            "permissions": [{"user": ADMIN, **EVERYTHING}],
        }
        return {
            name: [*own.get(name, []), *self._definitions.get(name, [])]
            for name in own.keys() | self._definitions.keys()
        }

    @staticmethod
    def _keep_to_ourselves(path: Path, text: str) -> None:
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(text)

    def _env(self) -> dict[str, str]:
        """None of the host's settings, which are for its own node: not from our environment, and
        not from /etc/rabbitmq."""
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RABBITMQ_", "ERL_")) and name != "NOTIFY_SOCKET"
        }
        settings = {
            "NODENAME": NODE_NAME,
            "CONF_ENV_FILE": os.devnull,
            "CONFIG_FILE": str(self.data / "rabbitmq.conf"),
            "CONFIG_FILES": str(self.data / "conf.d" / "*.conf"),
            "ADVANCED_CONFIG_FILE": str(self.data / "advanced.config"),
            "ENABLED_PLUGINS_FILE": str(self.data / "enabled_plugins"),
            "MNESIA_BASE": str(self.data / "mnesia"),
            "LOG_BASE": str(self.data),
            "LOGS": "-",
            "PID_FILE": str(self.data / "pid"),
            "DIST_PORT": str(self._dist_port),
            "SERVER_ADDITIONAL_ERL_ARGS": ERL_ARGS.format(dist_port=self._dist_port),
        }
        env |= {f"RABBITMQ_{name}": value for name, value in settings.items()}
        return env | {
            "HOME": str(self.data),  # for the Erlang cookie
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_CRASH_DUMP_SECONDS": "0",
            # Makes the start script become the Erlang VM instead of watching over it, so that
            # the process we signal is the server.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as link:
                link.sendall(AMQP_HEADER)
                return link.recv(64)[7:11] == CONNECTION_START
        except OSError:
            return False


def ensure_rabbitmq_installed() -> None:
    """Install RabbitMQ where it is missing, which takes root and apt (Debian, Ubuntu).

    Raises `NodeUnavailable` where that cannot be done, or was not within ten minutes.
    """
    if _find_server() is not None:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NodeUnavailable(INSTALL_HINT)
    sys.stdout.write("RabbitMQ is not on this host: installing rabbitmq-server with apt-get\n")
    sys.stdout.flush()
    _apt_get("update")
    _apt_get("install", "--yes", "--no-install-recommends", "rabbitmq-server")
    # The package starts a service of its own. Without systemd, RUNLEVEL below has kept it down.
    if Path("/run/systemd/system").exists():
        subprocess.run(
            ["systemctl", "disable", "--now", "rabbitmq-server"], check=False, capture_output=True
        )


def _apt_get(*arguments: str) -> None:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    command = ["apt-get", "-qq", *arguments]
    try:
        done = subprocess.run(
            command,
            env=env,
            timeout=INSTALL_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except subprocess.TimeoutExpired as late:
        raise NodeUnavailable(f"{' '.join(command)}: not done in {late.timeout:.0f} s") from late
    if done.returncode != 0:
        raise NodeUnavailable(f"{INSTALL_HINT} (it failed here)\n{done.stdout[-1000:]}")


def _find_server() -> str | None:
    """The start script itself: Debian's wrapper on the PATH would switch to another user."""
    # A user's PATH need not have the folders of the administrator.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which("rabbitmq-server", path=path)
    if found is None:
        return None
    beside = Path(found).resolve().with_name("rabbitmq-server")
    return str(beside) if beside.exists() else found
