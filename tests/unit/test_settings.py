from pathlib import Path

import pytest
from pydantic import SecretStr

from services.intake.settings import IntakeSettings
from shared.settings import Connections, with_password


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Away from the checkout, whose .data/klik.env would be read."""
    monkeypatch.chdir(tmp_path)


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
    with pytest.raises(SystemExit):
        IntakeSettings.load()
    said = capsys.readouterr().err
    assert "KLIK_KEYRING: Field required" in said
    assert "KLIK_MASTER_KEYS: Field required" in said
    assert "KLIK_HTTP_PORT: " in said


def test_secrets_are_not_shown() -> None:
    settings = IntakeSettings.model_validate({"keyring": "GEHEIM", "master_keys": "GEHEIM"})
    assert "GEHEIM" not in repr(settings)
