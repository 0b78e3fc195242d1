"""Puts notify together."""

from datetime import timedelta
from pathlib import Path

from services.notify import api
from services.notify.channels import make_senders
from services.notify.clients.intake import Requesters
from services.notify.clients.routing import Office
from services.notify.dispatch.address_limit import AddressLimit
from services.notify.dispatch.decider import ContactResolver, DeliveryDecider
from services.notify.dispatch.delivery import Delivery
from services.notify.dispatch.delivery_reports import DeliveryReports
from services.notify.dispatch.dispatcher import Dispatcher
from services.notify.handlers import Handlers
from services.notify.jobs.backlog_metrics import BacklogMetrics
from services.notify.jobs.calendar_watch import CalendarWatch
from services.notify.jobs.digest import Digests
from services.notify.messages.renderer import Renderer
from services.notify.pages import unsubscribe
from services.notify.pages.site import PAGES
from services.notify.settings import NotifySettings
from services.notify.store.alerts import AlertStore
from services.notify.store.cases import CaseViews
from services.notify.store.moved_chats import MovedChats
from services.notify.store.opt_outs import OptOuts
from services.notify.store.recipients import Recipients
from services.notify.webhooks.handlers import with_event_log
from services.notify.webhooks.wiring import set_up
from shared.limits.buckets import Buckets
from shared.service import Service
from shared.storage.batching import BACKGROUND_SECONDS
from shared.times import Clock, shifted

DESCRIPTION = "Tells officers, who is above them, and requesters: once, and says why."
DOCUMENTATION = Path(__file__).parent / "api" / "documentation.json"


def create_service(settings: NotifySettings, clock: Clock | None = None) -> Service:
    clock = clock or shifted(settings.clock_shift)
    service = Service(
        "notify", settings, DESCRIPTION, needs={"store", "broker"}, documentation=DOCUMENTATION
    )
    collection = service.database.collection("alerts", BACKGROUND_SECONDS)
    alerts = AlertStore(collection, service.outbox(collection, "alerts"))
    recipients = Recipients(service.database.collection("recipients"))
    cases = CaseViews(service.database.collection("cases"))
    for store in (alerts, recipients, cases):
        service.prepare(store.prepare)
    key = settings.intake_key.get_secret_value().strip()
    requesters, office = Requesters(settings.intake_url, key), Office(settings.routing_url, key)
    senders = make_senders(settings)
    opt_out_key = settings.opt_out_key.get_secret_value()
    opt_outs = OptOuts(service.database.collection("opt_outs"), opt_out_key, clock)
    moves = MovedChats(service.database.collection("moves"), opt_out_key)
    resolver = ContactResolver(cases, recipients, requesters, opt_outs, moves, senders)
    decider = DeliveryDecider(alerts, cases, recipients, resolver, office, clock)
    texts = Renderer(settings.public_url, settings.dashboard_url)
    messages = Buckets("messages-by-address", settings.limit_messages_by_address)
    delivery = Delivery(
        alerts,
        decider,
        senders,
        texts,
        clock,
        retry_scale=settings.retry_scale,
        by_address=AddressLimit(messages, opt_out_key),
    )
    dispatcher = Dispatcher(alerts, delivery, clock)
    service.work(dispatcher)
    service.work(Digests(alerts, recipients, office, clock))
    service.work(CalendarWatch(alerts, office, clock))
    service.work(BacklogMetrics(alerts, clock))
    event_log, webhook_service = set_up(service, settings, alerts, cases, recipients)
    receipt_wait = timedelta(seconds=settings.receipt_wait)
    handlers = Handlers(alerts, cases, recipients, dispatcher, clock, receipt_wait)
    service.consume(with_event_log(event_log, handlers.subscriptions()), prefetch=100)
    callbacks = DeliveryReports(alerts, opt_outs, clock)
    resends = Buckets("resends", settings.limit_resends)
    service.share(resends, messages)
    service.api(
        api.routes(
            alerts,
            recipients,
            opt_outs,
            callbacks,
            settings.callbacks,
            webhook_service,
            clock,
            resends,
        )
    )
    service.api(unsubscribe.routes(opt_outs))
    service.app.state.error_page = PAGES.error
    for close in (requesters.close, office.close, *(one.close for one in senders.values())):
        service.on_stop(close)
    return service
