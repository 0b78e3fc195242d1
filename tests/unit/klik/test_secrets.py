from pathlib import Path

from klik.local.secrets import make_secrets, read_keys
from klik.secret_files.shares import share_of
from services.intake.store.encryption import EnvelopeEncryption
from services.notify.webhooks.secrets import Sealer
from shared.web.auth import Keyring
from shared.web.permissions import OF_A_KEY, OF_A_SERVICE


def test_secrets_fit_together_and_are_made_once(tmp_path: Path) -> None:
    made = make_secrets(tmp_path, passwords=True)
    assert set(made) == {path.name for path in tmp_path.iterdir() if path.is_file()}
    keyring = Keyring.parse((tmp_path / "klik_keyring").read_text())
    for role, key in read_keys(tmp_path).items():
        caller = keyring.identify(key)
        assert caller is not None
        assert caller.role == role
        assert key not in (tmp_path / "klik_keyring").read_text()
    assert read_keys(tmp_path)["service"] == (tmp_path / "klik_intake_key").read_text()
    for service, role in OF_A_SERVICE.items():
        assert read_keys(tmp_path)[role] == (tmp_path / f"klik_intake_key_{service}").read_text()
    EnvelopeEncryption.parse((tmp_path / "klik_master_keys").read_text())
    Sealer.parse((tmp_path / "klik_webhook_keys").read_text())
    assert make_secrets(tmp_path, passwords=True) == []


def test_where_the_servers_have_no_passwords_none_are_made(tmp_path: Path) -> None:
    made = make_secrets(tmp_path / "secrets", passwords=False, keys_in=tmp_path)
    assert not any("password" in name for name in made)
    assert set(read_keys(tmp_path)) == set(OF_A_KEY)
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0


def test_secrets_beside_are_this_users_alone_also_when_they_were_not(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    for _ in range(2):
        make_secrets(folder, passwords=False, keys_in=tmp_path)
        files = [path for path in folder.rglob("*") if path.is_file()]
        modes = {path.stat().st_mode & 0o777 for path in files}
        assert (folder.stat().st_mode & 0o777, modes) == (0o700, {0o600})
        folder.chmod(0o755)
        for path in files:
            path.chmod(0o644)


def test_secrets_are_read_by_each_containers_user_when_they_have_passwords(tmp_path: Path) -> None:
    make_secrets(tmp_path, passwords=True)
    password = share_of(tmp_path, "mongo") / "klik_mongo_password"
    assert password.stat().st_mode & 0o044 == 0o044
    assert (tmp_path / "klik_mongo_password").stat().st_mode & 0o077 == 0


def test_an_unknown_key_is_nobodys() -> None:
    assert Keyring.parse("[]").identify("klik_admin_x") is None
