"""What each container is given of a deployment's secrets: a folder with the files that it reads.

The folder of secrets holds everything, and is the operator's. In `shares/<name>` of it are copies
of what one service's settings read, and of the event keys those of its own pairs
(docs/decisions/0040). Whatever changes a secret writes the shares again; running services follow
their files in them.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from klik.secret_files.files import NoSuchChange, replace_file
from shared.messaging.signing import EventKeys, pairs_of
from shared.messaging.topology import SERVICES

SHARES = "shares"
EVENT_KEYS = "klik_event_keys"
OF_MONGO = "klik_mongo_password"
OF_RABBITMQ = "klik_amqp_password"
INTAKE_KEY = "klik_intake_key"
OF_ONE_SERVICE = (OF_MONGO, OF_RABBITMQ, INTAKE_KEY)
"""What each service has of its own; in the folder of secrets, by `own_file`."""

_OF_EVERY_SERVICE = (
    "klik_keyring",
    EVENT_KEYS,
    "klik_audit_key",
    OF_RABBITMQ,
    OF_MONGO,
)
_OF_ITS_OWN: Mapping[str, tuple[str, ...]] = {
    "intake": (
        "klik_master_keys",
        "klik_kms_token",
        "klik_stream_key",
        "klik_roster_key",
        "klik_oidc_client_secret",
    ),
    "routing": ("klik_roster_key",),
    "notify": (
        INTAKE_KEY,
        "klik_opt_out_key",
        "klik_webhook_keys",
        "klik_smtp_password",
        "klik_telegram_token",
        "klik_whatsapp_token",
        "klik_whatsapp_app_secret",
        "klik_whatsapp_verify_token",
        "klik_gateway_token",
        "klik_gateway_callback_token",
    ),
    "reporting": (INTAKE_KEY, "klik_stream_key"),
}
GIVEN: Mapping[str, tuple[str, ...]] = {
    **{service: (*_OF_EVERY_SERVICE, *_OF_ITS_OWN[service]) for service in SERVICES},
    "rabbitmq": (OF_RABBITMQ,),
    "mongo": (OF_MONGO,),
}
"""Share → the files in it, where the deployment has them. A test holds it against the services'
settings, of which an image has one service's only. Addresses are in nobody's, for a password in one
would be everybody's."""


def own_file(setting: str, service: str) -> str:
    """In the folder of secrets: a service's own password or key. In its share it has the name of
    the setting, which in the folder is the operator's."""
    return f"{setting}_{service}"


def passwords_in(folder: Path, setting: str) -> dict[str, str]:
    """Service → its password for the store or for RabbitMQ, of a folder of secrets.

    Raises `NoSuchChange`.
    """
    try:
        return {name: (folder / own_file(setting, name)).read_text().strip() for name in SERVICES}
    except OSError as error:
        raise NoSuchChange(
            f"{error.filename}: {error.strerror}; `klik secrets {folder} --passwords` makes it"
        ) from None


def share_of(folder: Path, name: str) -> Path:
    """Where the share of a service is, in the folder of secrets."""
    return folder / SHARES / name


def make_shares(folder: Path, mode: int) -> None:
    """Make the shares, and write them. `mode`: of their folders; whoever may enter one may read
    what is in it. For who is alone with `folder`. Raises `NoSuchChange`."""
    for name in GIVEN:
        share = share_of(folder, name)
        if not share.is_dir():
            share.mkdir(parents=True)
            share.chmod(mode)
    write_shares(folder)


def write_shares(folder: Path) -> None:
    """Bring the shares that there are to what `folder` holds. For who is alone with `folder`.

    Raises `NoSuchChange`; event keys come last, so that one that is wrong keeps nobody's API key
    at work.
    """
    for name, share in _shares(folder):
        files = {file: folder / _source(name, file) for file in GIVEN[name]}
        found = {file: source for file, source in files.items() if source.is_file()}
        for file, source in found.items():
            if file != EVENT_KEYS:
                _put(share / file, source.read_text())
        for path in share.glob("klik_*"):
            if path.name not in found:
                path.unlink()
    if (folder / EVENT_KEYS).is_file():
        keys = read_event_keys(folder / EVENT_KEYS)
        admit(folder, keys)
        for name, share in _shares(folder):
            if EVENT_KEYS in GIVEN[name]:
                _put(share / EVENT_KEYS, _own(keys, name).text())


def admit(folder: Path, keys: EventKeys) -> None:
    """Let every service take what is signed with `keys`, and sign as it did: so nobody signs with
    a key that another one does not have yet. Raises `NoSuchChange`."""
    for name, share in _shares(folder):
        path = share / EVENT_KEYS
        if path.is_file():
            held = _held(path).pairs
            both = {
                pair: {**held.get(pair, {}), **of_pair}
                for pair, of_pair in _own(keys, name).pairs.items()
            }
            _put(path, EventKeys(both).text())


def unshared(folder: Path) -> list[str]:
    """Files of settings in `folder` that are in no share."""
    given = {_source(name, file) for name, files in GIVEN.items() for file in files}
    return sorted(path.name for path in folder.glob("klik_*") if path.name not in given)


def _shares(folder: Path) -> Iterator[tuple[str, Path]]:
    for name in GIVEN:
        if (share := share_of(folder, name)).is_dir():
            yield name, share


def _source(name: str, file: str) -> str:
    is_own = file in OF_ONE_SERVICE and name in SERVICES
    return own_file(file, name) if is_own else file


def _own(keys: EventKeys, service: str) -> EventKeys:
    own = pairs_of(service)
    return EventKeys({pair: of_pair for pair, of_pair in keys.pairs.items() if pair in own})


def _held(path: Path) -> EventKeys:
    """No keys where it is no file of keys: it is written anew."""
    with suppress(ValueError):
        return EventKeys.parse(path.read_text())
    return EventKeys({})


def read_event_keys(path: Path) -> EventKeys:
    """Raises `NoSuchChange`."""
    try:
        return EventKeys.parse(path.read_text())
    except (OSError, ValueError) as error:
        raise NoSuchChange(f"{path} cannot be read: {error}") from None


def _put(path: Path, text: str) -> None:
    """Raises `NoSuchChange`."""
    mode = 0o644 if path.parent.stat().st_mode & 0o005 else 0o600
    if path.exists() and path.stat().st_mode & 0o777 == mode and path.read_text() == text:
        return
    replace_file(path, text, mode)
