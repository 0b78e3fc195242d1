"""notify's routes on stores in memory: a test gives what it is about, the rest is empty."""

from fastapi import APIRouter

from services.notify.api import routes
from services.notify.dispatch.delivery_reports import DeliveryReports
from services.notify.settings import CallbackSecrets
from services.notify.webhooks.service import WebhookService
from shared.limits.buckets import UNLIMITED, Buckets
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.services.notify import NO_CALLBACKS, FakeAlerts, FakeOptOuts, FakeRecipients
from tests.support.services.webhooks import Hooks


def notify_routes(
    alerts: FakeAlerts,
    recipients: FakeRecipients,
    *,
    opt_outs: FakeOptOuts | None = None,
    secrets: CallbackSecrets = NO_CALLBACKS,
    webhooks: WebhookService | None = None,
    clock: Clock | None = None,
    resends: Buckets = UNLIMITED,
) -> APIRouter:
    opt_outs, clock = opt_outs or FakeOptOuts(), clock or Clock(NOON)
    callbacks = DeliveryReports(alerts, opt_outs, clock, pause=0.0)
    hooks = webhooks or Hooks().service()
    return routes(alerts, recipients, opt_outs, callbacks, secrets, hooks, clock, resends)
