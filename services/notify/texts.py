"""The texts of alerts, in short: codes and their names, never a title, a body or a requester."""

from typing import Literal

from services.notify.facts import Facts
from services.notify.message import Message
from shared import reference


class Texts:
    def __init__(self, public_url: str) -> None:
        """`public_url`: where links in alerts start."""
        self._public_url = public_url.rstrip("/")

    def render(self, facts: Facts, language: Literal["id", "en"] = "id") -> Message:
        topics = reference.topics()
        topic = topics[facts.topic].name_id if facts.topic and facts.topic in topics else "-"
        region = reference.region(facts.region.desa) if facts.region else None
        desa = region.name if region else "-"
        link = self._public_url
        if facts.consultation:
            link += f"/v1/consultations/{facts.consultation}"
        subject = f"[Klik Desa] {facts.event}: {topic} ({desa})"
        text = (
            f"{facts.event}\nTopik: {topic}\nDesa: {desa}\nTiket: {facts.ticket or '-'}\n{link}\n"
        )
        return Message(subject, text, None, subject, facts.event, language, (topic, desa, link))
