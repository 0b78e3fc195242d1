"""`.venv-bench`: what only the peers need, apart from the system's own environment."""

import hashlib
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from klik.local.processes import ROOT

FOLDER = ROOT / ".venv-bench"
PEERS = ("celery", "dramatiq", "taskiq", "taskiq-aio-pika")
LOCK = ROOT / "bench" / "requirements.lock"


def peers_python(console: Console) -> str:
    """Its interpreter; made, or made anew, where it does not hold what is pinned.

    Raises `subprocess.CalledProcessError` where the packages cannot be had.
    """
    python, ready = FOLDER / "bin" / "python", FOLDER / "ready"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not ready.exists() or ready.read_text() != wanted:
        console.print(f"making {FOLDER.name} with what {LOCK.relative_to(ROOT)} pins")
        uv = str(Path(sys.executable).with_name("uv"))
        for command in (
            ["venv", "--quiet", "--clear", "--python", sys.executable, str(FOLDER)],
            ["pip", "install", "--quiet", "--python", str(python), "-r", str(LOCK)],
        ):
            subprocess.run([uv, *command], check=True)  # noqa: S603 - pinned, by our own uv
        ready.write_text(wanted)
    return str(python)


def pinned() -> dict[str, str]:
    """The versions of the peers themselves."""
    lines = (line.split()[0].split("==") for line in LOCK.read_text().splitlines())
    return {name: number for name, number in lines if name in PEERS}
