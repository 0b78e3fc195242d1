"""What README, the guides and operations.md give people to type, as it stands there.

A block of commands says after `bash` where it is typed:

    bash                 beside `make run`, in its folder: `tests/e2e/test_run_here.py`
    bash docker          beside Docker Compose: `tests/e2e/test_compose_smoke.py`
    bash not-typed: why  nowhere
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from klik.local.processes import ROOT
from shared.times import local, utc_now

GUIDES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs/guides").glob("*.md"))
PAGES = ("README.md", "CONTRIBUTING.md", "docs/benchmarks.md", "docs/operations.md", *GUIDES)

HERE = ""
DOCKER = "docker"
NOT_TYPED = "not-typed: "


@dataclass(frozen=True)
class Block:
    page: str
    language: str
    #: What follows the language on the first line.
    info: str
    text: str


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page that name a language."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for language, info, body in re.findall(
        r"^```(\w+) ?([^\n]*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE
    ):
        yield Block(page, language, info, body)


def typed(page: str, where: str) -> str:
    """Everything that the page has typed there, in its order.

    Days are yesterday where a command asks for those of the events: the page's may be to come.
    """
    yesterday = f"{local(utc_now() - timedelta(days=1)):%Y-%m-%d}"
    script = "".join(
        one.text for one in blocks(page) if (one.language, one.info) == ("bash", where)
    )
    return re.sub(r"(?<=--since )\d{4}-\d\d-\d\d", yesterday, script)


def commands(start: str, where: str) -> list[str]:
    """The lines of all pages that begin so, each once, in their order."""
    lines = (line for page in PAGES for line in typed(page, where).splitlines())
    found = (re.split(r"\s+# ", line)[0].strip() for line in lines if line.startswith(start))
    return list(dict.fromkeys(found))


def arguments(command: str, start: str) -> list[str]:
    """What comes after `start`."""
    return shlex.split(command.removeprefix(start))


def pages_typed(where: str) -> list[str]:
    return [page for page in PAGES if typed(page, where)]


def with_addresses(script: str, urls: dict[str, str]) -> str:
    """The script for a system that is elsewhere: usual address → its own."""
    for usual, url in urls.items():
        script = script.replace(usual, url)
    return script
