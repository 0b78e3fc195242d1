"""What every service counts. Labels are codes: never an id, never a person."""

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter(
    "klik_messages_total",
    "Events taken from the queue, by type and outcome (done, retry, park, requeue)",
    ["event", "outcome"],
)
MESSAGE_SECONDS = Histogram(
    "klik_message_seconds", "Time to handle one event", ["event"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip
FORGED = Counter(
    "klik_forged_total",
    "Messages, by the type they claim, that its owner had not signed for this service",
    ["event"],
)
DUPLICATES = Counter("klik_duplicates_total", "Repeated deliveries that changed nothing", ["event"])
PUBLISHED = Counter(
    "klik_published_total", "Attempts to publish, by outcome (confirmed, failed)", ["outcome"]
)
OUTBOX_PENDING = Gauge("klik_outbox_pending", "Documents with unconfirmed events", ["collection"])
OUTBOX_OLDEST = Gauge(
    "klik_outbox_oldest_seconds", "How long the oldest of them has been due", ["collection"]
)
CONFIRM_OLDEST = Gauge(
    "klik_confirm_oldest_seconds",
    "How long the oldest publish has been waiting for its confirmation, repetitions included",
)
BLOCKED = Gauge(
    "klik_connection_blocked", "1 while RabbitMQ, short of memory or disk, takes no publishes"
)
CONSUMING = Gauge("klik_consuming", "1 while RabbitMQ sends messages to this process")
QUEUE_MESSAGES = Gauge(
    "klik_queue_messages", "Messages that wait in the service's queues; absent when not known",
    ["queue"],
)  # fmt: skip
QUEUE_CONSUMERS = Gauge(
    "klik_queue_consumers", "Replicas that consume the service's queue; absent when not known",
    ["queue"],
)  # fmt: skip
REPAIRS = Counter(
    "klik_topology_repairs_total", "Exchanges and queues that were gone and were declared again",
    ["missing"],
)  # fmt: skip
REQUESTS = Histogram(
    "klik_http_request_seconds", "HTTP requests", ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)  # fmt: skip
UP = Gauge("klik_dependency_up", "1 where the dependency answered the last check", ["dependency"])
CALENDAR_UNTIL = Gauge(
    "klik_calendar_until_year",
    "The last year that is known of the working calendar: of its days (`days`), of all its moving "
    "feasts (`feasts`), with its decree of cuti bersama (`decree`)",
    ["what"],
)
TAKEOVERS = Counter(
    "klik_alert_takeovers_total", "Alerts whose process died while it had them: each may be doubled"
)
SENDS = Counter(
    "klik_sends_total", "Attempts to tell somebody, by channel and outcome (sent, or why not)",
    ["channel", "outcome"],
)  # fmt: skip
MASTER_KEY_AGE = Gauge(
    "klik_master_key_age_seconds", "Since when the master key that seals has done so"
)
ALERTS_OPEN = Gauge(
    "klik_alerts_open",
    "Alerts that are not over, by state (queued, claimed, waiting) and channel (none: not known "
    "yet), counted up to 5,000; each replica tells of all",
    ["state", "channel"],
)
ALERTS_LATE = Gauge(
    "klik_alerts_late_seconds", "For how long the first of them has been due, and nobody has it"
)
CHANNEL_UP = Gauge("klik_channel_up", "0 while a failing channel is held back", ["channel"])
WEBHOOKS = Counter(
    "klik_webhooks_total", "Attempts to deliver a webhook, by outcome (delivered, or why not)",
    ["outcome"],
)  # fmt: skip
WEBHOOK_SECONDS = Histogram(
    "klik_webhook_seconds", "Time that an endpoint took",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15),
)  # fmt: skip
WEBHOOK_SUBSCRIPTIONS = Gauge("klik_webhook_subscriptions", "Webhook subscriptions", ["state"])
WEBHOOK_LAG = Gauge(
    "klik_webhook_lag_seconds", "Age of the oldest event that a courier of this process is at"
)
