"""What `docs/` publishes is what the code does."""

from pathlib import Path

import pytest

from klik.contracts import docs

FOLDER = Path(__file__).parents[2] / "docs"
DOCUMENTS = docs.documents()


@pytest.mark.parametrize("path", DOCUMENTS)
def test_published_document_is_current(path: str) -> None:
    published = FOLDER / path

    assert published.exists(), f"docs/{path} is missing: run `make docs`"
    assert published.read_text(encoding="utf-8") == docs.text(DOCUMENTS[path]), (
        f"docs/{path} differs from the code: run `make docs`, and look at what changed: "
        "others rely on it"
    )


def test_nothing_is_published_that_is_gone() -> None:
    wanted = {FOLDER / path for path in DOCUMENTS}

    assert set(docs.generated(FOLDER)) <= wanted, "run `make docs`"


def test_documents_are_the_same_each_time() -> None:
    again = docs.documents()

    assert {path: docs.text(again[path]) for path in again} == {
        path: docs.text(DOCUMENTS[path]) for path in DOCUMENTS
    }


def test_writing_repairs_a_folder_and_then_finds_nothing_to_do(tmp_path: Path) -> None:
    docs.write(tmp_path)
    stale, gone = tmp_path / "asyncapi.json", tmp_path / "schemas" / "klikdesa.gone.v1.json"
    stale.write_text("{}\n")
    gone.write_text("{}\n")
    (tmp_path / "decisions").mkdir()
    (tmp_path / "decisions" / "0001-kept.md").write_text("by hand\n")

    assert docs.write(tmp_path) == [stale, gone]
    assert docs.write(tmp_path) == []
    assert (tmp_path / "decisions" / "0001-kept.md").exists()
    assert not gone.exists()
