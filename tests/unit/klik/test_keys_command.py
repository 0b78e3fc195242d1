"""`klik keys` as an operator runs it, on a keyring of the test's own."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from klik.__main__ import app
from klik.local.processes import ROOT
from klik.local.secrets import make_secrets
from klik.secret_files.files import NoSuchChange
from klik.secret_files.key_file import KEYRING, rotate
from shared.web.api_keys import Keyring, KeyRow, digest
from shared.web.permissions import Role
from tests.support.builders import NOON
from tests.support.keys import key_row


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_secrets(tmp_path / "secrets", passwords=False, keys_in=tmp_path)
    return tmp_path / "secrets"


def keys(folder: Path, *arguments: str) -> Result:
    env = {"KLIK_SECRETS_DIR": str(folder), "COLUMNS": "200"}
    return CliRunner().invoke(app, ["keys", *arguments], env=env)


def rows(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / KEYRING).read_text())
    return found


def ring(folder: Path) -> Keyring:
    return Keyring.parse((folder / KEYRING).read_text())


def test_a_key_is_made_shown_once_and_kept_hashed(folder: Path) -> None:
    made = keys(folder, "create", "--role", "officer", "--territory", "64.02.07", "--id", "budi")
    assert made.exit_code == 0, made.output
    key = made.stdout.strip()
    assert key.startswith("klik_officer_")
    assert "." not in key, "a dot is what tells a token"
    caller = ring(folder).identify(key)
    assert caller is not None
    assert (caller.key_id, caller.role, caller.territory) == ("budi", Role.OFFICER, "64.02.07")
    assert key not in (folder / KEYRING).read_text()
    assert key not in keys(folder, "list").output


def test_an_id_is_made_where_none_is_given(folder: Path) -> None:
    keys(folder, "create", "--role", "coordinator", "--territory", "64.02.07")
    keys(folder, "create", "--role", "analyst", "--expires", "90d")
    one, other = rows(folder)[-2:]
    assert one["id"].startswith("coordinator-64.02.07-")
    assert other["id"].startswith("analyst-")
    assert lifetime(other) == timedelta(days=90)


def lifetime(row: dict[str, Any]) -> timedelta:
    end, start = (datetime.fromisoformat(row[name]) for name in ("expires_at", "created_at"))
    return end - start


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create", "--role", "raja"], "raja"),
        (["create", "--role", "officer"], "--territory 64.02.06"),
        (["create", "--role", "officer", "--territory", "64.02.99"], "64.02.99 is no kecamatan"),
        (["create", "--role", "officer", "--territory", "64.02"], "64.02 is no kecamatan"),
        (["create", "--role", "dpmd", "--territory", "64.02.06"], "leave --territory out"),
        (["create", "--role", "admin", "--id", "local-admin"], "rotate local-admin"),
        (["create", "--role", "admin", "--id", "a b"], "--id"),
        (["create", "--role", "admin", "--expires", "soon"], "--expires"),
        (["create", "--role", "admin", "--expires", "0d"], "--expires"),
        (["rotate", "local-admin", "--overlap", "7"], "--overlap"),
        (["rotate", "nobody"], "no key nobody"),
        (["revoke", "nobody"], "no key nobody"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    folder: Path, arguments: list[str], said: str
) -> None:
    before = (folder / KEYRING).read_bytes()
    refused = keys(folder, *arguments)
    assert refused.exit_code != 0
    assert refused.stdout == ""
    assert said in refused.output
    assert (folder / KEYRING).read_bytes() == before


@pytest.mark.parametrize("command", [["list"], ["revoke", "x"], ["create", "--role", "admin"]])
def test_where_there_is_no_keyring_the_way_to_one_is_said(
    tmp_path: Path, command: list[str]
) -> None:
    refused = keys(tmp_path / "elsewhere", *command)
    assert refused.exit_code == 1
    assert "--secrets" in refused.output
    assert "klik secrets" in refused.output


def test_a_broken_keyring_is_left_alone(folder: Path) -> None:
    (folder / KEYRING).write_text("[")
    refused = keys(folder, "create", "--role", "admin")
    assert (refused.exit_code, (folder / KEYRING).read_text()) == (1, "[")
    assert "cannot be read" in refused.output


def test_a_revoked_key_stays_in_the_list_and_comes_back_by_no_command(folder: Path) -> None:
    assert keys(folder, "revoke", "local-analyst").exit_code == 0
    first = next(row for row in rows(folder) if row["id"] == "local-analyst")
    assert keys(folder, "revoke", "local-analyst").exit_code == 0, "safe to repeat"
    assert first in rows(folder), "since when it is revoked stays"
    assert "revoked" in keys(folder, "list").output
    assert keys(folder, "rotate", "local-analyst").exit_code == 1
    assert keys(folder, "create", "--role", "analyst", "--id", "local-analyst").exit_code == 1


def test_a_rotated_key_keeps_its_id_role_and_territory(folder: Path) -> None:
    new = keys(folder, "rotate", "local-officer", "--overlap", "12h").stdout.strip()
    caller = ring(folder).identify(new)
    assert caller is not None
    assert (caller.key_id, caller.territory) == ("local-officer", "64.02.06")
    old, row = (row for row in rows(folder) if row["id"] == "local-officer")
    assert row["sha256"] == digest(new)
    end, made = (datetime.fromisoformat(at) for at in (old["expires_at"], row["created_at"]))
    assert end - made == timedelta(hours=12)
    assert "expires_at" not in row


def test_without_an_overlap_the_old_key_ends_at_once(folder: Path) -> None:
    old = json.loads((folder.parent / "keys.json").read_text())["admin"]
    assert keys(folder, "rotate", "local-admin", "--overlap", "0d").exit_code == 0
    assert ring(folder).identify(old) is None


def test_the_file_keeps_its_mode_and_leaves_nothing_beside_it(folder: Path) -> None:
    (folder / KEYRING).chmod(0o640)
    before = set(folder.iterdir())
    keys(folder, "create", "--role", "admin")
    assert (folder / KEYRING).stat().st_mode & 0o777 == 0o640
    assert set(folder.iterdir()) == before


# --- changes


def kept(**fields: Any) -> KeyRow:
    return KeyRow.model_validate(
        {**key_row("budi", "old", Role.OFFICER, territory="64.02.06", created_at=NOON), **fields}
    )


def test_a_key_is_given_as_long_a_life_as_the_one_before_it() -> None:
    row = kept(expires_at=NOON + timedelta(days=90))
    now = NOON + timedelta(days=89)
    made = rotate([row], "budi", overlap=timedelta(days=7), lifetime=None, now=now)
    assert made.row.expires_at == now + timedelta(days=90)
    assert made.rows[0].expires_at == NOON + timedelta(days=90), "no longer than it was to"


def test_an_expired_key_can_be_followed_by_another() -> None:
    row = kept(expires_at=NOON + timedelta(days=1))
    now = NOON + timedelta(days=9)
    made = rotate([row], "budi", overlap=timedelta(days=7), lifetime=None, now=now)
    assert [one.state(now) for one in made.rows] == ["expired", "valid"]


def test_rotating_twice_ends_both_keys_before_it() -> None:
    rows = [kept()]
    for _ in range(2):
        rows = rotate(rows, "budi", overlap=timedelta(days=7), lifetime=None, now=NOON).rows
    soon = NOON + timedelta(days=7)
    assert [row.state(soon) for row in rows] == ["expired", "expired", "valid"]


def test_a_key_without_the_territory_that_its_role_needs_is_not_made_again() -> None:
    row = kept(territory=None)
    with pytest.raises(NoSuchChange, match="--territory"):
        rotate([row], "budi", overlap=timedelta(), lifetime=None, now=NOON)


def test_two_at_once_do_not_undo_each_other(folder: Path) -> None:
    before = len(rows(folder))
    command = [sys.executable, "-m", "klik", "keys", "create", "--role", "admin"]
    both = [
        subprocess.Popen([*command, "--secrets", str(folder)], stdout=subprocess.DEVNULL, cwd=ROOT)
        for _ in range(2)
    ]
    assert [one.wait() for one in both] == [0, 0]
    assert len(rows(folder)) == before + 2
