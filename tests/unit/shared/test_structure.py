"""The house: folders that say what they are, are seen at a glance, and lean one way."""

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ("bench", "klik", "services", "shared", "tests")
#: Python files in a folder that are still seen at a glance.
MOST_FILES = 14


def folders() -> list[Path]:
    found = {file.parent for package in PACKAGES for file in (ROOT / package).rglob("*.py")}
    return sorted(found)


def named(folder: Path) -> str:
    return str(folder.relative_to(ROOT))


@pytest.mark.parametrize("folder", folders(), ids=named)
def test_folder_has_few_files_when_they_are_counted(folder: Path) -> None:
    files = sorted(one.name for one in folder.glob("*.py"))
    assert len(files) <= MOST_FILES, f"{named(folder)} wants folders of its own: {files}"


@pytest.mark.parametrize("init", sorted(ROOT.glob("[bkst]*/**/__init__.py")), ids=named)
def test_package_says_in_one_line_what_it_is_when_it_is_opened(init: Path) -> None:
    said = ast.get_docstring(ast.parse(init.read_text())) or ""
    first, _, rest = said.partition("\n")
    assert first.endswith("."), f"{named(init)} says {first!r}"
    assert rest[:1] in ("", "\n"), f"{named(init)} says more than a line at once"


@cache
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("services", "shared", "klik", cache_dir=None)


def room(module: str) -> str:
    """The folder of a module; itself where it stands among folders, as a service's `main`."""
    if module in packages():
        return module
    parent = module.rpartition(".")[0]
    return module if any(one.startswith(f"{parent}.") for one in packages()) else parent


@cache
def packages() -> frozenset[str]:
    inits = (ROOT.glob(f"{package}/**/__init__.py") for package in ("services", "shared", "klik"))
    return frozenset(".".join(one.parent.relative_to(ROOT).parts) for some in inits for one in some)


def test_folders_lean_one_way_when_they_import_each_other() -> None:
    graph, arrows = imports(), dict[str, set[str]]()
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            if room(module) != room(imported):
                arrows.setdefault(room(module), set()).add(room(imported))
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        pytest.fail(f"a circle of folders: {circle}")
