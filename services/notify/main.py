"""Puts notify together."""

from services.notify.adapter import AlertSender
from services.notify.handlers import Handlers
from services.notify.senders import make_senders
from services.notify.settings import NotifySettings
from services.notify.store import AlertStore, RecipientStore
from services.notify.texts import Texts
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
    senders = make_senders(settings)
    sender = AlertSender(senders[settings.alert_channel], Texts(settings.public_url))
    handlers = Handlers(alerts, recipients, sender, utc_now)
    service.on_stop(handlers.finish)
    for channel in senders.values():
        service.on_stop(channel.close)
    service.consume(handlers.subscriptions(), prefetch=20)
    return service
