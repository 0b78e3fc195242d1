"""Puts the webhooks together, for `main.py`."""

import random
from datetime import timedelta

from services.notify.settings import NotifySettings
from services.notify.store.alerts import AlertStore
from services.notify.store.cases import CaseViews
from services.notify.store.recipients import Recipients
from services.notify.webhooks.client import Client, Delivery
from services.notify.webhooks.domain.ssrf_guard import Guard, parse_networks
from services.notify.webhooks.event_log import EventLog
from services.notify.webhooks.secrets import Sealer
from services.notify.webhooks.service import WebhookService
from services.notify.webhooks.store import Webhooks
from services.notify.webhooks.submitters import Submitters
from services.notify.webhooks.worker import PauseAlerts, WorkerContext
from services.notify.webhooks.worker_pool import WorkerPool
from shared.service import Service
from shared.times import utc_now
from shared.web.api_keys import Keys


def set_up(
    service: Service,
    settings: NotifySettings,
    alerts: AlertStore,
    cases: CaseViews,
    recipients: Recipients,
) -> tuple[EventLog, WebhookService]:
    """The workers run with the service; events come in by the event log, owners by the API."""
    event_log = EventLog(service.database.collection("journal"), utc_now)
    webhooks = Webhooks(service.database.collection("webhooks"))
    service.prepare(event_log.prepare)
    service.prepare(webhooks.prepare)
    guard = Guard(parse_networks(settings.webhook_allow))
    sealer = Sealer.parse(settings.webhook_keys.get_secret_value())
    client = Client(guard)
    service.on_stop(client.close)
    delivery = Delivery(client, sealer, utc_now)
    keys: Keys = service.app.state.keyring
    context = WorkerContext(
        event_log=event_log,
        webhooks=webhooks,
        cases=cases,
        delivery=delivery,
        on_pause=PauseAlerts(alerts).tell,
        submitters=Submitters(cases),
        owner=keys.owner,
        clock=utc_now,
        jitter=random.random,
    )
    kept = timedelta(days=settings.webhook_journal_days)
    service.work(WorkerPool(context, kept=kept, clock_offset=service.database.clock_offset))
    return event_log, WebhookService(
        webhooks, event_log, guard, delivery, sealer, recipients, utc_now
    )
