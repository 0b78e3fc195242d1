"""All four services over stores in memory, by one keyring, with one of everything to reach for."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from services.intake.domain.consultation import Message, Private, submit
from services.intake.domain.submission import Submission
from services.intake.domain.tickets import new_ticket
from services.intake.store.documents import without_words
from services.notify.domain.audience import Target, queued
from services.notify.domain.recipients import Recipient
from services.notify.pages import unsubscribe
from services.reporting.summaries.api import routes as summary_routes
from services.routing import api as routing_api
from services.routing.pages import roster
from services.routing.pages.site import PAGES as ROSTER_PAGES
from shared.events import Region, ReportSummarised, Summary
from shared.times import local_day
from shared.web.app import create_http
from shared.web.auth import Keyring
from shared.web.jwks import Jwks
from shared.web.oidc import IssuedTokens, Issuer
from shared.web.pages.report_tokens import ReportTokens
from shared.web.pages.roster_tokens import RosterTokens
from shared.web.permissions import Role
from tests.contract.reach.table import CONSULTATIONS, HOME, KEYS, NEXT, Consultation
from tests.support.builders import NOON, a_post, assigned, submitted
from tests.support.fakes import Clock, FakeConsultations, FakeSavedReplies
from tests.support.keys import key_row, keyring_text
from tests.support.services.accounts import CLIENT, NAME, FakeAccountSessions, IssuerPeer, jwks
from tests.support.services.dashboard import Scene as Dashboard
from tests.support.services.intake import ROSTER_KEY, STREAM_KEY, Accounts, with_intake
from tests.support.services.notify import FakeAlerts, FakeOptOuts, FakeRecipients
from tests.support.services.notify_routes import notify_routes
from tests.support.services.routing import routing
from tests.support.services.webhooks import Hooks

#: What nobody may read who has no business with it.
SECRET = "RAHASIA"
PIN = "123456"
LAST_WEEK = (NOON - timedelta(days=8)).date(), (NOON - timedelta(days=2)).date()


class CountedConsultations(FakeConsultations):
    async def count_accepted(self, first_day: str, last_day: str) -> list[dict[str, Any]]:
        return []


@dataclass
class Summaries:
    events: Sequence[ReportSummarised]

    async def within(self, *asked: object) -> list[ReportSummarised]:
        return [*self.events]

    async def told(self, ids: Sequence[str]) -> set[str]:
        return set(ids)

    async def add(self, events: Sequence[ReportSummarised]) -> int:
        raise NotImplementedError


def keyring() -> Keyring:
    rows = [
        key_row(name, name, Role(role), **({"territory": place} if place else {}))
        for name, (role, place) in KEYS.items()
    ]
    past = NOON - timedelta(hours=1)
    rows += [
        key_row("revoked", "revoked key", Role.ADMIN, revoked_at=past.isoformat()),
        key_row("expired", "expired key", Role.ADMIN, expires_at=past.isoformat()),
    ]
    return Keyring.parse(keyring_text(*rows), Clock(NOON))


def issued_tokens() -> IssuedTokens:
    async def keys() -> str:
        return jwks()

    return IssuedTokens(Issuer(NAME, CLIENT), Jwks(keys))


class System:
    """With one of everything once it is made; `reset` puts it back."""

    def __init__(self) -> None:
        self.clock, self.keys, self.peer = Clock(NOON), keyring(), IssuerPeer()
        self.ids = {name: uuid4() for name in CONSULTATIONS}
        self.tickets = {id_: new_ticket() for id_ in self.ids.values()}
        self.store = CountedConsultations()
        self.replies = FakeSavedReplies()
        self.alerts, self.recipients = FakeAlerts(), FakeRecipients()
        self.hooks = Hooks()
        self.hooks.recipients = self.recipients
        self.routing = routing(
            **{"64_02_06": ("home-1", "home-2"), "64_02_07": ("next-1", "next-2"), "dpmd": ("d",)}
        )
        self.dashboard = Dashboard(400)
        self.dashboard.keys.now = self.keys
        self.apps = {
            "intake": self._intake(),
            "routing": self._routing(),
            "notify": self._notify(),
            "reporting": self._reporting(),
        }

    def _app(self, service: str) -> FastAPI:
        return create_http(service, "", self.keys, lambda: True, None, issued_tokens())

    def _intake(self) -> FastAPI:
        app, accounts = self._app("intake"), Accounts(self.peer.issuer(), FakeAccountSessions())
        with_intake(app, self.store, self.clock, accounts=accounts, replies=self.replies)
        return app

    def _routing(self) -> FastAPI:
        app, here = self._app("routing"), self.routing
        app.include_router(routing_api.routes(here.cases, here.rosters, here.rules, self.clock))
        visitors = RosterTokens(ROSTER_KEY, self.keys, self.clock)
        app.include_router(roster.routes(here.rosters, visitors, lambda: local_day(NOON)))
        app.state.error_page = ROSTER_PAGES.error
        return app

    def _notify(self) -> FastAPI:
        app = self._app("notify")
        service = self.hooks.service()
        app.include_router(notify_routes(self.alerts, self.recipients, webhooks=service))
        app.include_router(unsubscribe.routes(FakeOptOuts()))
        return app

    def _reporting(self) -> FastAPI:
        app = self.dashboard.app
        app.state.own_tokens = ReportTokens(STREAM_KEY, self.keys, self.clock)
        app.state.tokens = issued_tokens()
        areas = (("week", HOME), ("week", NEXT), ("month", "64.02"))
        told = Summaries([_summary(every, area) for every, area in areas])
        app.include_router(summary_routes(told, self.clock))
        return app

    @asynccontextmanager
    async def clients(self) -> AsyncGenerator[Mapping[str, httpx.AsyncClient]]:
        async with AsyncExitStack() as stack:
            yield {
                name: await stack.enter_async_context(
                    httpx.AsyncClient(
                        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
                        base_url="http://i",
                    )
                )
                for name, app in self.apps.items()
            }

    async def make(self) -> None:
        """One of everything. Of each consultation a case, and an alert to its officer."""
        for name, one in CONSULTATIONS.items():
            await self._put(self.ids[name], one)
        people = {"of home": HOME, "of next": NEXT, "of dpmd": "dpmd"}
        self.recipients.kept = {
            id_of(name): Recipient(id_of(name), "officer", place) for name, place in people.items()
        }
        await self.replies.add("another", SECRET, NOON)
        self._made = [(of, name, dict(getattr(of, name))) for of, name in self._kept()]

    def reset(self) -> None:
        """Everything as it was made."""
        for of, name, made in self._made:
            setattr(of, name, dict(made))

    def _kept(self) -> list[tuple[Any, str]]:
        stores = (
            self.store, self.alerts, self.recipients, self.hooks.webhooks, self.replies,
            self.routing.cases, self.routing.rosters,
        )  # fmt: skip
        return [*((one, "kept") for one in stores), (self.store, "private")]

    async def _put(self, id_: UUID, one: Consultation) -> None:
        post = a_post(kind=one.kind, desa_code=one.desa)
        new, _ = submit(
            Submission.model_validate(post),
            id_=id_, event_id=uuid4(), ticket=self.tickets[id_], by=one.by, now=NOON,
        )  # fmt: skip
        note = Message("1", "note", f"{SECRET} catatan", NOON, "officer", SECRET)
        kept = replace(
            new, status="answered", satgas=one.has, officer="RAHASIA", messages=(note,),
            said={"officer": 1},
        )  # fmt: skip
        private = Private(PIN, f"{SECRET} Warga")
        if one.erased:
            kept, private = without_words(replace(kept, erased=True)), Private("")
        self.store.kept[id_], self.store.private[id_] = kept, private
        await self._put_case(id_, one)

    async def _put_case(self, id_: UUID, one: Consultation) -> None:
        region = Region(kecamatan=one.desa[:8], desa=one.desa)
        event = submitted(consultation=id_, region=region, kind=one.kind)
        await self.routing.hear(event)
        case = self.routing.cases.kept[id_]
        self.routing.cases.kept[id_] = replace(case, satgas=one.has)
        told = assigned(id_, region=region, kind=one.kind, satgas=one.has)
        alert = queued(told, Target("officer", "officer", "has_the_case"), None, uuid4(), NOON)
        self.alerts.kept[alert_of(id_)] = replace(
            alert, id=alert_of(id_), state="sent", next_at=None
        )

    async def hook(self, owner: str) -> UUID:
        """A new webhook of the key `owner`."""
        made = await self.hooks.subscribe(owner=owner)
        return made.id


def id_of(name: str) -> str:
    return name.replace(" ", "-")


def alert_of(consultation: UUID) -> str:
    return consultation.hex


def _summary(every: Any, area: str) -> ReportSummarised:
    first, last = LAST_WEEK
    return ReportSummarised(
        id=uuid4(), sequence=1, time=NOON, due=NOON,
        summary=Summary(
            every=every, area=area, first=first, last=last, submitted=1, answered=1, closed=1,
            backlog=0, overdue=0, open_in_all=0,
        ),
    )  # fmt: skip
