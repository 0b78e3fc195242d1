"""Puts the webhooks together, for `main.py`."""

import random
from datetime import timedelta

from services.notify.casefile_store import CaseFiles
from services.notify.directory_store import Recipients
from services.notify.settings import NotifySettings
from services.notify.store import AlertStore
from services.notify.webhooks.client import Client
from services.notify.webhooks.courier import Around
from services.notify.webhooks.couriers import Couriers
from services.notify.webhooks.delivery import Delivery, PauseAlerts
from services.notify.webhooks.desk import Desk
from services.notify.webhooks.guard import Guard, parse_networks
from services.notify.webhooks.journal import Journal
from services.notify.webhooks.sealing import Sealer
from services.notify.webhooks.store import Webhooks
from shared.keyring import Keys
from shared.runtime import Service
from shared.times import utc_now


def set_up(
    service: Service,
    settings: NotifySettings,
    alerts: AlertStore,
    cases: CaseFiles,
    recipients: Recipients,
) -> tuple[Journal, Desk]:
    """The couriers run with the service; events come in by the journal, owners by the desk."""
    journal = Journal(service.database.collection("journal"), utc_now)
    webhooks = Webhooks(service.database.collection("webhooks"))
    service.prepare(journal.prepare)
    service.prepare(webhooks.prepare)
    guard = Guard(parse_networks(settings.webhook_allow))
    sealer = Sealer.parse(settings.webhook_keys.get_secret_value())
    client = Client(guard)
    service.on_stop(client.close)
    delivery = Delivery(client, sealer, utc_now)
    keys: Keys = service.app.state.keyring
    around = Around(
        journal=journal,
        webhooks=webhooks,
        cases=cases,
        delivery=delivery,
        on_pause=PauseAlerts(alerts).tell,
        refusal=keys.refusal,
        clock=utc_now,
        luck=random.random,
    )
    kept = timedelta(days=settings.webhook_journal_days)
    service.work(Couriers(around, kept=kept, clock_offset=service.database.clock_offset))
    return journal, Desk(webhooks, journal, guard, delivery, sealer, recipients, utc_now)
