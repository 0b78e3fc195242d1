"""Makes a deployment's secrets, once: API keys, master key and passwords. Nothing is committed.

The folder holds `keys.json` (role → plain key, for whoever calls the APIs) and one file for each
secret setting, named after it (`klik_keyring`, `klik_master_keys`, …; `shared/settings.py` reads
them). Files that exist are kept, so it is safe to run at every start.
"""

import hashlib
import json
import secrets
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from shared.identity import Role

KEYS = "keys.json"


def make_secrets(folder: Path, *, passwords: bool) -> list[str]:
    """Fill `folder`; the names of the files that were made now.

    `passwords`: also for RabbitMQ and MongoDB, where the deployment starts those with them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, content in (_CONTENTS | (_PASSWORDS if passwords else {})).items():
        path = folder / name
        if path.exists():
            continue
        # readable by the services' user in their containers, by nobody outside the volume
        path.touch(mode=0o644 if name != KEYS else 0o600)
        path.write_text(content(folder))
        made.append(name)
    return made


def read_keys(folder: Path) -> dict[str, str]:
    """Role → API key."""
    keys: dict[str, str] = json.loads((folder / KEYS).read_text())
    return keys


def _api_keys(_folder: Path) -> str:
    keys = {role.value: f"klik_{role.value}_{secrets.token_urlsafe(24)}" for role in Role}
    return json.dumps(keys, indent=2) + "\n"


def _keyring(folder: Path) -> str:
    return json.dumps(
        [
            {
                "id": f"local-{role}",
                "role": role,
                "sha256": hashlib.sha256(key.encode()).hexdigest(),
            }
            for role, key in read_keys(folder).items()
        ]
    )


def _service_key(folder: Path) -> str:
    return read_keys(folder)[Role.SERVICE]


def _master_key(_folder: Path) -> str:
    return f"m1:{b64encode(secrets.token_bytes(32)).decode()}"


def _password(_folder: Path) -> str:
    return secrets.token_urlsafe(24)


_CONTENTS: dict[str, Callable[[Path], str]] = {
    KEYS: _api_keys,
    "klik_keyring": _keyring,
    "klik_intake_key": _service_key,
    "klik_master_keys": _master_key,
}
_PASSWORDS: dict[str, Callable[[Path], str]] = {
    "klik_amqp_password": _password,
    "klik_mongo_password": _password,
}
