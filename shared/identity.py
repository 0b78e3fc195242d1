"""Who may call what: API keys by role, and one table of every guarded route.

Deny by default: a route that is not in `ACCESS` answers 403 to everybody. Keys are kept hashed; a
caller sends the plain one as `Authorization: Bearer <key>`. An officer's key can be for one
kecamatan. Rotation and OIDC tokens will come in through `Keyring.identify`.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.problems import Problem


class Role(StrEnum):
    FRONTEND = "frontend"
    OFFICER = "officer"
    ANALYST = "analyst"
    ADMIN = "admin"
    SERVICE = "service"


_FORMS = frozenset(Role)
_PEOPLE = frozenset({Role.FRONTEND, Role.OFFICER, Role.ADMIN})
_SATGAS = frozenset({Role.OFFICER, Role.ADMIN})
_REPORTS = frozenset({Role.ANALYST, Role.ADMIN, Role.SERVICE})

ACCESS: Mapping[str, frozenset[Role]] = {
    # intake
    "submit_consultation": frozenset({Role.FRONTEND, Role.ADMIN}),
    "submit_batch": frozenset({Role.FRONTEND, Role.ADMIN}),
    "read_consultation": _PEOPLE,
    "list_consultations": frozenset({Role.OFFICER, Role.ADMIN}),
    "add_message": _PEOPLE,
    "acknowledge_consultation": _SATGAS,
    "close_consultation": _PEOPLE,
    "reopen_consultation": _PEOPLE,
    "withdraw_consultation": frozenset({Role.FRONTEND, Role.ADMIN}),
    "reject_consultation": _SATGAS,
    "transfer_consultation": _SATGAS,
    "escalate_consultation": _SATGAS,
    "rate_consultation": frozenset({Role.FRONTEND, Role.ADMIN}),
    "read_reference": _FORMS,
    "count_accepted": frozenset({Role.ADMIN, Role.SERVICE}),
    # routing
    "read_case": frozenset({Role.OFFICER, Role.ADMIN}),
    "read_calendar": _FORMS,
    # reporting
    "report_consultations": _REPORTS,
    "report_consultations_csv": _REPORTS,
    "reconcile_counts": _REPORTS,
}
"""Route name → roles. Probes, metrics and tracking by ticket and PIN need no key."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling: the key's id (safe to log) and its role."""

    key_id: str
    role: Role
    territory: str | None = None
    """The kecamatan that an officer's key is for; None: all of them."""

    def may_see(self, kecamatan: str) -> bool:
        return self.territory in (None, kecamatan)


class Keyring:
    """The API keys known to this deployment, hashed with SHA-256: they are long and random."""

    def __init__(self, callers: Mapping[str, Caller]) -> None:
        self._callers = callers

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Read `[{"id": …, "role": …, "sha256": …, "territory"?: …}, …]`, else ValueError."""
        try:
            return cls(
                {
                    row["sha256"]: Caller(row["id"], Role(row["role"]), row.get("territory"))
                    for row in json.loads(text)
                }
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"KLIK_KEYRING is not a keyring ({type(error).__name__})") from None

    def identify(self, key: str) -> Caller | None:
        digest = hashlib.sha256(key.encode()).hexdigest()
        for known, caller in self._callers.items():
            if hmac.compare_digest(known, digest):
                return caller
        return None


_bearer = HTTPBearer(auto_error=False, description="An API key", scheme_name="ApiKey")


def authorize(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Caller:
    """The caller of a guarded route; 401 without a valid key, 403 where the role may not."""
    keyring: Keyring = request.app.state.keyring
    caller = keyring.identify(credentials.credentials) if credentials else None
    if caller is None:
        raise Problem("unauthorized", headers={"WWW-Authenticate": "Bearer"})
    if caller.role not in ACCESS.get(request.scope["route"].name, frozenset()):
        raise Problem("forbidden", detail=f"The role '{caller.role}' may not do this.")
    return caller
