"""Who reaches what: the rule, spelled out apart from the table in code that it proves.

A line says which role may ask a route at all, about what; `SIGHT`, `WHOSE` and the like say how far
each side sees of that. 200 stands for "carried out, or refused by the state it is in".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

HOME, NEXT = "64.02.06", "64.02.07"

#: Who calls: key → role, and the kecamatan that the key is of.
KEYS: Mapping[str, tuple[str, str | None]] = {
    "front-end": ("frontend", None),
    "officer": ("officer", HOME),
    "neighbour": ("officer", NEXT),
    "coordinator": ("coordinator", HOME),
    "camat": ("camat", HOME),
    "dpmd": ("dpmd", None),
    "admin": ("admin", None),
    "analyst": ("analyst", None),
    "service": ("service", None),
    "notify": ("notify", None),
    "reporting": ("reporting", None),
}
#: Who has a token for one consultation: the one that is asked about, or another.
REQUESTERS = ("requester", "other requester")
#: Who is nobody: by whatever they send, a guarded route answers 401.
NOBODY = (
    "no key",
    "unknown key",
    "revoked key",
    "expired key",
    "expired token of a requester",
    "forged token of a requester",
    "expired token of the issuer",
    "token of the issuer that nobody signed",
)

SATGAS = frozenset({"officer", "coordinator", "dpmd", "admin"})
REGENCY = frozenset({"dpmd", "admin"})
OFFICES = REGENCY | {"coordinator"}
OF_A_KEY = frozenset(role for role, _ in KEYS.values())
ASKER = frozenset({"requester"})
FIGURES = REGENCY | {"analyst", "service"}
OVERSEEING = frozenset({"coordinator", "camat"})
BOUND = frozenset({"officer", "coordinator", "camat"})


@dataclass(frozen=True)
class Consultation:
    """`by`: which front-end posted it; `has`: the satgas that has it."""

    desa: str = f"{HOME}.2012"
    has: str = HOME
    kind: str = "konsultasi"
    by: str = "front-end"
    erased: bool = False


#: What there is to reach for.
CONSULTATIONS: Mapping[str, Consultation] = {
    "of home": Consultation(),
    "of next": Consultation(desa=f"{NEXT}.2001", has=NEXT),
    "of next, transferred home": Consultation(desa=f"{NEXT}.2001"),
    "against home": Consultation(kind="pengaduan", has="dpmd"),
    "against home, given home": Consultation(kind="pengaduan"),
    "by another front-end": Consultation(by="another"),
    "erased": Consultation(erased=True),
    "erased, of next": Consultation(desa=f"{NEXT}.2001", has=NEXT, erased=True),
    "erased, against home": Consultation(kind="pengaduan", has="dpmd", erased=True),
}
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Sees:
    """What each side is answered who may ask at all."""

    home: int
    next: int
    front_end: int
    requester: int = 200
    everywhere: int = 200


#: 403 is "elsewhere"; 404 also for what may not be known to exist.
SIGHT: Mapping[str, Sees] = {
    "of home": Sees(home=200, next=403, front_end=200),
    "of next": Sees(home=403, next=200, front_end=200),
    "of next, transferred home": Sees(home=200, next=200, front_end=200),
    "against home": Sees(home=404, next=404, front_end=200),
    "against home, given home": Sees(home=200, next=404, front_end=200),
    "by another front-end": Sees(home=200, next=403, front_end=404),
    "erased": Sees(home=200, next=403, front_end=200),
    "erased, of next": Sees(home=403, next=200, front_end=200),
    "erased, against home": Sees(home=404, next=404, front_end=200),
    UNKNOWN: Sees(home=404, next=404, front_end=404, requester=404, everywhere=404),
}
#: Rosters, and the people of one: whose satgas it is.
PLACES: Mapping[str, Sees] = {
    "of home": Sees(home=200, next=403, front_end=403),
    "of next": Sees(home=403, next=200, front_end=403),
    "of dpmd": Sees(home=403, next=403, front_end=403),
}
#: A roster that there is not is not told of to who sees one alone; a person is.
ROSTERS = {**PLACES, UNKNOWN: Sees(403, 403, 403, everywhere=404)}
PEOPLE = {**PLACES, UNKNOWN: Sees(404, 404, 403, everywhere=404)}
#: Who may write a person in: into the own satgas, out of the own satgas alone.
WRITTEN = {
    **PLACES,
    "new, of home": Sees(home=200, next=403, front_end=403),
    "new, of next": Sees(home=403, next=200, front_end=403),
    "of home, moved to next": Sees(home=403, next=403, front_end=403),
    "of next, moved to home": Sees(home=403, next=403, front_end=403),
}
#: Webhooks: of the key that made them; an administrator's reaches all.
OWN, ANOTHERS = "own", "another's"


@dataclass(frozen=True)
class Line:
    """`may`: roles that are let in. `about`: which table says how far. `erased`: what becomes of
    what was erased. `says`: what may be said by whom, where one route takes words of both sides,
    by the kind of message."""

    about: str
    may: frozenset[str]
    erased: int = 200
    says: Mapping[str, frozenset[str]] = field(default_factory=dict)


def _is_left(may: frozenset[str]) -> Line:
    return Line("consultation", may)


def _is_gone(may: frozenset[str], **says: frozenset[str]) -> Line:
    return Line("consultation", may, erased=410, says=says)


def _all(may: frozenset[str]) -> Line:
    return Line("nothing", may)


_HOOK = Line("webhook", SATGAS | {"frontend"})
_REPORT = Line("figures", OVERSEEING | FIGURES)
_MEMBERS = Line("figures", OVERSEEING | REGENCY)

#: Every guarded route.
TABLE: Mapping[str, Line] = {
    # intake
    "submit_consultation": _all(frozenset({"frontend", "admin"})),
    "submit_batch": _all(frozenset({"frontend", "admin"})),
    "read_consultation": _is_left(SATGAS | ASKER),
    "read_status": _is_left(frozenset({"frontend", "requester"})),
    "list_consultations": Line("consultations", SATGAS),
    "add_message": _is_gone(
        SATGAS | ASKER, answer=SATGAS, question=SATGAS, note=SATGAS, reply=ASKER
    ),
    "acknowledge_consultation": _is_gone(SATGAS),
    "close_consultation": _is_gone(SATGAS | ASKER),
    "reopen_consultation": _is_gone(SATGAS | ASKER),
    "withdraw_consultation": _is_gone(ASKER),
    "reject_consultation": _is_gone(SATGAS),
    "transfer_consultation": _is_gone(SATGAS),
    "escalate_consultation": _is_gone(SATGAS),
    "rate_consultation": _is_gone(ASKER),
    "erase_consultation": _is_left(REGENCY),
    "list_saved_replies": Line("texts", SATGAS),
    "save_reply": Line("texts", SATGAS),
    "delete_saved_reply": Line("texts", SATGAS),
    "read_contacts": _all(frozenset({"notify"})),
    "count_accepted": _all(frozenset({"admin", "service", "reporting"})),
    # routing
    "read_case": _is_left(SATGAS),
    "read_satgas": Line("roster", SATGAS),
    "put_satgas": Line("roster", OFFICES),
    "read_policy": _all(SATGAS | {"service", "reporting"}),
    "put_policy": _all(REGENCY),
    "read_calendar": _all(OF_A_KEY),
    "read_local_calendar": _all(SATGAS),
    "put_local_calendar": _all(REGENCY),
    # notify
    "read_recipient": Line("person", OFFICES),
    "put_recipient": Line("entry", OFFICES),
    "list_alerts": Line("alerts", SATGAS),
    "read_alert": _is_left(SATGAS),
    "resend_alert": _is_left(SATGAS),
    "create_webhook": _all(SATGAS | {"frontend"}),
    "list_webhooks": Line("webhooks", SATGAS | {"frontend"}),
    "read_webhook": _HOOK,
    "put_webhook": _HOOK,
    "rotate_webhook": _HOOK,
    "test_webhook": _HOOK,
    "pause_webhook": _HOOK,
    "resume_webhook": _HOOK,
    "list_deliveries": _HOOK,
    "delete_webhook": _HOOK,
    "put_opt_out": _all(REGENCY),
    # reporting
    "report_consultations": _REPORT,
    "report_consultations_csv": _REPORT,
    "report_consultations_xlsx": _REPORT,
    "report_consultations_parquet": _REPORT,
    "list_members": _MEMBERS,
    "list_members_csv": _MEMBERS,
    "list_members_xlsx": _MEMBERS,
    "read_overview": _REPORT,
    "list_summaries": Line("summaries", OVERSEEING | FIGURES),
    "stream_changes": _all(OVERSEEING | FIGURES),
    "create_stream_token": _all(OVERSEEING | FIGURES),
    "reconcile_counts": _all(FIGURES),
}

#: Beside them, what needs no key: a key or token changes nothing of its answer, whosever it is.
#: Name → what it answers here: to a requester without ticket and PIN, to a provider without its
#: secret, to a person without a session.
OPEN: Mapping[str, int] = {
    **dict.fromkeys(("livez", "metrics_page", "openapi"), 200),
    # its store is away here
    "readyz": 503,
    "docs": 308,
    **dict.fromkeys(("docs_page", "docs_document"), 200),
    "docs_file": 422,
    **dict.fromkeys(("page_file", "dashboard_file"), 404),
    "track": 422,
    "track_token": 422,
    "send_link": 202,
    "track_page": 200,
    "track_by_form": 404,
    "follow_page": 200,
    "follow_move": 403,
    "follow_end": 303,
    "submit_page": 200,
    "submit_by_form": 422,
    "queue_page": 200,
    "service_worker": 200,
    "officer_page": 303,
    "officer_page_of": 303,
    "webhook_page": 200,
    # by the link of an e-mail alone
    **dict.fromkeys(("unsubscribe_page", "unsubscribe"), 404),
    "sign_in_page": 200,
    "sign_in": 403,
    "sign_out": 303,
    "account_sign_in": 303,
    "account_back": 403,
    "dashboard_access": 204,
    "roster_access": 303,
    "roster_page": 303,
    "roster_page_of": 303,
    "roster_change": 307,
    "inbox_page": 303,
    "inbox_mark": 401,
    "handling_page": 303,
    "handling_move": 403,
    "dashboard": 200,
    "read_open_overview": 200,
    # no list is called as the path is filled here
    "read_reference": 422,
    "verify_whatsapp": 403,
    "whatsapp_callback": 403,
    "gateway_callback": 404,
}
