"""Puts reporting together."""

from services.reporting import api
from services.reporting.generations import Generations
from services.reporting.handlers import Handlers
from services.reporting.intake_client import IntakeClient
from services.reporting.log import EventLog
from services.reporting.office import Office
from services.reporting.projector import Projector
from services.reporting.reader import Reader
from services.reporting.rollups import Rollups
from services.reporting.settings import ReportingSettings
from shared.runtime import Service
from shared.times import utc_now

DESCRIPTION = "Counts what happened, and answers questions about it."


def create_service(settings: ReportingSettings) -> Service:
    service = Service("reporting", settings, DESCRIPTION, needs={"store"})
    key = settings.intake_key.get_secret_value().strip()
    intake, office = IntakeClient(settings.intake_url, key), Office(settings.routing_url, key)
    generations = Generations(service.database, office)
    rollups = Rollups(generations)
    log = EventLog(service.database.collection("log"), utc_now)
    projector = Projector(log, generations, rollups)
    log.on_written(projector.written)
    service.prepare(log.prepare)
    service.work(projector)
    service.work(rollups)
    service.consume(Handlers(log, projector).subscriptions(), prefetch=500)
    service.api(api.routes(Reader(generations, rollups, log), intake, utc_now))
    for close in (intake.close, office.close):
        service.on_stop(close)
    return service
