"""The facts of an alert as notify keeps it today."""

from services.notify.domain import Alert
from services.notify.facts import Facts


def facts_of(alert: Alert) -> Facts:
    return Facts(
        event=alert.template,
        consultation=alert.consultation,
        region=alert.region,
        topic=alert.topic,
        kind=alert.kind,
        satgas=alert.satgas,
        level=None,
        clock=None,
        due=None,
        ticket=None,
        recipient_kind="officer",
    )
