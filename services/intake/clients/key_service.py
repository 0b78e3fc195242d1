"""A key service that opens the master keys, where the settings hold them sealed: `m1:vault:v1:…`.

Asked once, at the start; what it opened is in memory alone (docs/decisions/0067).
"""

from base64 import b64decode, b64encode
from typing import Protocol

import httpx

from services.intake.settings import IntakeSettings
from services.intake.store.encryption import EnvelopeEncryption
from shared.errors import KlikError

#: What begins everything that Vault's transit engine, or OpenBao's, has sealed.
SEALED = "vault:"
TIMEOUT_SECONDS = 10.0


class KeyServiceFailed(KlikError):
    """A master key was not opened; the message says which and why, and nothing of it."""


class KeyService(Protocol):
    def open(self, sealed: str) -> bytes:
        """What was sealed. Raises `KeyServiceFailed`."""


class Transit:
    """Vault's transit engine: https://developer.hashicorp.com/vault/api-docs/secret/transit"""

    def __init__(
        self, url: str, key: str, token: str, transport: httpx.BaseTransport | None = None
    ) -> None:
        """`key`: the name of the engine's key, which never leaves it; `token`: one that may
        decrypt with it, and no more."""
        self._path = f"{url.rstrip('/')}/v1/transit/decrypt/{key}"
        self._headers = {"X-Vault-Token": token, "X-Vault-Request": "true"}
        self._transport = transport

    def open(self, sealed: str) -> bytes:
        try:
            with httpx.Client(
                transport=self._transport, timeout=TIMEOUT_SECONDS, headers=self._headers
            ) as http:
                reply = http.post(self._path, json={"ciphertext": sealed})
            if not reply.is_success:
                raise KeyServiceFailed(f"the key service answers {reply.status_code}")
            return b64decode(reply.json()["data"]["plaintext"], validate=True)
        except httpx.HTTPError as error:
            name = type(error).__name__
            raise KeyServiceFailed(f"the key service does not answer ({name})") from None
        except (ValueError, LookupError, TypeError):
            raise KeyServiceFailed("the key service answers what is no key") from None


def open_encryption(settings: IntakeSettings) -> EnvelopeEncryption:
    """By the master keys of the settings. Raises `KeyServiceFailed`, and ValueError."""
    url, token = settings.kms_url, settings.kms_token.get_secret_value().strip()
    service = Transit(url, settings.kms_key, token) if url else None
    return EnvelopeEncryption.parse(opened(settings.master_keys.get_secret_value(), service))


def opened(master_keys: str, service: KeyService | None) -> str:
    """These with the sealed ones opened: `id:base64,…`. Raises `KeyServiceFailed`."""
    return ",".join(_opened(entry.strip(), service) for entry in master_keys.strip().split(","))


def _opened(entry: str, service: KeyService | None) -> str:
    id_, _, key = entry.partition(":")
    if not key.startswith(SEALED):
        return entry
    if service is None:
        raise KeyServiceFailed(f"the master key {id_!r} is sealed: KLIK_KMS_URL says by whom")
    try:
        return f"{id_}:{b64encode(service.open(key)).decode()}"
    except KeyServiceFailed as error:
        raise KeyServiceFailed(f"the master key {id_!r} is not opened: {error}") from None
