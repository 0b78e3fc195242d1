"""Which channels a deployment has, by its settings."""

import logging
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.notify.channels import make_senders
from services.notify.channels.log import LogSender
from services.notify.settings import NotifySettings
from tests.support.orders import TEXT, an_order

WEBHOOK_KEYS = "w1:" + "A" * 43 + "="
SMTP = {"smtp_host": "mail.example"}
TELEGRAM = {"telegram_token": "123:abc-DEF_9"}
WHATSAPP = {"whatsapp_token": "EAAG", "whatsapp_phone_number_id": "1055"}
GATEWAY = {"gateway_token": "tok", "gateway_url": "https://api.fonnte.com"}


def settings(**values: Any) -> NotifySettings:
    needed = {
        "keyring": "[]",
        "event_keys": "{}",
        "intake_key": "x",
        "opt_out_key": "x" * 16,
        "webhook_keys": WEBHOOK_KEYS,
    }
    return NotifySettings.model_validate({**needed, **values})


async def test_a_channel_is_there_where_its_settings_are() -> None:
    assert list(make_senders(settings())) == ["log"]
    senders = make_senders(settings(**SMTP, **TELEGRAM, **WHATSAPP, **GATEWAY))
    assert list(senders) == ["log", "smtp", "telegram", "whatsapp", "gateway"]
    for name, sender in senders.items():
        assert sender.channel == name
        assert sender.at_once == (8 if name == "smtp" else 4)
        await sender.close()


def test_empty_values_as_compose_passes_them_are_no_channels(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # no .data/klik.env here
    for name in NotifySettings.model_fields:
        if name.startswith(("smtp", "telegram", "whatsapp", "gateway")):
            monkeypatch.setenv(f"KLIK_{name.upper()}", "")
    assert list(make_senders(settings())) == ["log"]


def test_half_a_channel_is_told_when_the_service_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KLIK_KEYRING", "[]")
    monkeypatch.setenv("KLIK_EVENT_KEYS", "{}")
    monkeypatch.setenv("KLIK_INTAKE_KEY", "x")
    monkeypatch.setenv("KLIK_WEBHOOK_KEYS", WEBHOOK_KEYS)
    monkeypatch.setenv("KLIK_OPT_OUT_KEY", "x" * 16)
    monkeypatch.setenv("KLIK_GATEWAY_TOKEN", "RAHASIA")
    with pytest.raises(SystemExit):
        NotifySettings.load()
    assert capsys.readouterr().err == "KLIK_GATEWAY_URL: missing: KLIK_GATEWAY_TOKEN is set\n"


def test_empty_values_are_no_channels() -> None:
    names = ("smtp_host", "smtp_user", "smtp_password", "telegram_token", "whatsapp_token",
             "whatsapp_phone_number_id", "gateway_token", "gateway_url")  # fmt: skip
    assert list(make_senders(settings(**dict.fromkeys(names, "")))) == ["log"]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"smtp_user": "u", "smtp_password": "RAHASIA"}, "KLIK_SMTP_HOST"),
        (SMTP | {"smtp_user": "u"}, "KLIK_SMTP_PASSWORD"),
        (SMTP | {"smtp_password": "RAHASIA"}, "KLIK_SMTP_USER"),
        (SMTP | {"smtp_user": "u", "smtp_password": "RAHASIA"}, "KLIK_SMTP_SECURITY"),
        (SMTP | {"smtp_ca_file": "/nowhere/ca.pem"}, "KLIK_SMTP_CA_FILE"),
        (SMTP | {"smtp_from": "a@b.example, c@d.example"}, "KLIK_SMTP_FROM"),
        (SMTP | {"smtp_from": "a@b.example\nBcc: c@d.example"}, "KLIK_SMTP_FROM"),
        (SMTP | {"smtp_from": "nobody"}, "KLIK_SMTP_FROM"),
        ({"telegram_token": "RAHASIA/../x"}, "KLIK_TELEGRAM_TOKEN"),
        (TELEGRAM | {"telegram_url": ""}, "KLIK_TELEGRAM_URL"),
        (TELEGRAM | {"telegram_url": "ftp://x.example"}, "KLIK_TELEGRAM_URL"),
        ({"whatsapp_token": "RAHASIA"}, "KLIK_WHATSAPP_PHONE_NUMBER_ID"),
        ({"whatsapp_phone_number_id": "1"}, "KLIK_WHATSAPP_TOKEN"),
        (WHATSAPP | {"whatsapp_phone_number_id": "+62 812"}, "KLIK_WHATSAPP_PHONE_NUMBER_ID"),
        (WHATSAPP | {"whatsapp_token": "RAHASIA\n"}, "KLIK_WHATSAPP_TOKEN"),
        ({"gateway_token": "RAHASIA"}, "KLIK_GATEWAY_URL"),
        ({"gateway_url": "https://api.fonnte.com"}, "KLIK_GATEWAY_TOKEN"),
        (GATEWAY | {"gateway_url": "https://u:RAHASIA@x.example"}, "KLIK_GATEWAY_URL"),
        (GATEWAY | {"gateway_url": "https://x.example:port"}, "KLIK_GATEWAY_URL"),
        ({"webhook_keys": "w1:RAHASIA"}, "KLIK_WEBHOOK_KEYS"),
        ({"webhook_allow": "10.0.0.1/8"}, "KLIK_WEBHOOK_ALLOW"),
    ],
)
def test_half_a_channel_ends_the_start_with_the_variables_name(
    values: dict[str, Any], name: str
) -> None:
    with pytest.raises(ValidationError) as found:
        settings(**values)
    (problem,) = found.value.errors(include_input=False)
    assert problem["msg"].startswith(f"{name}: ")
    assert "RAHASIA" not in problem["msg"]


def test_providers_are_not_called_more_often_where_others_use_the_system() -> None:
    assert settings(retry_scale=0.01).retry_scale == 0.01
    assert settings(retry_scale=2, public_url="https://klik.kukar.example").retry_scale == 2
    with pytest.raises(ValidationError, match="KLIK_RETRY_SCALE"):
        settings(retry_scale=0.99, public_url="https://klik.kukar.example")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (WHATSAPP | {"whatsapp_app_secret": "RAHASIA"}, "KLIK_WHATSAPP_VERIFY_TOKEN"),
        (WHATSAPP | {"whatsapp_verify_token": "RAHASIA"}, "KLIK_WHATSAPP_APP_SECRET"),
        ({"whatsapp_app_secret": "s", "whatsapp_verify_token": "t"}, "KLIK_WHATSAPP_TOKEN"),
        ({"gateway_callback_token": "RAHASIA"}, "KLIK_GATEWAY_CALLBACK_TOKEN"),
        ({"gateway_callback_token": "RAHASIA/" * 4}, "KLIK_GATEWAY_CALLBACK_TOKEN"),
    ],
)
def test_half_a_callback_ends_the_start_with_the_variables_name(
    values: dict[str, Any], name: str
) -> None:
    with pytest.raises(ValidationError) as found:
        settings(**values)
    (problem,) = found.value.errors(include_input=False)
    assert problem["msg"].startswith(f"{name}: ")
    assert "RAHASIA" not in problem["msg"]


async def test_the_log_channel_writes_neither_text_nor_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "services")
    assert await LogSender().send(an_order("rahasia@klikdesa.example")) is None
    assert "alert" in caplog.text
    assert "rahasia" not in caplog.text
    assert TEXT not in caplog.text
