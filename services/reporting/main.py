"""Puts reporting together."""

from pathlib import Path

from services.reporting import api
from services.reporting.clients.intake import IntakeClient
from services.reporting.clients.targets import Targets
from services.reporting.dashboard import api as dashboard
from services.reporting.dashboard import page
from services.reporting.dashboard.overviews import Overviews
from services.reporting.events.log import open_log
from services.reporting.handlers import Handlers
from services.reporting.jobs.calendar_horizon import CalendarHorizon
from services.reporting.live import api as live
from services.reporting.live.hub import Hub
from services.reporting.live.reports import LiveReports
from services.reporting.live.tokens import StreamTokens
from services.reporting.projection.generations import Generations
from services.reporting.projection.pages import PageMaker, page_cache
from services.reporting.projection.projector import Projector
from services.reporting.projection.rollups import Rollups
from services.reporting.query.engine import QueryEngine
from services.reporting.settings import ReportingSettings
from services.reporting.summaries import api as summaries
from services.reporting.summaries.job import SummaryJob
from services.reporting.summaries.store import SummaryStore
from shared.service import Service
from shared.times import Clock, shifted
from shared.web.pages.report_tokens import ReportTokens
from shared.working_calendar import Office

DESCRIPTION = "Counts what happened, and answers questions about it."
#: Messages in hand at once: what comes within a moment is one write to the log.
PREFETCH = 250
DOCUMENTATION = Path(__file__).parent / "api" / "documentation.json"


def create_service(settings: ReportingSettings, clock: Clock | None = None) -> Service:
    clock = clock or shifted(settings.clock_shift)
    service = Service(
        "reporting", settings, DESCRIPTION, needs={"store"}, documentation=DOCUMENTATION
    )
    key = settings.intake_key.get_secret_value().strip()
    intake = IntakeClient(settings.intake_url, key)
    office = Office(settings.routing_url, key, clock=clock)
    generations = Generations(service.database, office)
    rollups = Rollups(generations)
    log = open_log(service.database, clock)
    pages = page_cache()
    projector = Projector(log, generations, rollups, PageMaker(pages))
    log.on_written(projector.written)
    service.prepare(log.prepare)
    service.work(projector)
    service.work(rollups)
    service.work(CalendarHorizon(generations, clock))
    service.consume(Handlers(log, projector).subscriptions(), prefetch=PREFETCH)
    engine = QueryEngine(generations, rollups, log, pages)
    targets = Targets(settings.routing_url, key)
    hub = Hub(LiveReports(generations, engine), clock)
    service.on_leaving(hub.leave)
    service.api(api.routes(engine, intake, clock))
    stream_key = settings.stream_key.get_secret_value().strip().encode()
    tokens = StreamTokens(stream_key, service.app.state.keyring, clock)
    service.app.state.address_tokens = tokens
    service.app.state.own_tokens = ReportTokens(stream_key, service.app.state.keyring, clock)
    service.api(live.routes(hub, tokens))
    overviews = Overviews(engine, hub, targets, clock)
    service.api(dashboard.routes(overviews, clock, open_data=settings.open_data))
    by_account = bool(settings.oidc_client_id)
    service.api(page.routes(open_data=settings.open_data, by_account=by_account))
    collection = service.database.collection("summaries")
    told = SummaryStore(collection, service.outbox(collection, "summaries"))
    service.prepare(told.prepare)
    service.api(summaries.routes(told, clock))
    skew = service.database.clock_offset
    service.work(SummaryJob(told, engine, generations, log, targets, office, service, clock, skew))
    for close in (hub.stop, intake.close, office.close, targets.close):
        service.on_stop(close)
    return service
