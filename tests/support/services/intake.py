"""intake's HTTP side over stores that a test puts in, and the tokens of its requesters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import FastAPI

from services.intake import api
from services.intake.acceptance import Acceptance
from services.intake.accounts.attempts import Attempts
from services.intake.accounts.issuer import Issuer
from services.intake.accounts.sessions import AccountSessions, AccountsStore
from services.intake.erasure import Erasure
from services.intake.link_tokens import LinkTokens
from services.intake.moves import Moves
from services.intake.pages.accounts import AccountSignIn
from services.intake.pages.follow import Following
from services.intake.pages.handling import Handling
from services.intake.pages.inbox import Inbox
from services.intake.pages.routes import routes as page_routes
from services.intake.pages.sign_in import SigningIn
from services.intake.pages.site import PAGES
from services.intake.pages.submit import Submitting
from services.intake.requester_tokens import RequesterTokens
from services.intake.tracking import LinkRequests, Tracking
from shared.limits.buckets import UNLIMITED, Buckets, Rate
from shared.limits.callers import CallerLimits
from shared.web.pages.report_tokens import ReportTokens
from shared.web.pages.roster_tokens import RosterTokens
from shared.web.pages.sessions import Sessions
from tests.support.fakes import FakeEndedSessions, FakePinTries, FakeSavedReplies

SECRETS: Mapping[str, bytes] = {"m2": b"2" * 32, "m1": b"1" * 32}
#: As which front-end the page posts, and where people reach it.
FRONT_END, PUBLIC_URL = "kirim", "https://klik.example"
STREAM_KEY = b"of intake and reporting"
ROSTER_KEY = b"of intake and routing"
LIFETIME = timedelta(days=30)
LINK_LIFETIME = timedelta(days=14)


@dataclass(frozen=True)
class Accounts:
    """What people sign in by, beside codes."""

    issuer: Issuer
    store: AccountsStore


def requester_tokens(clock: Callable[[], datetime]) -> RequesterTokens:
    return RequesterTokens(SECRETS, LIFETIME, clock)


def link_tokens(clock: Callable[[], datetime]) -> LinkTokens:
    return LinkTokens(SECRETS, LINK_LIFETIME, clock)


def with_intake(
    app: FastAPI,
    store: Any,
    clock: Callable[[], datetime],
    tracking: Tracking | None = None,
    erasure: Erasure | None = None,
    sources: Rate | None = None,
    accounts: Accounts | None = None,
    searches: Buckets = UNLIMITED,
    replies: FakeSavedReplies | None = None,
) -> None:
    """`app` answers as intake does, over `store`; it lets requesters in by their tokens."""
    tokens = requester_tokens(clock)
    app.state.own_tokens = tokens
    app.state.searches = searches
    links = link_tokens(clock)
    tracking = tracking or Tracking(store, FakePinTries(), clock)
    acceptance, moves = Acceptance(store, clock), Moves(store, clock)
    erasure = erasure or Erasure(store, clock)
    replies = replies or FakeSavedReplies()
    link_requests = LinkRequests(store, FakePinTries(), clock)
    for_requesters = (tracking, tokens, links, link_requests)
    routes = api.routes(acceptance, moves, store, *for_requesters, erasure, replies, clock)
    app.include_router(routes)
    following = Following(tracking, tokens, links, link_requests, moves, store)
    submitting = Submitting(
        acceptance,
        clock,
        front_end=FRONT_END,
        public_url=PUBLIC_URL,
        limits=CallerLimits.of(None, sources),
    )
    ended = FakeEndedSessions()
    sessions, by_account = Sessions(SECRETS, clock, ended), None
    signing_in = SigningIn(sessions)
    if accounts is not None:
        issuer, kept = accounts.issuer, AccountSessions(accounts.issuer, accounts.store, clock)
        sessions = Sessions(SECRETS, clock, ended, kept)
        signing_in = SigningIn(sessions, issuer, kept)
        by_account = AccountSignIn(signing_in, issuer, Attempts(SECRETS, clock), kept)
    inbox = Inbox(sessions, store, clock)
    handling = Handling(sessions, moves, store, replies, clock)
    reports = ReportTokens(STREAM_KEY, app.state.keyring, clock)
    rosters = RosterTokens(ROSTER_KEY, app.state.keyring, clock)
    for_people = (inbox, handling, signing_in, rosters, by_account, reports)
    app.include_router(page_routes(following, submitting, *for_people))
    app.state.error_page = PAGES.error


def as_requester(consultation: UUID | str, clock: Callable[[], datetime]) -> dict[str, str]:
    """The header of whoever asked."""
    token = requester_tokens(clock).issue(UUID(str(consultation)))
    return {"Authorization": f"Bearer {token.text}"}
