"""The texts of alerts: jinja2 templates in `templates/`, one file an event and language.

A template sees codes and their names, never a title, a body or a requester: alerts travel through
other people's servers. The first line is the subject. An undefined variable is an error.
"""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notify.domain import Alert
from shared import reference
from shared.reference import seed_officers


@dataclass(frozen=True, slots=True)
class Text:
    subject: str
    body: str


class Texts:
    def __init__(self, public_url: str) -> None:
        """`public_url`: where links in alerts start."""
        self._public_url = public_url.rstrip("/")
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701 - plain text, not HTML
            keep_trailing_newline=True,
        )

    def render(self, alert: Alert, language: str = "id") -> Text:
        template = self._templates.get_template(f"{alert.template}.{language}.txt")
        whole = template.render(
            topic=reference.topics()[alert.topic].name_id
            if alert.topic in reference.topics()
            else alert.topic,
            kind=reference.kinds()[alert.kind].name_id
            if alert.kind in reference.kinds()
            else alert.kind,
            desa=_region(alert.region.desa),
            kecamatan=_region(alert.region.kecamatan),
            satgas=_satgas(alert.satgas),
            link=f"{self._public_url}/v1/consultations/{alert.consultation}",
        )
        subject, _, body = whole.partition("\n")
        return Text(subject.strip(), body.strip() + "\n")


def _region(code: str) -> str:
    region = reference.region(code)
    return region.name if region else code


def _satgas(code: str) -> str:
    return next((o.satgas_name for o in seed_officers() if o.satgas == code), code)
