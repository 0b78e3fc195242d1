"""The typed clients in `clients/`, made of the OpenAPI documents by others' generators.

`make clients` writes them; what is not named here is written by hand and stays. Needs npm, and the
packages that `clients/python/generator.lock` and `clients/typescript/package-lock.json` pin.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.messaging.topology import SERVICES

#: Seconds for a package manager or a generator on a busy machine.
TOOL_SECONDS = 240.0
#: How openapi-python-client takes what is a file: its own word for "bytes". Its last steps are
#: ruff's, which is not to go by the rules of the project around it.
_CONFIG = """
content_type_overrides:
  application/vnd.apache.parquet: application/octet-stream
  application/vnd.openxmlformats-officedocument.spreadsheetml.sheet: application/octet-stream
post_hooks:
  - ruff check --isolated --fix --extend-select=I .
  - ruff format --isolated .
"""


class NotMade(Exception):
    """A generator is missing, failed or took too long; the message says what it printed."""


def generate(folder: Path, openapi: Path) -> None:
    """Make what is generated in `folder` anew; `openapi`: the documents. Raises `NotMade`."""
    folder, openapi = folder.resolve(), openapi.resolve()
    with TemporaryDirectory() as temporary:
        config = Path(temporary) / "config.yml"
        config.write_text(_CONFIG)
        for service in SERVICES:
            _python(folder / "python", config, openapi / f"{service}.json", service)
    _typescript(folder / "typescript", openapi)


def generated(folder: Path) -> dict[str, bytes]:
    """The files that `generate` answers for, by their path in `folder`."""
    python = (folder / "python" / "klik_desa" / service for service in SERVICES)
    found = [path for one in python for path in one.rglob("*") if path.suffix == ".py"]
    found += (folder / "typescript").glob("*.d.ts")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(found)}


def _python(folder: Path, config: Path, document: Path, service: str) -> None:
    target = folder / "klik_desa" / service
    shutil.rmtree(target, ignore_errors=True)
    # an environment of its own: the generator needs an older command-line library than we
    uv = str(Path(sys.executable).parent / "uv")
    _run(
        *(uv, "run", "--isolated", "--no-project", "--python", sys.executable),
        *("--with-requirements", str(folder / "generator.lock")),
        *("openapi-python-client", "generate", "--meta", "none", "--fail-on-warning"),
        *("--path", str(document), "--config", str(config), "--output-path", str(target)),
        cwd=folder,
    )


def _typescript(folder: Path, openapi: Path) -> None:
    if shutil.which("npm") is None:
        raise NotMade("npm is not on this host: apt-get install npm")
    _run("npm", "ci", "--no-audit", "--no-fund", cwd=folder)
    for service in SERVICES:
        document = str(openapi / f"{service}.json")
        _run("npx", "openapi-typescript", document, "-o", f"{service}.d.ts", cwd=folder)


def _run(*command: str, cwd: Path) -> None:
    try:
        subprocess.run(
            command,
            cwd=cwd,
            env={**os.environ, "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TOOL_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise NotMade(f"{command[0]} took more than {TOOL_SECONDS:.0f} s") from None
    except subprocess.CalledProcessError as failed:
        raise NotMade(f"{' '.join(command)}\n{failed.stdout.decode()[-4000:]}") from None
    except OSError as missing:
        raise NotMade(f"{command[0]}: {missing.strerror}") from None
