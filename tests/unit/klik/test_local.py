"""`klik run`: which ports its services get, and what it tells commands typed beside it."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from klik.local import run
from klik.local.processes import PortTaken
from klik.local.residence import InUse, alone_in, tell
from shared.messaging.topology import SERVICES
from shared.settings import BESIDE, Connections


class Process:
    """A service whose usual port somebody takes between the look and its start."""

    stolen = frozenset({8002, 8004})

    def __init__(self, name: str, env: dict[str, str], log: Path, port: int) -> None:
        self.name, self.env, self.log, self.port = name, env, log, port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None: ...

    def wait_ready(self) -> None:
        if self.port in self.stolen:
            raise PortTaken(self)  # type: ignore[arg-type]


def test_services_know_each_other_when_ports_are_taken_while_they_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "ServiceProcess", Process)
    monkeypatch.setattr(run, "stop_all", lambda _: None)
    monkeypatch.setattr(run, "port_is_free", lambda _: True)
    said = io.StringIO()
    (tmp_path / "logs").mkdir()
    everyones = {"KLIK_AMQP_URL": "amqp://admin@a/"}
    own = {name: {"KLIK_AMQP_URL": f"amqp://{name}@a/"} for name in SERVICES}
    console = Console(file=said, width=200)
    with run.started_services(tmp_path, everyones, own, 8080, console) as services:
        ports = {one.name: one.port for one in services}
        assert (ports["intake"], ports["notify"]) == (8001, 8003)
        assert not {ports["routing"], ports["reporting"]} & Process.stolen
        told = (tmp_path / "klik.env").read_text()
        assert "KLIK_AMQP_URL='amqp://admin@a/'\n" in told, "tools are the operator's"
        for one in services:
            assert one.env["KLIK_AMQP_URL"] == f"amqp://{one.name}@a/"
            assert one.env["KLIK_PUBLIC_URL"] == "http://127.0.0.1:8080"
            for name in SERVICES:
                assert one.env[f"KLIK_{name.upper()}_URL"] == f"http://127.0.0.1:{ports[name]}"
                assert f"KLIK_{name.upper()}_URL='http://127.0.0.1:{ports[name]}'\n" in told
    for name, port in (("routing", 8002), ("reporting", 8004)):
        assert f"Port {port} is taken: {name} gets another one." in said.getvalue()


def test_folder_is_free_again_when_its_system_has_ended(tmp_path: Path) -> None:
    for _ in range(2):
        with alone_in(tmp_path):
            tell(tmp_path, {})
            with pytest.raises(InUse, match="is in use by another"), alone_in(tmp_path):
                pass
            assert (tmp_path / BESIDE.name).exists(), "the second one takes nothing away"
        assert not (tmp_path / BESIDE.name).exists()


@pytest.mark.parametrize("password", ["plain", "it's", "a\\b'c", "#x y", "${HOME}", "é"])
def test_tool_reads_what_was_told_when_a_password_has_odd_characters(
    password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KLIK_AMQP_PASSWORD", password)
    monkeypatch.setenv("KLIK_MONGO_PREFIX", "other")
    BESIDE.parent.mkdir()
    tell(BESIDE.parent, {"KLIK_AMQP_URL": "amqp://klik@a/", "KLIK_MONGO_URL": "mongodb://b/"})
    assert BESIDE.stat().st_mode & 0o077 == 0
    monkeypatch.delenv("KLIK_AMQP_PASSWORD")
    monkeypatch.delenv("KLIK_MONGO_PREFIX")
    found = Connections.load_beside()
    assert found.amqp_password is not None
    assert found.amqp_password.get_secret_value() == password
    assert (found.mongo_prefix, found.mongo_dsn) == ("other", "mongodb://b/")
    assert Connections.load().amqp_password is None, "services do not read it"


@pytest.mark.parametrize("given", [{}, {"KLIK_AMQP_URL": "amqp://a/"}])
def test_tool_asks_which_system_is_meant_when_nothing_says_so(
    given: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        Connections.load_beside()
    said = capsys.readouterr().err
    assert "KLIK_MONGO_URL: missing\n" in said
    assert ("KLIK_AMQP_URL: missing\n" in said) is not bool(given)
    assert "make run" in said
