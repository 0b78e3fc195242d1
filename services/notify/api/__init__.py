"""notify's HTTP routes."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter

from services.notify.api import alerts as alert_routes
from services.notify.api import callbacks as callback_routes
from services.notify.api import opt_outs as opt_out_routes
from services.notify.api import recipients as recipient_routes
from services.notify.api.webhooks import add_webhooks
from services.notify.ports import Alerts, DeliveryReports, OptOuts, Recipients
from services.notify.settings import CallbackSecrets
from services.notify.webhooks.service import WebhookService
from shared.limits.buckets import UNLIMITED, Buckets
from shared.web.app import GUARDED, problems


def routes(
    alerts: Alerts,
    recipients: Recipients,
    opt_outs: OptOuts,
    callbacks: DeliveryReports,
    secrets: CallbackSecrets,
    webhooks: WebhookService,
    clock: Callable[[], datetime],
    resends_by_person: Buckets = UNLIMITED,
) -> APIRouter:
    router = APIRouter(prefix="/v1", responses=problems(*GUARDED))
    alert_routes.add_alerts(router, alerts, clock, resends_by_person)
    recipient_routes.add_recipients(router, recipients)
    opt_out_routes.add_opt_outs(router, opt_outs)
    callback_routes.add_callbacks(router, callbacks, secrets)
    add_webhooks(router, webhooks)
    return router
