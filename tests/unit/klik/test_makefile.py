"""`make setup` where Python has no venv, as on a bare Debian: installed, or the command said."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from klik.local.processes import ROOT

#: A Python without venv until apt-get was here, and with nothing that needs the internet.
PYTHON = """#!/bin/sh
case "$*" in
  *ensurepip*) test -e installed || {{ echo "No module named 'ensurepip'" >&2; exit 1; }} ;;
  "-m venv"*) mkdir -p .venv/bin; for name in pip uv; do ln -s /bin/true .venv/bin/$name; done ;;
  *) exec {python} "$@" ;;
esac
"""
APT_GET = """#!/bin/sh
echo "$@" >>apt-get.log
case "$*" in *install*) touch installed ;; esac
"""
VENV = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout on a host of that kind."""
    for name in ("Makefile", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    program(tmp_path / "bin" / "python3", PYTHON.format(python=sys.executable))
    program(tmp_path / "bin" / "apt-get", APT_GET)
    return tmp_path


def program(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def set_up(bare: Path, user: int) -> subprocess.CompletedProcess[str]:
    program(bare / "bin" / "id", f"#!/bin/sh\necho {user}\n")
    env = {"PATH": f"{bare}/bin:/usr/bin:/bin", "HOME": str(bare)}
    return subprocess.run(
        ["make", "setup"], cwd=bare, env=env, capture_output=True, text=True, timeout=60
    )


def test_setup_installs_venv_when_root_has_apt_get(bare: Path) -> None:
    done = set_up(bare, user=0)
    assert done.returncode == 0, done.stdout + done.stderr
    log = (bare / "apt-get.log").read_text().splitlines()
    assert [line.split()[-1] for line in log] == ["update", VENV]
    assert f"installing {VENV}" in done.stdout


def test_setup_says_the_one_command_when_others_must_install(bare: Path) -> None:
    done = set_up(bare, user=1000)
    assert done.returncode != 0
    assert f"sudo apt-get install {VENV}" in done.stdout
    assert not (bare / "apt-get.log").exists()
    assert "No module named" not in done.stderr, "a traceback is no answer"


def test_setup_installs_nothing_when_venv_is_there(bare: Path) -> None:
    (bare / "installed").touch()
    assert set_up(bare, user=0).returncode == 0
    assert not (bare / "apt-get.log").exists()
