"""Makes a deployment's secrets, once: API keys, master key and passwords. Nothing is committed.

The folder holds `keys.json` (role → plain key, for whoever calls the APIs), one file for each
secret setting, named after it (`klik_keyring`, `klik_master_keys`, …; `shared/settings.py` reads
them), and each service's share of these. Files that exist are kept, so it is safe to run at every
start; event keys that are missing are added, and the shares are brought to what there is.
"""

import json
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from klik.secret_files import key_file
from klik.secret_files.event_key_file import EventKeyFile, new_event_keys
from klik.secret_files.files import alone_with, replace_file
from klik.secret_files.key_file import KEYRING, new_key
from klik.secret_files.shares import (
    EVENT_KEYS,
    INTAKE_KEY,
    OF_MONGO,
    OF_RABBITMQ,
    make_shares,
    own_file,
)
from shared.messaging.topology import SERVICES
from shared.times import utc_now
from shared.web.api_keys import KeyRow, digest, rows_text
from shared.web.permissions import OF_A_KEY, OF_A_SERVICE, OF_ONE_KECAMATAN, Role

KEYS = "keys.json"
#: The kecamatan of the keys that are for one: Tenggarong.
TERRITORY = "64.02.06"


def make_secrets(folder: Path, *, passwords: bool, keys_in: Path | None = None) -> list[str]:
    """Fill `folder`; the names of the files that were made now.

    `passwords`: also for RabbitMQ and MongoDB, where the deployment starts those with them, each in
    a container with a user of its own, who reads the files of its share. Without, all are this
    user's alone, also what was made before. `keys_in`: another folder for `keys.json`.

    Raises `NoSuchChange` where event keys cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not passwords:
        folder.chmod(0o700)
    keys_in = keys_in or folder
    made = [KEYS] if _make(keys_in / KEYS, _api_keys) else []
    keys = _with_services_keys(keys_in)
    _let_in(folder, {role: keys[role] for role in OF_A_SERVICE.values()})
    contents = _contents(keys) | (_PASSWORDS if passwords else {})
    made += [name for name, content in contents.items() if _make(folder / name, content)]
    if EventKeyFile(folder).complete():
        made.append(EVENT_KEYS)
    if not passwords:
        for name in contents:
            (folder / name).chmod(0o600)
    with alone_with(folder):
        make_shares(folder, 0o755 if passwords else 0o700)
    return made


def _with_services_keys(folder: Path) -> dict[str, str]:
    """`keys.json`, with those of our services, which a deployment from before has none of."""
    keys = read_keys(folder)
    if lacking := set(OF_A_SERVICE.values()) - keys.keys():
        keys |= {role.value: new_key(role) for role in sorted(lacking)}
        replace_file(folder / KEYS, _keys_text(keys))
    return keys


def _let_in(folder: Path, keys: Mapping[Role, str]) -> None:
    """Put `keys` into a keyring that there is, before they are given to the services; not those
    which have been given: an operator may have stopped them since."""
    given = {role for service, role in OF_A_SERVICE.items() if _is_given(folder, service)}
    new = {role: key for role, key in keys.items() if role not in given}
    if new and (folder / KEYRING).exists():
        key_file.let_in(folder, new, utc_now())


def _is_given(folder: Path, service: str) -> bool:
    return (folder / own_file(INTAKE_KEY, service)).exists()


def _make(path: Path, content: Callable[[], str]) -> bool:
    """Write `path` if it is not there."""
    if path.exists():
        return False
    path.touch(mode=0o600)
    path.write_text(content())
    return True


def read_keys(folder: Path) -> dict[str, str]:
    """Role → API key, from `keys.json` in `folder`."""
    keys: dict[str, str] = json.loads((folder / KEYS).read_text())
    return keys


def _contents(keys: dict[str, str]) -> dict[str, Callable[[], str]]:
    """What each secret setting's file holds."""
    return {
        KEYRING: lambda: _keyring(keys),
        EVENT_KEYS: lambda: new_event_keys().text(),
        INTAKE_KEY: lambda: keys[Role.SERVICE],
        **{
            own_file(INTAKE_KEY, service): partial(keys.__getitem__, role)
            for service, role in OF_A_SERVICE.items()
        },
        "klik_opt_out_key": _password,
        "klik_audit_key": _password,
        "klik_stream_key": _password,
        "klik_roster_key": _password,
        "klik_master_keys": lambda: f"m1:{b64encode(secrets.token_bytes(32)).decode()}",
        "klik_webhook_keys": lambda: f"w1:{b64encode(secrets.token_bytes(32)).decode()}",
    }


def _password() -> str:
    return secrets.token_urlsafe(24)


_PASSWORDS: dict[str, Callable[[], str]] = {
    OF_RABBITMQ: _password,
    OF_MONGO: _password,
    **{
        own_file(setting, service): _password
        for setting in (OF_RABBITMQ, OF_MONGO)
        for service in SERVICES
    },
}


def _api_keys() -> str:
    keys = {role.value: new_key(role) for role in OF_A_KEY}
    return _keys_text(keys)


def _keys_text(keys: Mapping[str, str]) -> str:
    return json.dumps(keys, indent=2) + "\n"


def _keyring(keys: dict[str, str]) -> str:
    now = utc_now()
    return rows_text(
        [
            KeyRow(
                id=f"local-{role}",
                role=Role(role),
                sha256=digest(key),
                territory=TERRITORY if role in OF_ONE_KECAMATAN else None,
                created_at=now,
            )
            for role, key in keys.items()
        ]
    )
