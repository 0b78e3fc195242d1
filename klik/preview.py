"""The texts of notify, made from facts of nobody."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from services.notify.domain.alert import DIGEST
from services.notify.domain.audience import SUMMARIES, WEBHOOK_PAUSED
from services.notify.domain.message import Facts, Language, LinkToken
from services.notify.messages.renderer import AUDIENCE, Renderer, text_name
from shared.events import Lagging, RecipientKind, Region, Summary
from shared.reference import KABUPATEN

#: Where the links of previews start; nobody is there.
PUBLIC_URL = "https://klik.example"
#: Opens nothing.
LINK = LinkToken("X" * 48, datetime(2026, 12, 5, 8, 0, tzinfo=UTC))
#: Stops nothing.
UNSUBSCRIBE = "X" * 64


def made_up(event: str, recipient: RecipientKind) -> Facts:
    """Everything that such a text can tell."""
    one = Facts(
        event=event,
        consultation=UUID("019aa000-0000-7000-8000-000000000001"),
        region=Region(kecamatan="64.02.06", desa="64.02.06.2012"),
        topic="KEU-DD",
        kind="konsultasi",
        satgas="64.02.06",
        level=recipient if recipient in ("coordinator", "camat", "dpmd") else "coordinator",
        clock="answer",
        due=datetime(2026, 11, 25, 8, 0, tzinfo=UTC),
        ticket="KD-7K3M-9QXA" if recipient == "requester" else None,
        recipient_kind=recipient,
        link=LINK if recipient == "requester" else None,
        unsubscribe=UNSUBSCRIBE if recipient == "requester" else None,
    )
    if event in SUMMARIES.values():
        return replace(one, consultation=None, summary=_summary(event))
    if event == DIGEST:
        return replace(one, consultation=None, items=_open_cases(one))
    return replace(one, consultation=None) if event == WEBHOOK_PAUSED else one


def _summary(event: str) -> Summary:
    week = event == SUMMARIES["week"]
    return Summary(
        every="week" if week else "month",
        area="64.02.06" if week else KABUPATEN,
        first=date(2026, 11, 16) if week else date(2026, 10, 1),
        last=date(2026, 11, 22) if week else date(2026, 10, 31),
        submitted=12,
        answered=9,
        closed=5,
        backlog=7,
        overdue=2,
        open_in_all=11,
        open_long=3,
        answer_p50_s=21_600,
        answer_p90_s=83_700,
        answer_days=5,
        lagging=()
        if week
        else (
            Lagging(kecamatan="64.02.01", submitted=4, overdue=3),
            Lagging(kecamatan="64.02.06", submitted=8, overdue=1),
        ),
    )


def _open_cases(one: Facts) -> tuple[Facts, ...]:
    return (
        replace(one, event="case.deadline_missed", topic="KEU-APBDES"),
        replace(one, event="case.reminder_due", kind="permintaan_informasi"),
        replace(one, event="case.assigned", topic="EKO-BUMDES", due=None),
    )


def wanted(event: str | None, to: str | None) -> list[tuple[str, RecipientKind]]:
    """The pairs of the catalogue that are asked for."""
    return [
        (name, recipient)
        for name, recipients in AUDIENCE.items()
        for recipient in recipients
        if event in (None, name) and to in (None, recipient)
    ]


def shown(event: str, recipient: RecipientKind, language: Language, format: str) -> str:
    """`format`: text, html, short or whatsapp."""
    texts, facts = Renderer(PUBLIC_URL), made_up(event, recipient)
    message = texts.render(facts, language)
    match format:
        case "html":
            return message.html or ""
        case "short":
            return message.short
        case "whatsapp":
            numbered = enumerate(message.parameters, start=1)
            examples = "\n".join(f"{{{{{number}}}}} = {value}" for number, value in numbered)
            return f"{message.template}\n\n{texts.approved(facts, language)}\n\n{examples}\n"
    return f"{message.subject}\n\n{message.text}"


def catalogue() -> Iterator[tuple[str, str, str]]:
    """Each text's name, who gets it and in which version of each language."""
    texts, recipients = Renderer(PUBLIC_URL), defaultdict[str, list[Facts]](list)
    for event, recipient in wanted(None, None):
        recipients[text_name(event, recipient)].append(made_up(event, recipient))
    for name, facts in recipients.items():
        versions = f"id {texts.version(facts[0], 'id')}, en {texts.version(facts[0], 'en')}"
        yield name, ", ".join(one.recipient_kind for one in facts), versions
