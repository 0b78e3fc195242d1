"""What each service is given of the secrets, and how changes reach it."""

import json
import shutil
from pathlib import Path
from threading import Event, Thread

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from klik.__main__ import app
from klik.local.secrets import make_secrets
from klik.secret_files import key_file
from klik.secret_files.event_key_file import EventKeyFile, ids
from klik.secret_files.files import NoSuchChange
from klik.secret_files.shares import (
    EVENT_KEYS,
    GIVEN,
    OF_MONGO,
    OF_RABBITMQ,
    admit,
    passwords_in,
    share_of,
    write_shares,
)
from services.intake.settings import IntakeSettings
from services.notify.settings import NotifySettings
from services.reporting.settings import ReportingSettings
from services.routing.settings import RoutingSettings
from shared.messaging.signing import EventKeys, Signing, pairs_of
from shared.messaging.topology import PAIRS, SERVICES
from shared.settings import Settings
from shared.times import utc_now
from shared.web.auth import Keyring
from shared.web.permissions import OF_A_SERVICE

SETTINGS: dict[str, type[Settings]] = {
    "intake": IntakeSettings,
    "routing": RoutingSettings,
    "notify": NotifySettings,
    "reporting": ReportingSettings,
}
#: Said in the environment, without a password.
ADDRESSES = {"klik_amqp_url", "klik_mongo_url"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_secrets(tmp_path / "secrets", passwords=True)
    return tmp_path / "secrets"


def secret_settings(service: str) -> set[str]:
    return {
        f"klik_{name}"
        for name, field in SETTINGS[service].model_fields.items()
        if "SecretStr" in str(field.annotation)
    }


def everything_in(share: Path) -> str:
    return "".join(path.read_text() for path in share.iterdir())


def event_keys(folder: Path, service: str) -> EventKeys:
    return EventKeys.parse((share_of(folder, service) / EVENT_KEYS).read_text())


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_is_given_what_its_settings_name(service: str) -> None:
    assert set(GIVEN[service]) == secret_settings(service) - ADDRESSES


@pytest.mark.parametrize("service", SERVICES)
def test_settings_are_whole_with_a_share_alone(
    folder: Path, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLIK_SECRETS_DIR", str(share_of(folder, service)))
    settings = SETTINGS[service].load()
    Signing.of(settings, service)
    password = (share_of(folder, service) / "klik_mongo_password").read_text()
    assert settings.mongo_password == SecretStr(password)


@pytest.mark.parametrize("service", [*SERVICES, "rabbitmq", "mongo"])
def test_no_share_has_what_another_one_needs(folder: Path, service: str) -> None:
    (folder / "klik_telegram_token").write_text("7:its-token")
    write_shares(folder)
    held = everything_in(share_of(folder, service))
    for file in ("master", "opt_out", "webhook", "stream", "roster"):
        path = next(folder.glob(f"klik_{file}_key*"))
        assert (path.read_text() in held) == (path.name in GIVEN[service]), path.name
    assert ("7:its-token" in held) == (service == "notify")
    for pair, keys in json.loads((folder / EVENT_KEYS).read_text()).items():
        assert (keys in held) == (service in pair.split(">")), pair
    for key in json.loads((folder / "keys.json").read_text()).values():
        own = OF_A_SERVICE.get(service)
        assert (key in held) == (own is not None and key.startswith(f"klik_{own}_")), key[:12]


@pytest.mark.parametrize(("setting", "server"), [(OF_MONGO, "mongo"), (OF_RABBITMQ, "rabbitmq")])
def test_each_service_has_its_own_password_and_none_the_administrators(
    folder: Path, setting: str, server: str
) -> None:
    administrators = (folder / setting).read_text()
    assert (share_of(folder, server) / setting).read_text() == administrators
    own = {service: (share_of(folder, service) / setting).read_text() for service in SERVICES}
    assert own == passwords_in(folder, setting)
    assert len({administrators, *own.values()}) == len(SERVICES) + 1
    for service in SERVICES:
        held = everything_in(share_of(folder, service))
        others = {administrators, *own.values()} - {own[service]}
        assert not [password for password in others if password in held]


def test_reporting_and_routing_can_open_nothing_of_intake_and_notify(folder: Path) -> None:
    for service in ("reporting", "routing"):
        names = {path.name for path in share_of(folder, service).iterdir()}
        assert not names & {"klik_master_keys", "klik_opt_out_key", "klik_webhook_keys"}
        pairs = event_keys(folder, service).pairs.keys()
        assert pairs == pairs_of(service) < PAIRS


def test_an_older_deployment_gets_its_shares_and_keeps_its_secrets(folder: Path) -> None:
    kept = {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}
    for path in sorted(folder.glob("shares/**/*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (folder / "shares").rmdir()
    for _ in range(2):
        assert make_secrets(folder, passwords=True) == []
        assert {p.name: p.read_text() for p in folder.iterdir() if p.is_file()} == kept
        master = share_of(folder, "intake") / "klik_master_keys"
        assert master.read_text() == kept["klik_master_keys"]


def test_services_of_an_older_deployment_get_keys_of_their_own(folder: Path) -> None:
    """Which one key opened, with contacts for both."""
    roles = set(OF_A_SERVICE.values())
    keys = json.loads((folder / "keys.json").read_text())
    before = {role: key for role, key in keys.items() if role not in roles}
    (folder / "keys.json").write_text(json.dumps(before))
    rows = json.loads((folder / "klik_keyring").read_text())
    kept = [row for row in rows if row["role"] not in roles]
    (folder / "klik_keyring").write_text(json.dumps(kept))
    for service in OF_A_SERVICE:
        (folder / f"klik_intake_key_{service}").unlink()
        shutil.copy(folder / "klik_intake_key", share_of(folder, service) / "klik_intake_key")

    make_secrets(folder, passwords=True)
    mended = json.loads((folder / "keys.json").read_text())
    assert {role: mended[role] for role in before} == before
    for service, role in OF_A_SERVICE.items():
        key = (share_of(folder, service) / "klik_intake_key").read_text()
        assert key == mended[role]
        for reader in SERVICES:
            keyring = Keyring.parse((share_of(folder, reader) / "klik_keyring").read_text())
            caller = keyring.identify(key)
            assert caller is not None
            assert (caller.key_id, caller.role) == (f"local-{role}", role)
    again = (folder / "klik_keyring").read_text()
    assert json.loads(again)[: len(kept)] == kept
    make_secrets(folder, passwords=True)
    assert (folder / "klik_keyring").read_text() == again


def test_a_services_key_that_was_stopped_is_not_let_in_again(folder: Path) -> None:
    with key_file.editing(folder) as keyring:
        keyring.save([row for row in keyring.rows if row.role not in OF_A_SERVICE.values()])
    without = (folder / "klik_keyring").read_text()
    make_secrets(folder, passwords=True)
    assert (folder / "klik_keyring").read_text() == without


def test_what_is_taken_out_of_the_secrets_leaves_the_shares(folder: Path) -> None:
    token = folder / "klik_telegram_token"
    token.write_text("7:its-token")
    write_shares(folder)
    assert (share_of(folder, "notify") / token.name).exists()
    token.unlink()
    write_shares(folder)
    assert not (share_of(folder, "notify") / token.name).exists()


def test_a_changed_keyring_reaches_every_service(folder: Path) -> None:
    with key_file.editing(folder) as keyring:
        local = next(row.id for row in keyring.rows)
        keyring.save(key_file.revoke(keyring.rows, local, utc_now()))
    changed = (folder / "klik_keyring").read_text()
    assert "revoked_at" in changed
    for service in SERVICES:
        path = share_of(folder, service) / "klik_keyring"
        assert (path.read_text(), path.stat().st_mode & 0o777) == (changed, 0o644)


def test_rotated_event_keys_reach_every_service(folder: Path) -> None:
    EventKeyFile(folder).rotate(drop_old=False)
    assert {tuple(ids(event_keys(folder, service))) for service in SERVICES} == {("e2", "e1")}
    EventKeyFile(folder).retire("e1")
    assert {tuple(ids(event_keys(folder, service))) for service in SERVICES} == {("e2",)}


def test_new_event_keys_are_taken_before_anybody_signs_with_them(folder: Path) -> None:
    keys = {pair: {"e2": b"2" * 32} for pair in PAIRS}
    admit(folder, EventKeys(keys))
    assert {tuple(ids(event_keys(folder, service))) for service in SERVICES} == {("e1", "e2")}


def test_nobody_ever_signs_with_a_key_that_a_consumer_lacks(folder: Path) -> None:
    """The publisher is looked at first: what the consumer takes only grows meanwhile."""
    stopping, unknown = Event(), list[str]()

    def look() -> None:
        while not stopping.is_set():
            for publisher, consumer in PAIRS:
                signs = next(iter(event_keys(folder, publisher).pairs[publisher, consumer]))
                if signs not in event_keys(folder, consumer).pairs[publisher, consumer]:
                    unknown.append(f"{signs} of {publisher}>{consumer}")

    looking = Thread(target=look)
    looking.start()
    for _ in range(10):
        EventKeyFile(folder).rotate(drop_old=False)
    stopping.set()
    looking.join()
    assert unknown == []


def test_unreadable_event_keys_keep_no_api_key_at_work(folder: Path) -> None:
    (folder / EVENT_KEYS).write_text("{")
    with pytest.raises(NoSuchChange, match=EVENT_KEYS), key_file.editing(folder) as keyring:
        keyring.save([])
    assert (share_of(folder, "routing") / "klik_keyring").read_text().strip() == "[]"


def test_an_emptied_share_is_filled_again(folder: Path) -> None:
    whole = event_keys(folder, "routing")
    (share_of(folder, "routing") / EVENT_KEYS).write_text("")
    make_secrets(folder, passwords=True)
    assert event_keys(folder, "routing") == whole


def test_the_command_says_what_it_gives_to_nobody(folder: Path) -> None:
    (folder / "klik_smtp_host").write_text("mail.example")
    said = CliRunner().invoke(app, ["secrets", str(folder), "--passwords"]).output
    assert "klik_smtp_host" in said
    assert "klik_keyring" not in said
