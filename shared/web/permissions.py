"""Who may call what: one table of route, role and scope.

Deny by default: a route that is not in `ACCESS`, or a role that is not in its line, answers 403.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    FRONTEND = "frontend"
    OFFICER = "officer"
    COORDINATOR = "coordinator"
    """An officer who also keeps the roster of the own satgas."""
    DPMD = "dpmd"
    """The desk of the regency: whatever an officer may do, everywhere."""
    ANALYST = "analyst"
    ADMIN = "admin"
    SERVICE = "service"


class Scope(StrEnum):
    """How far a role reaches on one route."""

    ALL = "all"
    OWN = "own"
    """The own kecamatan only."""


OF_ONE_KECAMATAN = frozenset({Role.OFFICER, Role.COORDINATOR})
"""Roles that always have a territory; the others never have one."""

_Line = Mapping[Role, Scope]


def _everywhere(*roles: Role) -> _Line:
    return dict.fromkeys(roles, Scope.ALL)


_SATGAS: _Line = {
    **dict.fromkeys((Role.OFFICER, Role.COORDINATOR), Scope.OWN),
    **_everywhere(Role.DPMD, Role.ADMIN),
}
_PEOPLE: _Line = {**_SATGAS, **_everywhere(Role.FRONTEND)}
_REQUESTERS = _everywhere(Role.FRONTEND, Role.ADMIN)
_REGENCY = _everywhere(Role.DPMD, Role.ADMIN)
_OFFICES: _Line = {Role.COORDINATOR: Scope.OWN, **_REGENCY}
_RULES = _everywhere(*_SATGAS)
_REPORTS = _everywhere(Role.ANALYST, Role.DPMD, Role.ADMIN, Role.SERVICE)
_CODES = _everywhere(*Role)

ACCESS: Mapping[str, Mapping[Role, Scope]] = {
    # intake
    "submit_consultation": _REQUESTERS,
    "submit_batch": _REQUESTERS,
    "read_consultation": _PEOPLE,
    "list_consultations": _SATGAS,
    "add_message": _PEOPLE,
    "acknowledge_consultation": _SATGAS,
    "close_consultation": _PEOPLE,
    "reopen_consultation": _PEOPLE,
    "withdraw_consultation": _REQUESTERS,
    "reject_consultation": _SATGAS,
    "transfer_consultation": _SATGAS,
    "escalate_consultation": _SATGAS,
    "rate_consultation": _REQUESTERS,
    "erase_consultation": _REGENCY,
    "read_reference": _CODES,
    "read_contacts": _everywhere(Role.SERVICE),
    "count_accepted": _everywhere(Role.ADMIN, Role.SERVICE),
    # routing
    "read_case": _SATGAS,
    "read_satgas": _SATGAS,
    "put_satgas": _OFFICES,
    "read_policy": {**_RULES, **_everywhere(Role.SERVICE)},
    "put_policy": _REGENCY,
    "read_calendar": _CODES,
    "read_local_calendar": _RULES,
    "put_local_calendar": _REGENCY,
    # notify
    "read_recipient": _OFFICES,
    "put_recipient": _OFFICES,
    "list_alerts": _SATGAS,
    "read_alert": _SATGAS,
    "resend_alert": _SATGAS,
    "create_webhook": _PEOPLE,
    "list_webhooks": _PEOPLE,
    "read_webhook": _PEOPLE,
    "put_webhook": _PEOPLE,
    "delete_webhook": _PEOPLE,
    "rotate_webhook": _PEOPLE,
    "test_webhook": _PEOPLE,
    "pause_webhook": _PEOPLE,
    "resume_webhook": _PEOPLE,
    "list_deliveries": _PEOPLE,
    "put_opt_out": _everywhere(Role.FRONTEND, Role.DPMD, Role.ADMIN),
    # reporting
    "report_consultations": _REPORTS,
    "report_consultations_csv": _REPORTS,
    "report_consultations_xlsx": _REPORTS,
    "report_consultations_parquet": _REPORTS,
    "list_members": _REGENCY,
    "read_overview": _REPORTS,
    "stream_changes": _REPORTS,
    "list_summaries": _REPORTS,
    "reconcile_counts": _REPORTS,
}
"""Route name → role → scope. Without a key: probes, metrics, tracking by ticket and PIN, the pages
that links in alerts open, the dashboard's page and its open edition; and providers' callbacks,
which have none of ours and prove themselves by a signature or a secret."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, and how far that reaches on the route called."""

    key_id: str
    """The id of the API key, or the token's subject: safe to log, and the actor in events."""
    role: Role
    territory: str | None = None
    """The kecamatan of an officer or coordinator."""
    scope: Scope = Scope.OWN

    def may_see(self, kecamatan: str, *, satgas: str | None = None) -> bool:
        """Whether a case of `kecamatan`, which `satgas` has now, is within the caller's reach."""
        if self.scope is Scope.ALL:
            return True
        return self.territory is not None and self.territory in (kecamatan, satgas)
