"""`klik signing`, as an operator types it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from klik.__main__ import app
from klik.local.secrets import make_secrets
from klik.secret_files.shares import EVENT_KEYS
from shared.messaging.signing import EventKeys
from shared.messaging.topology import PAIRS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # the system of the checkout is not to hear of it
    make_secrets(tmp_path / "secrets", passwords=False, keys_in=tmp_path)
    return tmp_path / "secrets"


def klik(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["signing", *arguments, "--secrets", str(folder)])


def kept(folder: Path) -> EventKeys:
    return EventKeys.parse((folder / EVENT_KEYS).read_text())


def ids(folder: Path) -> set[tuple[str, ...]]:
    return {tuple(of_pair) for of_pair in kept(folder).pairs.values()}


def test_each_pair_has_a_key_of_its_own(folder: Path) -> None:
    pairs = kept(folder).pairs
    assert pairs.keys() == PAIRS
    assert len({of_pair["e1"] for of_pair in pairs.values()}) == len(PAIRS)


def test_rotated_keys_sign_and_the_old_ones_are_taken_until_they_are_retired(folder: Path) -> None:
    before = kept(folder).pairs
    assert "signs from now on: e2" in klik(folder, "rotate").output
    assert ids(folder) == {("e2", "e1")}
    assert all(of_pair["e1"] == before[pair]["e1"] for pair, of_pair in kept(folder).pairs.items())
    listed = klik(folder, "list").output
    assert "e2  signs" in listed
    assert "e1  is taken" in listed
    assert "taken no more: e1" in klik(folder, "retire", "e1").output
    assert ids(folder) == {("e2",)}
    assert (folder / EVENT_KEYS).stat().st_mode & 0o777 == 0o600


def test_keys_in_wrong_hands_go_at_once(folder: Path) -> None:
    klik(folder, "rotate")
    assert "e3" in klik(folder, "rotate", "--drop-old").output
    assert ids(folder) == {("e3",)}


@pytest.mark.parametrize(
    ("id_", "said"), [("e1", "first `klik signing rotate`"), ("e7", "no key e7")]
)
def test_what_cannot_be_retired_is_said_and_nothing_changes(
    folder: Path, id_: str, said: str
) -> None:
    before = kept(folder)
    result = klik(folder, "retire", id_)
    assert (result.exit_code, kept(folder)) == (1, before)
    assert said in result.output


@pytest.mark.parametrize("command", [["list"], ["rotate"], ["retire", "e1"]])
def test_without_keys_it_says_how_to_make_them(tmp_path: Path, command: list[str]) -> None:
    result = klik(tmp_path, *command)
    assert result.exit_code == 1
    assert "klik secrets" in result.output


def test_pairs_that_are_new_get_a_key_and_the_others_keep_theirs(folder: Path) -> None:
    klik(folder, "rotate")
    whole = kept(folder)
    missing = ("routing", "notify")
    less = EventKeys({pair: of for pair, of in whole.pairs.items() if pair != missing})
    (folder / EVENT_KEYS).write_text(less.text())
    assert make_secrets(folder, passwords=False, keys_in=folder.parent) == [EVENT_KEYS]
    after = kept(folder).pairs
    assert list(after[missing]) == ["e2"]
    assert {pair: of for pair, of in after.items() if pair != missing} == less.pairs
