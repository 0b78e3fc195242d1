"""Puts reporting together."""

from services.reporting import api
from services.reporting.handlers import Handlers
from services.reporting.intake_client import IntakeClient
from services.reporting.settings import ReportingSettings
from services.reporting.store import ReportStore
from shared.runtime import Service
from shared.times import utc_now

DESCRIPTION = "Counts what happened, and answers questions about it."


def create_service(settings: ReportingSettings) -> Service:
    service = Service("reporting", settings, DESCRIPTION, needs={"store"})
    store = ReportStore(
        service.database.collection("events"), service.database.collection("rows"), utc_now
    )
    intake = IntakeClient(settings.intake_url, settings.intake_key.get_secret_value().strip())
    service.prepare(store.prepare)
    service.on_stop(intake.close)
    service.consume(Handlers(store).subscriptions(), prefetch=200)
    service.api(api.routes(store, intake, utc_now))
    return service
