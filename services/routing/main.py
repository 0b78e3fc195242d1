"""Puts routing together."""

from pathlib import Path

from services.routing import api
from services.routing.assigner import Assigner
from services.routing.data.calendar import load_local, load_policy
from services.routing.handlers import Handlers
from services.routing.jobs.held_cases import HeldCases
from services.routing.jobs.recount import Recount
from services.routing.jobs.timers_due import TimersDue
from services.routing.pages import roster as roster_page
from services.routing.pages.site import PAGES
from services.routing.rules import Rules
from services.routing.scheduler import Scheduler
from services.routing.settings import RoutingSettings
from services.routing.store.cases import CaseStore
from services.routing.store.leader_lease import LeaderLease
from services.routing.store.rosters import Rosters
from services.routing.store.rules import RuleStore
from shared.service import Service
from shared.times import Clock, local_day, shifted
from shared.web.pages.roster_tokens import RosterTokens

DESCRIPTION = "Gives each consultation to an officer of the satgas of its kecamatan, and minds it."
DOCUMENTATION = Path(__file__).parent / "api" / "documentation.json"


def create_service(settings: RoutingSettings, clock: Clock | None = None) -> Service:
    clock = clock or shifted(settings.clock_shift)
    service = Service(
        "routing", settings, DESCRIPTION, needs={"store", "broker"}, documentation=DOCUMENTATION
    )
    collection = service.database.collection("cases")
    cases = CaseStore(collection, service.outbox(collection, "cases"))
    rosters = Rosters(service.database.collection("satgas"))
    kept = RuleStore(service.database.collection("rules"))
    rules = Rules(kept, load_policy(), load_local(), clock)
    assigner = Assigner(rosters, rules)
    for step in (cases.prepare, rosters.prepare, rules.prepare):
        service.prepare(step)
    handlers = Handlers(cases, assigner, rules, clock)
    service.consume(handlers.subscriptions(), prefetch=100)
    lease = LeaderLease(service.database.collection("turns"), "rounds")
    skew = service.database.clock_offset
    service.work(
        Scheduler(
            TimersDue(cases, rules, rosters),
            HeldCases(cases, assigner, rules),
            Recount(cases, rules, rosters),
            rules,
            lease,
            service,
            clock,
            skew,
        )
    )
    service.api(api.routes(cases, rosters, rules, clock))
    roster_key = settings.roster_key.get_secret_value().strip().encode()
    visitors = RosterTokens(roster_key, service.app.state.keyring, clock)
    service.api(roster_page.routes(rosters, visitors, lambda: local_day(clock())))
    service.app.state.error_page = PAGES.error
    return service
