"""Puts routing together."""

from services.routing import api
from services.routing.calendar_data import load_calendar, load_policy
from services.routing.handlers import Handlers
from services.routing.settings import RoutingSettings
from services.routing.store import CaseStore, RosterStore
from shared.runtime import Service
from shared.times import utc_now

DESCRIPTION = "Gives each consultation to an officer of the satgas of its kecamatan."


def create_service(settings: RoutingSettings) -> Service:
    service = Service("routing", settings, DESCRIPTION, needs={"store", "broker"})
    collection = service.database.collection("cases")
    cases = CaseStore(collection, service.outbox(collection, "cases"))
    roster = RosterStore(service.database.collection("satgas"))
    calendar, sources = load_calendar()
    handlers = Handlers(cases, roster, load_policy(), calendar, utc_now)
    service.prepare(cases.prepare)
    service.prepare(roster.prepare)
    service.consume(handlers.subscriptions(), prefetch=100)
    service.api(api.routes(cases, calendar, sources))
    return service
