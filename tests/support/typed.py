"""What README and operations.md give people to type, as it stands there."""

import re
import shlex
from collections.abc import Iterator
from datetime import timedelta

from klik.local.processes import ROOT
from shared.times import local, utc_now

PAGES = ("README.md", "docs/operations.md")


def commands(start: str) -> list[str]:
    """The lines that begin so in a block to be typed, each once, in their order.

    Days in them are yesterday: those of the pages may be to come.
    """
    yesterday = f"{local(utc_now() - timedelta(days=1)):%Y-%m-%d}"
    found = (line for line in _lines() if line.startswith(start))
    return list(dict.fromkeys(re.sub(r"\d{4}-\d\d-\d\d(?=T| |$)", yesterday, one) for one in found))


def _lines() -> Iterator[str]:
    for page in PAGES:
        for block in re.findall(r"```bash\n(.*?)```", (ROOT / page).read_text(), re.DOTALL):
            for line in block.splitlines():
                yield re.split(r"\s+# ", line)[0].strip()


def arguments(command: str, start: str) -> list[str]:
    """What comes after `start`."""
    return shlex.split(command.removeprefix(start))
