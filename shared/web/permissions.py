"""Who may call what: one table of route, role and scope.

Deny by default: a route that is not in `ACCESS`, or a role that is not in its line, answers 403.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    FRONTEND = "frontend"
    """Posts for requesters, and speaks for none of them."""
    REQUESTER = "requester"
    """Who asked: by a token for one consultation, never by a key."""
    OFFICER = "officer"
    COORDINATOR = "coordinator"
    """An officer who also keeps the roster of the own satgas, and sees how it does."""
    CAMAT = "camat"
    """Head of a kecamatan: sees how the own one does, and no conversation."""
    DPMD = "dpmd"
    """The desk of the regency: whatever an officer may do, everywhere."""
    ANALYST = "analyst"
    ADMIN = "admin"
    SERVICE = "service"
    """Another program: figures and rules, nobody's contact."""
    NOTIFY = "notify"
    """The service of that name: how requesters are reached, to tell them."""
    REPORTING = "reporting"
    """The service of that name: counts and rules."""


class Scope(StrEnum):
    """How far a role reaches on one route."""

    ALL = "all"
    OWN = "own"
    """The own kecamatan only."""
    ONE = "one"
    """The one consultation that the token is for."""
    POSTED = "posted"
    """What the caller itself posted."""


OF_ONE_KECAMATAN = frozenset({Role.OFFICER, Role.COORDINATOR, Role.CAMAT})
"""Roles that always have a territory; the others never have one."""
OF_A_KEY = tuple(role for role in Role if role is not Role.REQUESTER)
"""Roles that an API key, or a token of an OIDC issuer, may have."""
OF_A_SERVICE: Mapping[str, Role] = {"notify": Role.NOTIFY, "reporting": Role.REPORTING}
"""Service of ours → the role of the key with which it asks others."""

_Line = Mapping[Role, Scope]


def _everywhere(*roles: Role) -> _Line:
    return dict.fromkeys(roles, Scope.ALL)


_SATGAS: _Line = {
    **dict.fromkeys((Role.OFFICER, Role.COORDINATOR), Scope.OWN),
    **_everywhere(Role.DPMD, Role.ADMIN),
}
_COUNTING = (Role.SERVICE, Role.REPORTING)
_REQUESTER: _Line = {Role.REQUESTER: Scope.ONE}
_BOTH_SIDES: _Line = {**_SATGAS, **_REQUESTER}
_POSTING = _everywhere(Role.FRONTEND, Role.ADMIN)
_POSTED: _Line = {Role.FRONTEND: Scope.POSTED}
_HOOKS: _Line = {**_SATGAS, **_POSTED}
_REGENCY = _everywhere(Role.DPMD, Role.ADMIN)
_OFFICES: _Line = {Role.COORDINATOR: Scope.OWN, **_REGENCY}
_RULES = _everywhere(*_SATGAS)
_OWN_TEXTS = _everywhere(*_SATGAS)
"""The caller's own alone, of no kecamatan."""
_OVERSEEING: _Line = dict.fromkeys((Role.COORDINATOR, Role.CAMAT), Scope.OWN)
_ALL_FIGURES = _everywhere(Role.ANALYST, Role.DPMD, Role.ADMIN, Role.SERVICE)
_REPORTS: _Line = {**_OVERSEEING, **_ALL_FIGURES}
_MEMBERS: _Line = {**_OVERSEEING, **_REGENCY}

ACCESS: Mapping[str, Mapping[Role, Scope]] = {
    # intake
    "submit_consultation": _POSTING,
    "submit_batch": _POSTING,
    "read_consultation": _BOTH_SIDES,
    "read_status": {**_POSTED, **_REQUESTER},
    "list_consultations": _SATGAS,
    "add_message": _BOTH_SIDES,
    "acknowledge_consultation": _SATGAS,
    "close_consultation": _BOTH_SIDES,
    "reopen_consultation": _BOTH_SIDES,
    "withdraw_consultation": _REQUESTER,
    "reject_consultation": _SATGAS,
    "transfer_consultation": _SATGAS,
    "escalate_consultation": _SATGAS,
    "rate_consultation": _REQUESTER,
    "erase_consultation": _REGENCY,
    "list_saved_replies": _OWN_TEXTS,
    "save_reply": _OWN_TEXTS,
    "delete_saved_reply": _OWN_TEXTS,
    "read_contacts": _everywhere(Role.NOTIFY),
    "count_accepted": _everywhere(Role.ADMIN, *_COUNTING),
    # routing
    "read_case": _SATGAS,
    "read_satgas": _SATGAS,
    "put_satgas": _OFFICES,
    "read_policy": {**_RULES, **_everywhere(*_COUNTING)},
    "put_policy": _REGENCY,
    "read_calendar": _everywhere(*OF_A_KEY),
    "read_local_calendar": _RULES,
    "put_local_calendar": _REGENCY,
    # notify
    "read_recipient": _OFFICES,
    "put_recipient": _OFFICES,
    "list_alerts": _SATGAS,
    "read_alert": _SATGAS,
    "resend_alert": _SATGAS,
    "create_webhook": _HOOKS,
    "list_webhooks": _HOOKS,
    "read_webhook": _HOOKS,
    "put_webhook": _HOOKS,
    "delete_webhook": _HOOKS,
    "rotate_webhook": _HOOKS,
    "test_webhook": _HOOKS,
    "pause_webhook": _HOOKS,
    "resume_webhook": _HOOKS,
    "list_deliveries": _HOOKS,
    "put_opt_out": _REGENCY,
    # reporting
    "report_consultations": _REPORTS,
    "report_consultations_csv": _REPORTS,
    "report_consultations_xlsx": _REPORTS,
    "report_consultations_parquet": _REPORTS,
    "list_members": _MEMBERS,
    "list_members_csv": _MEMBERS,
    "list_members_xlsx": _MEMBERS,
    "read_overview": _REPORTS,
    "stream_changes": _REPORTS,
    "create_stream_token": _REPORTS,
    "list_summaries": _REPORTS,
    "reconcile_counts": _ALL_FIGURES,
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
    """The kecamatan of an officer, coordinator or camat."""
    scope: Scope = Scope.OWN
    consultation: UUID | None = None
    """The one of a requester."""
    is_by_token: bool = False
    """Known by a token of the OIDC issuer, so that no key says how long."""
    until: datetime | None = field(default=None, compare=False)
    """When the token ends that says who it is; None of a key, which is asked for again."""

    def may_see(self, kecamatan: str, *, satgas: str | None = None) -> bool:
        """Whether a case of `kecamatan`, which `satgas` has now, is within the caller's reach."""
        if self.scope is Scope.ALL:
            return True
        return self.territory is not None and self.territory in (kecamatan, satgas)
