from pathlib import Path

import pytest
from pydantic import SecretStr

from services.intake.settings import IntakeSettings
from services.routing.settings import RoutingSettings
from shared.settings import Connections, with_password
from shared.web.auth import open_tokens


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Away from the checkout, whose .data/klik.env would be read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KLIK_EVENT_KEYS", "{}")
    monkeypatch.setenv("KLIK_ROSTER_KEY", "GEHEIM" * 4)


def test_a_password_comes_from_a_file_and_replaces_the_one_in_the_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "klik_amqp_password").write_text("p@ss/word\n")
    monkeypatch.setenv("KLIK_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("KLIK_AMQP_URL", "amqp://klik@rabbitmq:5672/")
    assert Connections.load().amqp_dsn == "amqp://klik:p%40ss%2Fword@rabbitmq:5672/"


def test_a_url_keeps_its_query_and_its_own_password() -> None:
    url = SecretStr("mongodb://a:old@m1,m2:27018/?authSource=admin")
    assert with_password(url, None) == url.get_secret_value()
    assert with_password(url, SecretStr("new")) == "mongodb://a:new@m1,m2:27018/?authSource=admin"


def test_a_missing_setting_ends_the_start_with_its_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLIK_HTTP_PORT", "http")
    monkeypatch.delenv("KLIK_EVENT_KEYS")
    with pytest.raises(SystemExit):
        IntakeSettings.load()
    said = capsys.readouterr().err
    assert "KLIK_KEYRING: Field required" in said
    assert "KLIK_MASTER_KEYS: Field required" in said
    assert "KLIK_EVENT_KEYS: Field required" in said
    assert "KLIK_HTTP_PORT: " in said


def test_secrets_are_not_shown() -> None:
    named = dict.fromkeys(("keyring", "event_keys", "master_keys"), "GEHEIM")
    settings = IntakeSettings.model_validate({**named, "roster_key": "GEHEIM" * 4})
    assert "GEHEIM" not in repr(settings)


# --- the keyring, and where it is followed


def test_a_keyring_out_of_the_secrets_folder_is_followed_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "klik_keyring").write_text("[]")
    monkeypatch.setenv("KLIK_SECRETS_DIR", str(tmp_path))
    assert RoutingSettings.load().file_of("keyring") == tmp_path / "klik_keyring"


def test_a_keyring_out_of_the_environment_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLIK_KEYRING", "[]")
    assert RoutingSettings.load().file_of("keyring") is None
    (tmp_path / "klik_keyring").write_text("[1]")
    monkeypatch.setenv("KLIK_SECRETS_DIR", str(tmp_path))
    settings = RoutingSettings.load()
    assert (settings.keyring.get_secret_value(), settings.file_of("keyring")) == ("[]", None)


# --- an OIDC issuer: whole, or not at all

OIDC = {
    "KLIK_OIDC_ISSUER": "https://login.example",
    "KLIK_OIDC_AUDIENCE": "klik-desa",
    "KLIK_OIDC_JWKS": "https://login.example/jwks",
}


def test_tokens_are_taken_where_the_issuer_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLIK_KEYRING", "[]")
    assert open_tokens(RoutingSettings.load()) is None
    for name, value in OIDC.items():
        monkeypatch.setenv(name, value)
    assert open_tokens(RoutingSettings.load()) is not None


@pytest.mark.parametrize("absent", OIDC)
@pytest.mark.parametrize("empty", [True, False])
def test_a_part_of_an_issuer_ends_the_start_with_the_name_of_what_is_missing(
    absent: str, empty: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLIK_KEYRING", "[]")
    for name, value in OIDC.items():
        if name != absent:
            monkeypatch.setenv(name, value)
        elif empty:
            monkeypatch.setenv(name, "")
    with pytest.raises(SystemExit):
        RoutingSettings.load()
    assert capsys.readouterr().err.startswith(f"{absent}: missing")


@pytest.mark.parametrize("address", ["http://login.example/jwks", "nowhere.json", "/"])
def test_keys_come_over_https_or_from_a_file(
    address: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**OIDC, "KLIK_KEYRING": "[]", "KLIK_OIDC_JWKS": address}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        RoutingSettings.load()
    assert capsys.readouterr().err.startswith("KLIK_OIDC_JWKS: ")


@pytest.mark.parametrize("host", ["127.0.0.1:8081", "localhost", "[::1]:8081"])
def test_issuer_of_this_host_needs_no_https(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"KLIK_OIDC_ISSUER": f"http://{host}", "KLIK_OIDC_JWKS": f"http://{host}/jwks"}
    for name, value in {**OIDC, "KLIK_KEYRING": "[]", "KLIK_OIDC_CLIENT_ID": "x", **keys}.items():
        monkeypatch.setenv(name, value)
    assert open_tokens(RoutingSettings.load()) is not None


@pytest.mark.parametrize(
    ("issuer", "said"),
    [
        ({}, "KLIK_OIDC_CLIENT_ID: missing: KLIK_OIDC_ISSUER"),
        ({**OIDC, "KLIK_OIDC_ISSUER": "http://login.example"}, "KLIK_OIDC_ISSUER: people sign in"),
        ({**OIDC, "KLIK_OIDC_ISSUER": "login"}, "KLIK_OIDC_ISSUER: people sign in"),
        ({**OIDC, "KLIK_OIDC_ISSUER": "http://[::1"}, "KLIK_OIDC_ISSUER: people sign in"),
    ],
)
def test_start_ends_when_people_could_not_sign_in_safely(
    issuer: dict[str, str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {**issuer, "KLIK_KEYRING": "[]", "KLIK_OIDC_CLIENT_ID": "x"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        RoutingSettings.load()
    assert capsys.readouterr().err.startswith(said)
