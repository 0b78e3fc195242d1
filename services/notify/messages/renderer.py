"""Which event is told to whom, and by which text: jinja2 templates, one for each language.

`templates/README.md` says how to add one. A text has four sections, which are blocks of its file:
`subject`, `letter`, `short` and `whatsapp`. `templates/<language>/parts.txt` and
`templates/letter.html` put around them what all have in common. An undefined variable is an error,
and no template can reach further than its variables (`context.py`).
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template, select_autoescape
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.notify.domain.message import Facts, Language, Message
from services.notify.messages.context import NAMES, one_line, variables
from shared.events import RecipientKind
from shared.text.templating import printable

TEMPLATES = Path(__file__).parent.parent / "templates"
#: What every subject starts with.
SENDER = "[Klik Desa] "
#: Macros of what all texts have in common that a section may call.
SHARED = ("case", "open_cases", "summary")
SECTIONS = ("subject", "letter", "short", "whatsapp")

MAX_SUBJECT = 150
MAX_SHORT = 1000
MAX_PARAMETER = 200

#: What stands for a variable in the text that is registered with WhatsApp.
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_VERSION = re.compile(r"\{# version ([0-9]+)\b")

AUDIENCE: Mapping[str, tuple[RecipientKind, ...]] = MappingProxyType(
    {
        "case.assigned": ("officer", "requester"),
        "case.received_and_assigned": ("requester",),
        "case.taken_away": ("officer",),
        "case.reminder_due": ("officer",),
        "case.deadline_missed": ("officer",),
        "case.held": ("coordinator", "dpmd"),
        "case.escalated": ("coordinator", "camat", "dpmd", "requester"),
        "consultation.submitted": ("requester",),
        "consultation.answered": ("requester",),
        "consultation.question_asked": ("requester",),
        "consultation.rejected": ("requester",),
        "consultation.closed": ("requester",),
        "consultation.link_requested": ("requester",),
        "consultation.closed_by_silence": ("requester",),
        "consultation.reply_received": ("officer",),
        "consultation.reopened": ("officer",),
        "digest": ("officer", "coordinator", "dpmd"),
        "report.weekly": ("camat",),
        "report.monthly": ("dpmd",),
        "webhook_paused": ("owner",),
    }
)
"""Events by their names; seven are not events of the bus:

- `case.received_and_assigned`: a `case.assigned` that comes before the requester was told of the
  receipt, so that one message tells both;
- `case.taken_away`: a `case.assigned` to somebody else, told to the officer who had it before;
- `consultation.closed_by_silence`: a `consultation.closed` by `system`;
- `digest`: what is still open, once a day;
- `report.weekly`, `report.monthly`: a `report.summarised` of a week, of a month;
- `webhook_paused`: a webhook failed so often that it is called no more.
"""

_GROUP: Mapping[RecipientKind, str] = {
    "officer": "officer",
    "coordinator": "supervisor",
    "camat": "supervisor",
    "dpmd": "supervisor",
    "requester": "requester",
    "owner": "owner",
}


def text_name(event: str, recipient: RecipientKind) -> str:
    """The text's file in each language's folder, without `.txt`; coordinator, camat and DPMD read
    the same, with their own greeting."""
    return f"{event}.{_GROUP[recipient]}"


def approved_name(event: str, recipient: RecipientKind) -> str:
    """The name under which the text is registered with WhatsApp: lower case and underscores.

    What officers get has the event's own name, `case_assigned`; others add their group,
    `case_assigned_requester`.
    """
    return text_name(event, recipient).removesuffix(".officer").replace(".", "_")


class Renderer:
    def __init__(self, public_url: str, dashboard_url: str = "") -> None:
        """`public_url`: where links start; those to the dashboard at `dashboard_url`, if it is
        elsewhere."""
        self._public_url = public_url.rstrip("/")
        self._dashboard_url = dashboard_url.rstrip("/") or self._public_url
        self.environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(TEMPLATES),
            # they come with the code, and do not change while it runs
            auto_reload=False,
            undefined=StrictUndefined,
            finalize=printable,
            # else what a macro makes that is called from here would count as escaped
            autoescape=select_autoescape(("html",), default_for_string=False),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def render(self, facts: Facts, language: Language) -> Message:
        """Raises jinja2's `TemplateNotFound` for what `AUDIENCE` does not have."""
        start = self._dashboard_url if facts.summary else self._public_url
        values = variables(facts, language, start).named()
        link = str(values["link"])
        template, parts = self._template(facts, language), self._parts(language, values)
        context = template.new_context(values | {name: getattr(parts, name) for name in SHARED})
        subject = cut(one_line(_section(template, "subject", context)), MAX_SUBJECT)
        headline = None
        if facts.consultation is not None:
            # e-mails hang together by their subject as well, so it cannot tell the news
            headline = subject.removeprefix(SENDER)
            subject = cut(SENDER + one_line(parts.thread()), MAX_SUBJECT)
        letter = _spaced(parts.letter(_section(template, "letter", context).strip(), headline))
        short = parts.short(_section(template, "short", context).strip())
        return Message(
            subject=subject,
            text=letter,
            html=self._html(letter, subject=subject, language=language),
            short=f"{cut(one_line(short), MAX_SHORT - len(link) - 1)} {link}",
            template=approved_name(facts.event, facts.recipient_kind),
            language=language,
            parameters=_parameters(template, values),
            unsubscribe=str(values["unsubscribe"]) or None,
        )

    def approved(self, facts: Facts, language: Language) -> str:
        """What to register with WhatsApp for such facts, with `{{1}}` for the first parameter."""
        template = self._template(facts, language)
        order = _order(template)
        return _PLACEHOLDER.sub(lambda m: f"{{{{{order.index(m[1]) + 1}}}}}", _form(template))

    def version(self, facts: Facts, language: Language) -> str:
        """The number in the first line of the text's file."""
        name = f"{language}/{text_name(facts.event, facts.recipient_kind)}.txt"
        header = _VERSION.match((TEMPLATES / name).read_text(encoding="utf-8"))
        if header is None:
            raise ValueError(f"{name} does not start with its version")
        return header[1]

    def _template(self, facts: Facts, language: Language) -> Template:
        name = text_name(facts.event, facts.recipient_kind)
        return self.environment.get_template(f"{language}/{name}.txt")

    def _parts(self, language: Language, values: dict[str, object]) -> Any:
        """A macro each for what texts have in common."""
        return self.environment.get_template(f"{language}/parts.txt").make_module(values)

    def _html(self, letter: str, *, subject: str, language: Language) -> str:
        """The plain letter, set for e-mail: so that the two cannot differ."""
        # what a line is, is seen here: a sandbox takes its time for `loop.last` and for a call
        parts = letter.strip().split("\n\n")
        paragraphs = [(_lines(one), number == len(parts)) for number, one in enumerate(parts, 1)]
        return self.environment.get_template("letter.html").render(
            language=language, subject=subject, paragraphs=paragraphs
        )


def _lines(paragraph: str) -> list[tuple[str, bool, bool]]:
    """Each with whether it is a link, and whether it is the last one."""
    lines = paragraph.splitlines()
    return [(line, _is_link(line), number == len(lines)) for number, line in enumerate(lines, 1)]


def _spaced(letter: str) -> str:
    """With one empty line between paragraphs."""
    return re.sub(r"\n{3,}", "\n\n", letter).strip() + "\n"


def _section(template: Template, name: str, context: Context) -> str:
    return "".join(template.blocks[name](context))


def _form(template: Template) -> str:
    """The section `whatsapp` with its variables by name."""
    context = template.new_context({name: f"{{{{{name}}}}}" for name in NAMES})
    return _section(template, "whatsapp", context).strip()


def _is_link(line: str) -> bool:
    return line.startswith(("https://", "http://")) and " " not in line


@cache
def _order(template: Template) -> list[str]:
    """Its variables in the order in which they come first."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(_form(template))))


def _shown(values: Mapping[str, object]) -> dict[str, object]:
    """`values` as a form with fixed fields shows them: a dash for what is not known."""
    return {name: "-" if value in (None, "") else value for name, value in values.items()}


def _parameters(template: Template, values: dict[str, object]) -> tuple[str, ...]:
    filled = _shown(values)
    return tuple(cut(one_line(str(filled[name])), MAX_PARAMETER) for name in _order(template))


def cut(text: str, limit: int) -> str:
    """`text` in at most `limit` characters; what is left out, whole words, is shown by `…`."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if text[limit - 1] != " ":
        words = head.rsplit(" ", 1)
        head = words[0] if len(words) == 2 else head
    return head.rstrip(" ,.;:(") + "…"
