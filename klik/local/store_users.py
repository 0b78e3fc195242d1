"""A user of the store for each service, for that service's database and no other."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from klik.nodes import Store
from klik.secret_files.files import NoSuchChange, replace_file
from shared.messaging import topology
from shared.settings import Connections

#: Seconds for the store to be found.
FOUND_SECONDS = 20.0
_USER_NOT_FOUND = 11


def provision(dsn: str, passwords: Mapping[str, str], prefix: str) -> list[str]:
    """Make the users, or what differs of them; the names of those that were changed.

    `dsn`: the store's address, of an administrator. `passwords`: service → password. `prefix`: of
    databases and users, `<prefix>_<service>` each. What is right stays untouched, so it is safe
    to repeat while the services run. Raises `NoSuchChange` where the store refuses.
    """
    changed = []
    try:
        with _client(dsn) as admin:
            for service, password in passwords.items():
                user = _user_of(service, prefix)
                if not _is_right(admin, dsn, user, password):
                    _set(admin, user, password)
                    changed.append(user)
    except PyMongoError as error:
        details = error.details if isinstance(error, OperationFailure) else None
        said = (details or {}).get("errmsg")
        raise NoSuchChange(f"the store refuses: {said or type(error).__name__}") from None
    return changed


def store_with_users(data: Path) -> Store:
    """A private store that has not been started; its administrator's password is kept in `data`.
    Raises `NodeUnavailable` and `NoSuchChange`."""
    data.mkdir(parents=True, exist_ok=True)
    kept = data / "password"
    if not kept.exists():
        replace_file(kept, secrets.token_urlsafe(24))
    return Store(data, password=kept.read_text())


def users_of(store: Store) -> dict[str, str]:
    """Service → its address there, by a password that is new each time. Raises `NoSuchChange`."""
    prefix = Connections().mongo_prefix
    passwords = {service: secrets.token_urlsafe(24) for service in topology.SERVICES}
    provision(store.url, passwords, prefix)
    return {
        service: store.url_of(_user_of(service, prefix), password)
        for service, password in passwords.items()
    }


def _user_of(service: str, prefix: str) -> str:
    """Of its database as well."""
    return f"{prefix}_{service}"


def _roles(user: str) -> list[dict[str, str]]:
    return [{"role": "readWrite", "db": user}]


def _is_right(admin: "MongoClient[dict[str, Any]]", dsn: str, user: str, password: str) -> bool:
    found = admin.admin.command("usersInfo", user)["users"]
    if not found or [{"role": r["role"], "db": r["db"]} for r in found[0]["roles"]] != _roles(user):
        return False
    try:
        with _client(dsn, username=user, password=password, authSource="admin") as own:
            own[user].list_collection_names()
    except OperationFailure:
        return False
    return True


def _set(admin: "MongoClient[dict[str, Any]]", user: str, password: str) -> None:
    wanted: dict[str, Any] = {"pwd": password, "roles": _roles(user)}
    try:
        admin.admin.command("updateUser", user, **wanted)
    except OperationFailure as error:
        if error.code != _USER_NOT_FOUND:
            raise
        admin.admin.command("createUser", user, **wanted)


def _client(dsn: str, **options: Any) -> "MongoClient[dict[str, Any]]":
    return MongoClient(dsn, serverSelectionTimeoutMS=int(FOUND_SECONDS * 1000), **options)
