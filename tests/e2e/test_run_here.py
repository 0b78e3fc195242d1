"""`make run` as it is used: commands typed beside it, others on its ports, how it is stopped."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import aio_pika
import httpx
import pymongo
import pytest
from pymongo.errors import OperationFailure

from klik.gateway.node import PORT
from klik.local.processes import ROOT, ServiceFailed, ServiceProcess
from klik.local.run import PORTS
from klik.local.secrets import make_secrets
from klik.nodes import NodeUnavailable, Rabbit, Store
from klik.nodes.child import wait_until
from shared.logs import traceparent
from shared.messaging import topology
from shared.messaging.envelope import Envelope
from shared.messaging.reliability import REASON
from tests.support.backends import unavailable
from tests.support.builders import submitted
from tests.support.typed import HERE, commands, pages_typed, typed, with_addresses

pytestmark = pytest.mark.integration

STARTED = 180.0
#: Everything that one page gives to type: the runbook has two dozen commands.
PAGE = 600.0
#: Between SIGINT and the end of everything.
STOPPED = 60.0
COMMAND = 120.0

#: Named in texts rather than in blocks.
ALSO = (
    "python -m klik secrets .data/secrets",
    "python -m klik seed --consultations 50",
)


class Stranger:
    """What is on our usual port: it says that it is ready, and keeps what it was asked."""

    def __init__(self, port: int) -> None:
        asked = self.asked = list[str]()

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.requestline)
                body = b'{"status": "ready", "checks": {}}'
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Answers)
        self.port = self._server.server_port
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Here:
    """A folder with a system of `klik run`, its ports taken by strangers before it came."""

    folder: Path
    process: "subprocess.Popen[bytes]"
    strangers: list[Stranger] = field(default_factory=list)

    def said(self) -> str:
        return (self.folder / "out").read_text()


def environment() -> dict[str, str]:
    """As a person's shell has it: nothing says which system is meant."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("KLIK_")}
    return ours | {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "TERM": "dumb"}


def run_here(folder: Path, *options: str) -> "subprocess.Popen[bytes]":
    """`klik run` as a script starts it in the background: with SIGINT ignored."""
    with (folder / "out").open("ab") as out:
        return subprocess.Popen(
            [
                "/bin/sh",
                "-c",
                'trap "" INT; exec "$@"',
                "sh",
                *(sys.executable, "-m", "klik", "run", *options),
            ],
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    try:
        probe = tmp_path_factory.mktemp("probe")
        Rabbit(probe), Store(probe)
    except NodeUnavailable as missing:
        unavailable(str(missing))
    folder = tmp_path_factory.mktemp("here")
    with ExitStack() as stack:
        strangers = list[Stranger]()
        for port in (PORT, *PORTS.values()):
            try:
                strangers.append(Stranger(port))
                stack.callback(strangers[-1].close)
            except OSError:  # somebody has it already, which will do
                continue
        process = run_here(folder)
        found = Here(folder, process, strangers)
        try:
            started = wait_until(
                lambda: "Running until Ctrl-C." in found.said() or process.poll() is not None,
                STARTED,
            )
            assert started, found.said()
            assert process.poll() is None, found.said()
            yield found
        finally:
            process.terminate()
            try:
                process.wait(STOPPED)
            finally:
                process.kill()


async def park(amqp_url: str) -> str:
    """Put an event aside; its id."""
    event = submitted()
    letter = Envelope.of(event, traceparent())
    message = letter.message("intake")
    message.headers[REASON] = "attempts_exhausted"
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await channel.default_exchange.publish(message, topology.parked_queue("routing"))
    return str(event.id)


#: Before what a page says: our interpreter under the names that pages use, and a refusal by HTTP is
#: a failure. What people would see is printed, command by command.
SHELL = """set -eu
python() {{ '{python}' "$@"; }}
python3() {{ '{python}' "$@"; }}
curl() {{ command curl --fail-with-body "$@"; }}
set -v
"""
#: Where a page says ID, in capitals and by itself, it is that of a parked message.
PARKED = re.compile(r"(?<=parked )(show|replay --id|discard --id) ID\b")


def typed_beside(here: Here, script: str) -> "subprocess.CompletedProcess[str]":
    """By the shell of a person who is in the folder of the system."""
    told = dict(re.findall(r"(\w+)='(.*)'", (here.folder / ".data" / "klik.env").read_text()))
    urls = {
        f"http://127.0.0.1:{port}": told[f"KLIK_{name.upper()}_URL"] for name, port in PORTS.items()
    }
    urls[f"http://127.0.0.1:{PORT}"] = told["KLIK_PUBLIC_URL"]

    def parked(found: re.Match[str]) -> str:
        return f"{found[1]} {asyncio.run(park(told['KLIK_AMQP_URL']))}"

    script = PARKED.sub(parked, with_addresses(script, urls))
    return subprocess.run(
        ["timeout", f"{PAGE:.0f}", "/bin/bash", "-c", SHELL.format(python=sys.executable) + script],
        cwd=here.folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("page", pages_typed(HERE))
def test_blocks_of_a_page_work_when_typed_beside_it(here: Here, page: str) -> None:
    done = typed_beside(here, typed(page, HERE))
    assert done.returncode == 0, done.stdout[-3000:]


def test_commands_named_in_texts_work_when_typed_beside_it(here: Here) -> None:
    done = typed_beside(here, "\n".join(ALSO))
    assert done.returncode == 0, done.stdout[-3000:]


def test_pages_say_how_to_tend_reports_and_parked_messages() -> None:
    given = commands("python -m klik ", HERE)
    assert {"verify", "rebuild", "resend"} <= {
        line.split()[4] for line in given if "klik reporting" in line
    }
    assert any("parked replay" in line for line in given)


def test_commands_ask_nobody_else_when_strangers_have_the_usual_ports(here: Here) -> None:
    """After the commands above, and the start itself."""
    for name, port in {**PORTS, "the gateway": PORT}.items():
        assert f"Port {port} is taken: {name} gets another one." in here.said()
    assert [line for stranger in here.strangers for line in stranger.asked] == []


def test_one_address_is_said_first_and_has_everything(here: Here) -> None:
    found = re.search(r"log only: nobody .*?\n\s+(\w+)\s+(http://\S+)\n", here.said(), re.DOTALL)
    assert found is not None, here.said()
    name, url = found.groups()
    assert name == "everything"
    for path in ("/", "/lacak", "/docs/notify/", "/v1/open/overview"):
        assert httpx.get(url + path, trust_env=False).status_code == 200, path
    assert httpx.get(url + "/v1/accepted", trust_env=False).status_code == 404


def test_store_is_open_to_nobody_who_does_not_log_in(here: Here) -> None:
    told = dict(re.findall(r"(\w+)='(.*)'", (here.folder / ".data" / "klik.env").read_text()))
    url = told["KLIK_MONGO_URL"]
    with pymongo.MongoClient[dict[str, object]](url) as administrator:
        assert administrator.klik_intake.consultations.find_one()
    nobody = re.sub("//.*@", "//", url).replace("authSource=admin&", "")
    with (
        pymongo.MongoClient[dict[str, object]](nobody) as client,
        pytest.raises(OperationFailure, match=r"(?i)auth"),
    ):
        client.klik_intake.consultations.find_one()


def test_second_system_says_that_the_folder_is_in_use(here: Here) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "klik", "run", "--once"],
        cwd=here.folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=COMMAND,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert f"{here.folder / '.data'} is in use by another `klik run`" in said
    assert "Traceback" not in said
    assert here.process.poll() is None


@pytest.mark.parametrize("elsewhere", [True, False])
def test_commands_say_of_which_system_they_need_to_know(here: Here, elsewhere: bool) -> None:
    """In a folder without one they ask nobody: the usual ports may be anybody's."""
    for arguments in (["parked", "list"], ["reporting", "verify"]):
        done = subprocess.run(
            [sys.executable, "-m", "klik", *arguments],
            cwd=here.folder.parent if elsewhere else here.folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=COMMAND,
        )
        assert (done.returncode, "make run" in done.stderr) == (
            (2, True) if elsewhere else (0, False)
        )


def test_sigint_stops_it_when_a_script_started_it_in_the_background(here: Here) -> None:
    here.process.send_signal(signal.SIGINT)
    ended = wait_until(lambda: here.process.poll() is not None, STOPPED)
    assert ended, "SIGINT was ignored"
    assert here.process.returncode == 0, here.said()
    assert "Traceback" not in here.said()
    assert not (here.folder / ".data" / "klik.env").exists()


def test_service_is_not_ready_when_a_stranger_answers_on_its_port(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets", passwords=False)
    stranger = Stranger(0)
    env = {"KLIK_SECRETS_DIR": str(tmp_path / "secrets")}
    routing = ServiceProcess("routing", env, tmp_path / "routing.log", stranger.port)
    routing.start()
    try:
        failure = ""
        try:
            routing.wait_ready()
        except ServiceFailed as error:
            failure = str(error)
        assert f"port {stranger.port}" in failure, "it took the stranger for its own process"
    finally:
        routing.kill()
        stranger.close()
