"""Every text in both languages: complete, within its limits, safe to send."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from itertools import product
from typing import Any

import pytest
from jinja2 import TemplateNotFound, UndefinedError, meta
from jinja2.exceptions import SecurityError

from klik.preview import UNSUBSCRIBE, made_up, wanted
from services.notify.domain.message import Facts, Language, Message
from services.notify.messages import context
from services.notify.messages.context import NAMES, one_line, written
from services.notify.messages.renderer import (
    MAX_SHORT,
    MAX_SUBJECT,
    SECTIONS,
    SHARED,
    TEMPLATES,
    Renderer,
    approved_name,
    text_name,
)
from shared.events import Lagging, RecipientKind, Region

TEXTS = Renderer("https://klik.example/")
LANGUAGES: tuple[Language, ...] = ("id", "en")
PAIRS = wanted(None, None)
#: What all texts of a language have in common, and what the HTML of a letter gets.
PARTS = "parts.txt"
LAYOUT = {"paragraphs", "subject", "language"}
LAPOR = "https://www.lapor.go.id"


def minimal(event: str, recipient: RecipientKind) -> Facts:
    """Facts of which nothing is known but what happened."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("consultation", "region", "topic", "kind", "satgas", "level", "clock", "due", "ticket")
    )
    return Facts(event=event, recipient_kind=recipient, **nothing)


def unknown(event: str, recipient: RecipientKind) -> Facts:
    """Codes that no table has, as long as a code can be, and far too many cases."""
    code = "X" * 64
    codes: dict[str, Any] = dict.fromkeys(
        ("topic", "kind", "satgas", "level", "clock", "ticket"), code
    )
    nowhere = Region(kecamatan="99.99.99", desa="99.99.99.2999")
    one = replace(made_up(event, recipient), region=nowhere, count=1000, **codes)
    summary = one.summary
    if summary is not None:
        lagging = (Lagging(kecamatan="99.99.99", submitted=10**9, overdue=10**9),) * 20
        summary = summary.model_copy(update={"area": "99.99.99", "lagging": lagging})
    return replace(one, summary=summary, items=(replace(one, event=code),) * 80)


def complaint(event: str, recipient: RecipientKind) -> Facts:
    return replace(made_up(event, recipient), kind="pengaduan")


def messages() -> Iterator[tuple[Facts, Message]]:
    makers = (made_up, minimal, unknown, complaint)
    for (event, recipient), language, make in product(PAIRS, LANGUAGES, makers):
        facts = make(event, recipient)
        yield facts, TEXTS.render(facts, language)


def test_every_text_can_be_rendered_with_everything_and_with_nothing_known() -> None:
    for facts, message in messages():
        assert message.subject.startswith("[Klik Desa] "), facts
        whole = f"{message.subject}{message.text}{message.short}{message.parameters}"
        assert not re.search(r"None|object at 0x|<[a-z-]+ method", whole), facts
        assert "  " not in message.text, facts
        assert "\n\n\n" not in message.text, facts
        assert message.html is not None
        assert message.template == approved_name(facts.event, facts.recipient_kind)


def test_subject_and_short_keep_their_limits_and_short_ends_with_the_link() -> None:
    for facts, message in messages():
        assert len(message.subject) <= MAX_SUBJECT, facts
        assert message.subject == one_line(message.subject), facts
        assert len(message.short) <= MAX_SHORT, facts
        assert message.short.split()[-1].startswith("https://klik.example"), facts


def test_parameters_are_such_as_whatsapp_takes() -> None:
    for facts, message in messages():
        assert message.parameters, facts
        for value in message.parameters:
            assert 0 < len(value) <= 200, facts
            assert value == one_line(value), facts


@pytest.mark.parametrize(("event", "recipient"), PAIRS)
def test_what_is_registered_with_whatsapp_fits_its_parameters(
    event: str, recipient: RecipientKind
) -> None:
    for language in LANGUAGES:
        facts = made_up(event, recipient)
        form = TEXTS.approved(facts, language)
        given = TEXTS.render(facts, language).parameters
        assert all(f"{{{{{number + 1}}}}}" in form for number in range(len(given)))
        assert f"{{{{{len(given) + 1}}}}}" not in form
        assert len(form) <= 1024
        assert not form.startswith("{{")
        assert not form.endswith("}}")
        # neither `if` nor filter: the form is the same whatever is known
        assert form == TEXTS.approved(minimal(event, recipient), language)


def test_letter_ends_with_where_to_stop_when_it_is_a_requesters() -> None:
    for facts, message in messages():
        stop = f"https://klik.example/berhenti?izin={UNSUBSCRIBE}&bahasa={message.language}"
        is_told = facts.unsubscribe is not None
        assert facts.recipient_kind == "requester" or not is_told
        assert message.unsubscribe == (stop if is_told else None), facts
        assert message.text.endswith(f"{stop}\n") is is_told, facts
        assert (f'<a href="{escape(stop)}"' in (message.html or "")) is is_told, facts
        # no other channel goes to this address
        assert "berhenti" not in f"{message.short}{message.parameters}", facts


def test_templates_use_only_variables_that_are_given() -> None:
    for name in TEXTS.environment.list_templates(extensions=["txt", "html"]):
        source = (TEMPLATES / name).read_text()
        used = meta.find_undeclared_variables(TEXTS.environment.parse(source))
        assert used <= (NAMES | {*SHARED} if name.endswith(".txt") else LAYOUT), name


def test_both_languages_have_the_same_files_and_the_catalogue_needs_each() -> None:
    files = {
        language: {path.name for path in (TEMPLATES / language).glob("*.txt")}
        for language in LANGUAGES
    }
    needed = {f"{text_name(event, recipient)}.txt" for event, recipient in PAIRS}
    assert files == dict.fromkeys(LANGUAGES, needed | {PARTS})
    id_, en = (dir(TEXTS.environment.get_template(f"{one}/{PARTS}").module) for one in LANGUAGES)
    assert id_ == en


def test_html_is_escaped_when_a_value_has_markup() -> None:
    facts = replace(made_up("case.assigned", "requester"), ticket="<b>&")
    html = TEXTS.render(facts, "id").html or ""
    assert "<b>" not in html
    assert "&lt;b&gt;&amp;" in html


def test_every_text_has_its_version_and_its_sections_and_no_others() -> None:
    for (event, recipient), language in product(PAIRS, LANGUAGES):
        assert int(TEXTS.version(made_up(event, recipient), language)) >= 1
        name = f"{language}/{text_name(event, recipient)}.txt"
        assert set(TEXTS.environment.get_template(name).blocks) == set(SECTIONS), name


def test_requesters_are_told_what_opens_their_link_and_until_when() -> None:
    """A link with a token needs no PIN; one without is of no use without."""
    for (event, recipient), language in product(PAIRS, LANGUAGES):
        if recipient != "requester":
            continue
        facts = made_up(event, recipient)
        assert facts.link
        until = written(facts.link.expires_at, language)
        by_pin = {"id": "dengan nomor tiket dan PIN", "en": "with ticket number and PIN"}[language]
        for link in (facts.link, None):
            message = TEXTS.render(replace(facts, link=link), language)
            for told in (message.text, message.short, " ".join(message.parameters)):
                assert (until in told) == (link is not None), told
                assert (f", {'sesudahnya' if language == 'id' else 'then'} {by_pin}" in told) == (
                    link is not None
                ), told
                assert told.count(by_pin) == 1, told


def test_complaints_point_requesters_and_nobody_else_to_sp4n_lapor() -> None:
    for facts, message in messages():
        told = facts.kind == "pengaduan" and facts.recipient_kind == "requester"
        for text in (message.text, message.short, "".join(message.parameters)):
            assert (LAPOR in text) is told, facts


def test_requesters_see_their_ticket_and_not_the_id_of_the_officers_page() -> None:
    for facts, message in messages():
        facts = replace(facts, ticket="KD-7K3M-9QXA")
        text = TEXTS.render(facts, message.language).text
        assert ("KD-7K3M-9QXA" in text) is (facts.recipient_kind == "requester")
        if facts.recipient_kind in ("requester", "owner"):
            assert str(facts.consultation) not in text


def test_many_alike_are_told_of_in_one() -> None:
    facts = replace(made_up("case.assigned", "officer"), count=12)
    message = TEXTS.render(facts, "id")
    assert "Pemberitahuan ini mewakili 12 pemberitahuan serupa." in message.text
    assert "Pesan ini mewakili 12 pemberitahuan serupa." in message.short


def test_names_can_neither_become_html_nor_start_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "<script>x</script>\r\nBcc: a@klikdesa.example\nhttps://evil.example\t\u2028'\""
    monkeypatch.setattr(context, "region_name", lambda code: evil)
    monkeypatch.setattr(context, "satgas_name", lambda code: evil)
    for event, recipient in PAIRS:
        message = TEXTS.render(made_up(event, recipient), "id")
        assert message.html is not None
        assert "<script" not in message.html
        assert 'evil.example"' not in message.html
        assert len(message.subject.splitlines()) == 1
        assert not any(
            line.startswith(("Bcc", "https://evil")) for line in message.text.split("\n")
        )
        assert all(value == one_line(value) for value in message.parameters)


def test_a_long_name_is_cut_at_a_word_and_the_link_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "region_name", lambda code: "Muara " * 400)
    message = TEXTS.render(made_up("case.assigned", "officer"), "id")
    assert len(message.short) <= MAX_SHORT
    before, _, link = message.short.rpartition(" ")
    assert before.endswith(" Muara…")
    assert link == "https://klik.example/konsultasi/019aa000-0000-7000-8000-000000000001"
    assert message.subject.endswith(" Muara…")
    assert len(message.subject) <= MAX_SUBJECT


def test_html_is_readable_on_a_phone_and_fetches_nothing() -> None:
    facts = made_up("case.assigned", "officer")
    html = TEXTS.render(facts, "id").html
    assert html is not None
    assert '<html lang="id">' in html
    assert 'name="viewport"' in html
    assert f'<a href="https://klik.example/konsultasi/{facts.consultation}"' in html
    for outside in ("<img", "<link", "<script", "url(", "src="):
        assert outside not in html


@pytest.mark.parametrize(
    "reach", ["kind.__class__", "items.__len__", "totals|attr('__class__')", "self._x", "''['_x']"]
)
def test_a_template_reaches_nothing_private(reach: str) -> None:
    template = TEXTS.environment.from_string("{{ " + reach + " }}")
    with pytest.raises((SecurityError, UndefinedError)):
        template.render(kind="x", items=(), totals=())


def test_an_undefined_variable_and_an_unknown_event_are_errors() -> None:
    with pytest.raises(UndefinedError):
        TEXTS.environment.from_string("{{ titel }}").render(title="x")
    with pytest.raises(TemplateNotFound):
        TEXTS.render(minimal("consultation.rated", "officer"), "id")
