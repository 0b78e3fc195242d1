"""Contains all the data models used in inputs/outputs"""

from .alert_view import AlertView
from .alert_view_receipt_type_0 import AlertViewReceiptType0
from .alert_view_recipient_kind import AlertViewRecipientKind
from .alert_view_state import AlertViewState
from .alerts_view import AlertsView
from .channel_body import ChannelBody
from .deliveries_view import DeliveriesView
from .delivery_view import DeliveryView
from .delivery_view_result import DeliveryViewResult
from .entry_view import EntryView
from .entry_view_what import EntryViewWhat
from .field_error import FieldError
from .list_alerts_state import ListAlertsState
from .opt_out_body import OptOutBody
from .opt_out_body_channel import OptOutBodyChannel
from .problem import Problem
from .recipient_body import RecipientBody
from .recipient_body_language import RecipientBodyLanguage
from .recipient_body_role import RecipientBodyRole
from .recipient_view import RecipientView
from .recipient_view_language import RecipientViewLanguage
from .recipient_view_role import RecipientViewRole
from .region import Region
from .secret_webhook_view import SecretWebhookView
from .secret_webhook_view_state import SecretWebhookViewState
from .test_view import TestView
from .webhook_body import WebhookBody
from .webhook_body_events_item import WebhookBodyEventsItem
from .webhook_view import WebhookView
from .webhook_view_state import WebhookViewState
from .webhooks_view import WebhooksView

__all__ = (
    "AlertView",
    "AlertViewReceiptType0",
    "AlertViewRecipientKind",
    "AlertViewState",
    "AlertsView",
    "ChannelBody",
    "DeliveriesView",
    "DeliveryView",
    "DeliveryViewResult",
    "EntryView",
    "EntryViewWhat",
    "FieldError",
    "ListAlertsState",
    "OptOutBody",
    "OptOutBodyChannel",
    "Problem",
    "RecipientBody",
    "RecipientBodyLanguage",
    "RecipientBodyRole",
    "RecipientView",
    "RecipientViewLanguage",
    "RecipientViewRole",
    "Region",
    "SecretWebhookView",
    "SecretWebhookViewState",
    "TestView",
    "WebhookBody",
    "WebhookBodyEventsItem",
    "WebhookView",
    "WebhookViewState",
    "WebhooksView",
)
