"""API keys: whose they are, until when, and how a changed keyring is taken in."""

import json
import logging
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.keys.followed_file import CHECK_SECONDS
from shared.web.api_keys import Keyring, KeyringFile, digest
from shared.web.permissions import Caller, Role, Scope
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.keys import key_row, keyring_text

LATER = NOON + timedelta(days=7)


def row(key: str = "key", **fields: Any) -> dict[str, Any]:
    return key_row("budi", key, Role.OFFICER, **{"territory": "64.02.06", **fields})


def ring(*rows: dict[str, Any], clock: Clock | None = None) -> Keyring:
    return Keyring.parse(json.dumps(rows), clock or Clock(NOON))


def test_a_key_is_its_owners() -> None:
    assert ring(row()).identify("key") == Caller("budi", Role.OFFICER, "64.02.06")


@pytest.mark.parametrize("key", ["", "Key", "key ", digest("key"), "é"])
def test_anything_else_is_nobodys(key: str) -> None:
    assert ring(row()).identify(key) is None
    assert ring().identify(key) is None


def test_a_key_works_until_it_expires() -> None:
    clock = Clock(LATER - timedelta(milliseconds=1))
    keyring = ring(row(expires_at=LATER.isoformat()), clock=clock)
    assert keyring.identify("key") is not None
    clock.now = LATER
    assert keyring.identify("key") is None


def test_a_revoked_key_is_refused_and_the_log_names_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "shared.web.api_keys")
    assert ring(row(revoked_at=NOON.isoformat())).identify("key") is None
    (line,) = caplog.records
    assert {"key": "budi", "reason": "revoked"}.items() <= vars(line).items()
    assert digest("key") not in str(vars(line))


def test_old_and_new_key_have_one_id_while_they_overlap() -> None:
    clock = Clock(NOON)
    keyring = ring(row("old", expires_at=LATER.isoformat()), row("new"), clock=clock)
    assert keyring.identify("old") == keyring.identify("new") is not None
    clock.now = LATER
    assert keyring.identify("old") is None
    assert keyring.identify("new") is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Invalid JSON"),
        ("{}", "valid array"),
        ('["GEHEIM"]', ", 0: "),
        (json.dumps([row() | {"sha256": "GEHEIM"}]), ", 0, sha256: "),
        (json.dumps([row() | {"role": "GEHEIM"}]), ", 0, role: "),
        (json.dumps([row(), row(expire_at="GEHEIM")]), ", 1, expire_at: "),
        (json.dumps([row(expires_at="2026-11-24T00:00:00")]), ", 0, expires_at: "),
        (json.dumps([row() | {"role": "admin"}]), "the role 'admin' has no territory"),
    ],
)
def test_what_is_no_keyring_is_refused_with_its_place_and_not_quoted(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="KLIK_KEYRING") as refused:
        Keyring.parse(text)
    assert said in str(refused.value)
    assert "GEHEIM" not in str(refused.value)


# --- reach


@pytest.mark.parametrize(
    ("kecamatan", "satgas", "seen"),
    [
        ("64.02.06", None, True),
        ("64.02.06", "64.02.07", True),
        ("64.02.07", "64.02.06", True),
        ("64.02.07", "64.02.07", False),
        ("64.02.07", "dpmd", False),
        ("64.02.07", None, False),
    ],
)
def test_reach_of_one_kecamatan(kecamatan: str, satgas: str | None, seen: bool) -> None:
    officer = Caller("o", Role.OFFICER, "64.02.06", Scope.OWN)
    assert officer.may_see(kecamatan, satgas=satgas) is seen
    assert Caller("d", Role.DPMD, None, Scope.ALL).may_see(kecamatan, satgas=satgas)
    assert not Caller("n", Role.OFFICER, None, Scope.OWN).may_see(kecamatan, satgas=satgas)


# --- a keyring in a file


class File:
    """A keyring file, and who reads it, under a clock that the test moves."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seconds = 0.0
        self.write(keyring_text(row()))
        self.keyring = KeyringFile(path, Clock(NOON), lambda: self.seconds)

    def write(self, text: str) -> None:
        """As `klik keys` does it: beside, then over it."""
        beside = self.path.with_suffix(".new")
        beside.write_text(text)
        os.replace(beside, self.path)


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path / "klik_keyring")


def test_a_changed_file_is_read_again_within_a_second(file: File) -> None:
    file.write(keyring_text(row(revoked_at=NOON.isoformat()), row("new")))
    assert file.keyring.identify("key") is not None, "not looked at twice in a second"
    file.seconds += CHECK_SECONDS
    assert file.keyring.identify("key") is None
    assert file.keyring.identify("new") is not None


def test_owner_is_whom_the_newest_key_of_an_id_lets_in_or_why_none_is(file: File) -> None:
    """For what goes on by itself once a key has asked for it."""
    budi = Caller("budi", Role.OFFICER, "64.02.06")
    assert file.keyring.owner("budi") == budi
    file.write(keyring_text(row(revoked_at=NOON.isoformat())))
    file.seconds += CHECK_SECONDS
    assert file.keyring.owner("budi") == "revoked"
    old, clock = row("old", expires_at=LATER.isoformat()), Clock(LATER)
    assert ring(old, clock=clock).owner("budi") == "expired"
    assert ring(old, row("new"), clock=clock).owner("budi") == budi
    assert ring(old).owner("siti") is None, "of whom no row tells"


def test_key_of_a_requester_is_refused() -> None:
    """Who asked has tokens; a key of that role would be for every consultation or for none."""
    with pytest.raises(ValueError, match="for tokens"):
        ring(row() | {"role": "requester", "territory": None})


@pytest.mark.parametrize("broken", ["", "[", '[{"id": "budi"}]', None])
def test_a_broken_file_leaves_the_keys_as_they_were_and_is_told_once(
    file: File, broken: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    if broken is None:
        file.path.unlink()
    else:
        file.write(broken)
    for _ in range(3):
        file.seconds += CHECK_SECONDS
        assert file.keyring.identify("key") is not None
    assert [line.levelname for line in caplog.records] == ["ERROR"]

    file.write("[]")
    file.seconds += CHECK_SECONDS
    assert file.keyring.identify("key") is None


class Denied(type(Path())):  # type: ignore[misc]
    """A path that may be seen, and read only when it is said: as after a wrong umask."""

    denied = False

    def read_text(self, *args: Any, **more: Any) -> str:
        if Denied.denied:
            raise PermissionError(13, "Permission denied")
        return str(super().read_text(*args, **more))


def test_revocation_is_heard_of_when_the_file_may_be_read_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = File(Denied(tmp_path / "klik_keyring"))
    file.write(keyring_text(row(revoked_at=NOON.isoformat())))
    monkeypatch.setattr(Denied, "denied", True)
    for _ in range(3):
        file.seconds += CHECK_SECONDS
        assert file.keyring.identify("key") is not None
    assert [line.levelname for line in caplog.records] == ["ERROR"]

    monkeypatch.setattr(Denied, "denied", False)  # the file itself is the same
    file.seconds += CHECK_SECONDS
    assert file.keyring.identify("key") is None


def test_without_a_keyring_to_begin_with_there_is_no_start(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="klik_keyring"):
        KeyringFile(tmp_path / "klik_keyring")
    (tmp_path / "klik_keyring").write_text("{}")
    with pytest.raises(ValueError, match="KLIK_KEYRING"):
        KeyringFile(tmp_path / "klik_keyring")
