"""Every path that a document, a docstring or a comment names exists, and so does every link.

A path is read from the repository's root, from the folder of the file that names it, or from the
service around that file. In a document a bare name may also follow a path, in the same paragraph,
item or table row: then it is in that path's folder or service.
"""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.typed import DOCKER, HERE, NOT_TYPED, PAGES, Block, blocks

ROOT = Path(__file__).parents[2]

TOP = "services|shared|klik|tests|docs|bench|deploy|\\.ci"
ENDING = "py|md|jsonl?|csv|html|css|js|ts|txt|sh|svg|png|ya?ml|toml|conf|lock"
#: In backticks, whole: a file by its ending, a folder by its slash.
QUOTED = re.compile(rf"[\w.-][\w./-]*\.(?:{ENDING})|(?:{TOP})/(?:[\w.-]+/?)*")
#: In plain text: only what begins at a folder of the root, a decision also by its number.
PLAIN = re.compile(rf"(?<![\w./<`-])(?:{TOP})/[\w./<>*{{}}…-]*[\w>*}}…/]")
DECISION = re.compile(r"docs/decisions/(\d{4})")
LINK = re.compile(r"\]\(([^)\s]+)\)")
#: Which is no path but a pattern for many.
PLACEHOLDER = re.compile(r"[<>*{}…]")

#: What a run makes, and an example of the name that a download gets.
NOT_HERE = {
    "keys.json",
    "klik.env",
    "konsultasi-per-kecamatan-month_2026-01-01_2026-03-31.csv",
}
#: Folders whose documents name files of other projects, and the record of what was.
ELSEWHERE = re.compile(r"SOURCES\.md$|/vendor/|^CHANGELOG\.md$|^tests/data/")


class Named(NamedTuple):
    file: str
    line: int
    path: str
    #: Folders in which a bare name is looked for first.
    near: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}"


def tracked(*patterns: str) -> list[str]:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [one for one in found.splitlines() if (ROOT / one).exists()]


def documents() -> list[str]:
    return [one for one in tracked("*.md") if not ELSEWHERE.search(one)]


def paths_in(text: str) -> Iterator[str]:
    for quoted in re.findall(r"`([^`]+)`", text):
        if QUOTED.fullmatch(quoted):
            yield quoted
    # what is quoted with more around it, and what is not quoted
    yield from PLAIN.findall(text)


def named_in_document(file: str, text: str) -> Iterator[Named]:
    """Block by block: a paragraph, an item of a list or a row of a table."""
    near: tuple[str, ...] = ()
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            fenced = not fenced
        if not line.strip() or line.lstrip().startswith(("|", "- ", "#")) or fenced:
            near = ()
        for path in dict.fromkeys(paths_in(line)):
            yield Named(file, number, path, near)
            if "/" in path and (ROOT / path).exists():
                folder = path if (ROOT / path).is_dir() else str(Path(path).parent)
                near = (folder, wing(path))


def named_in_code(file: str, text: str) -> Iterator[Named]:
    """In docstrings and comments."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            said = ast.get_docstring(node, clean=False)
            first = node.body[0].lineno if said else 0
            for number, line in enumerate((said or "").splitlines(), first):
                yield from (Named(file, number, path) for path in dict.fromkeys(paths_in(line)))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            for path in dict.fromkeys(paths_in(token.string)):
                yield Named(file, token.start[0], path)


def wing(file: str) -> str:
    """The service around a file, or the folder of the root that it is in."""
    parts = Path(file).parts
    return "/".join(parts[:2] if parts[0] == "services" else parts[:1])


def exists(named: Named) -> bool:
    path = named.path.removesuffix(".")
    if path in NOT_HERE or PLACEHOLDER.search(path):
        return True
    if decision := DECISION.fullmatch(path):
        return any((ROOT / "docs/decisions").glob(f"{decision[1]}-*.md"))
    folders = (".", str(Path(named.file).parent), wing(named.file), *named.near)
    return any((ROOT / folder / path).exists() for folder in folders)


def named() -> Iterator[Named]:
    for file in documents():
        yield from named_in_document(file, (ROOT / file).read_text(encoding="utf-8"))
    for file in tracked("*.py"):
        yield from named_in_code(file, (ROOT / file).read_text(encoding="utf-8"))


def test_every_named_path_exists() -> None:
    assert [str(one) for one in named() if not exists(one)] == []


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{file}:{number}: {target}"
        for file in documents()
        for number, line in enumerate((ROOT / file).read_text(encoding="utf-8").splitlines(), 1)
        for target in LINK.findall(line)
        if not re.match(r"[a-z]+:", target) and not leads_somewhere(file, target)
    ]
    assert broken == []


def leads_somewhere(file: str, target: str) -> bool:
    path, _, anchor = target.partition("#")
    found = (ROOT / file).parent / path if path else ROOT / file
    if not anchor or not found.exists():
        return found.exists()
    return anchor in anchors(found.read_text(encoding="utf-8"))


def anchors(text: str) -> set[str]:
    """Of its headings, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


EVERY_BLOCK = [one for page in PAGES for one in blocks(page)]


def by_place(block: Block) -> str:
    return f"{block.page}: {block.text.splitlines()[0]}"


def test_every_block_of_commands_says_where_it_is_typed() -> None:
    """By a word that `tests/support/typed.py` knows: what no test types gives its reason."""
    shells = [one for one in EVERY_BLOCK if one.language in ("bash", "sh", "shell", "console")]
    astray = [
        by_place(one)
        for one in shells
        if one.language != "bash"
        or (one.info not in (HERE, DOCKER) and not re.match(NOT_TYPED + r"\w", one.info))
    ]
    assert len(shells) > 10
    assert astray == []


def test_every_block_of_python_can_be_read() -> None:
    for block in (one for one in EVERY_BLOCK if one.language == "python"):
        ast.parse(block.text, by_place(block))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("decided in `shared/messaging/retry.py`, done by `gone.py`", ["gone.py"]),
        ("see docs/decisions/0001 and docs/decisions/9999", ["docs/decisions/9999"]),
        ("in `services/<name>/api.py`, `tests/*.py` and `docs/…`", []),
        ("in `services/routing/domain/case.py` and `clocks.py`", []),
        ("in `clocks.py`", ["clocks.py"]),
        ("in `tests/gone/`", ["tests/gone/"]),
    ],
)
def test_missing_path_is_found_when_it_is_named(text: str, found: list[str]) -> None:
    assert [one.path for one in named_in_document("README.md", text) if not exists(one)] == found
