"""Puts notify together."""

from services.notify.handlers import Handlers
from services.notify.senders import make_sender
from services.notify.settings import NotifySettings
from services.notify.store import AlertStore, RecipientStore
from shared.runtime import Service
from shared.times import utc_now

DESCRIPTION = "Tells officers about their cases, once, and records it."


def create_service(settings: NotifySettings) -> Service:
    service = Service("notify", settings, DESCRIPTION, needs={"store", "broker"})
    collection = service.database.collection("alerts")
    alerts = AlertStore(collection, service.outbox(collection, "alerts"))
    recipients = RecipientStore(service.database.collection("recipients"))
    service.prepare(alerts.prepare)
    service.prepare(recipients.prepare)
    handlers = Handlers(alerts, recipients, make_sender(settings), utc_now)
    service.on_stop(handlers.finish)
    service.consume(handlers.subscriptions(), prefetch=20)
    return service
