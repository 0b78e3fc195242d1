"""Master keys that a key service opens, and what is said where it does not."""

import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from klik.local.processes import ROOT
from klik.local.secrets import make_secrets
from klik.secret_files.shares import share_of
from services.intake.clients.key_service import KeyServiceFailed, Transit, opened
from services.intake.settings import IntakeSettings
from services.intake.store.encryption import EnvelopeEncryption

KEY = bytes(range(32))
SEALED = "vault:v3:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zoCmHnSeDX9vyf7w=="
TOKEN = "s.RAHASIA"


class Vault:
    """As the transit engine answers, by its API's documentation."""

    def __init__(self, status: int = 200, body: Any = None) -> None:
        self.status = status
        self.body = body
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.status == 0:
            raise httpx.ConnectError("refused", request=request)
        answer = {"data": {"plaintext": b64encode(KEY).decode()}}
        return httpx.Response(self.status, json=answer if self.body is None else self.body)

    def service(self) -> Transit:
        transport = httpx.MockTransport(self)
        return Transit("https://vault.example/", "klik-desa", TOKEN, transport)


def test_sealed_master_key_is_opened_and_others_are_as_they_were() -> None:
    vault = Vault()
    plain = f"m1:{b64encode(bytes(32)).decode()}"
    encryption = EnvelopeEncryption.parse(opened(f"m2:{SEALED}, {plain}\n", vault.service()))
    (asked,) = vault.asked
    assert str(asked.url) == "https://vault.example/v1/transit/decrypt/klik-desa"
    assert asked.headers["x-vault-token"] == TOKEN
    assert json.loads(asked.content) == {"ciphertext": SEALED}
    assert (encryption.current, sorted(encryption.known)) == ("m2", ["m1", "m2"])
    # the same as where the key itself is in the file
    same = EnvelopeEncryption({"m2": KEY})
    assert encryption.check("m2") == same.check("m2")


def test_nobody_is_asked_when_no_key_is_sealed() -> None:
    plain = f"m1:{b64encode(KEY).decode()}"
    assert opened(plain, None) == plain


@pytest.mark.parametrize(
    ("vault", "said"),
    [
        (Vault(403), "answers 403"),
        (Vault(503), "answers 503"),
        (Vault(0), "does not answer (ConnectError)"),
        (Vault(200, {"data": {}}), "no key"),
        (Vault(200, {"data": {"plaintext": "%"}}), "no key"),
        (Vault(200, []), "no key"),
    ],
)
def test_start_fails_and_says_why_when_a_key_is_not_opened(vault: Vault, said: str) -> None:
    with pytest.raises(KeyServiceFailed) as failed:
        opened(f"m2:{SEALED}", vault.service())
    assert "'m2'" in str(failed.value)
    assert said in str(failed.value)
    assert TOKEN not in str(failed.value)
    assert SEALED not in str(failed.value)


def test_process_ends_with_one_line_when_nothing_opens_its_key(tmp_path: Path) -> None:
    make_secrets(tmp_path, passwords=False)
    env = {
        "KLIK_MASTER_KEYS": f"m2:{SEALED}",
        "KLIK_SECRETS_DIR": str(share_of(tmp_path, "intake")),
    }
    started = subprocess.run(
        [sys.executable, "-m", "services.intake"],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert started.returncode == 1
    assert started.stderr == (
        "KLIK_MASTER_KEYS: the master key 'm2' is sealed: KLIK_KMS_URL says by whom\n"
    )


@pytest.mark.parametrize("url", ["http://vault.example", "vault.example", "ftp://127.0.0.1"])
def test_key_service_is_asked_on_no_way_that_others_read(url: str) -> None:
    secret = {"master_keys": "m1:x", "keyring": "[]", "event_keys": "{}"}
    with pytest.raises(ValidationError, match="kms_url"):
        IntakeSettings.model_validate(secret | {"kms_url": url})
