"""The form of `/kirim` and the post that it is: the same document that the API takes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.intake.domain.submission import Submission
from shared.text.templating import Words
from shared.text.wording import Fault, Language
from shared.web.problems import validated

#: Each field of the form and where it is in the post.
POINTERS: Mapping[str, str] = {
    "desa": "/desa_code",
    "peran": "/requester/role",
    "jenis": "/kind",
    "topik": "/topic",
    "judul": "/title",
    "isi": "/body",
    "rentan": "/vulnerable_group",
    "nama": "/requester/name",
    "saluran": "/requester/contact/channel",
    "alamat": "/requester/contact/address",
    "rahasia": "/anonymous",
}
#: What is chosen from a list, where only the choice itself can be wrong.
_CHOSEN = frozenset({"desa", "peran", "jenis", "topik", "saluran"})
#: The device's own time, and the key by which a repeated post is known.
TIME, KEY = "waktu", "kunci"
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")
_LEGIBLE_KEY = re.compile(r"[\x21-\x7e]{1,255}")

_VULNERABLE: Mapping[str, bool] = {"ya": True, "tidak": False}


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was sent."""

    fields: Mapping[str, str]
    wrong: Mapping[str, str] = field(default_factory=dict)
    """By field, what is to be done about it."""

    def value(self, name: str) -> str:
        return self.fields.get(name, "")


def key_of(fields: Mapping[str, str]) -> str | None:
    """None where the form has none that can be one."""
    key = fields.get(KEY, "")
    return key if _LEGIBLE_KEY.fullmatch(key) else None


def submission_of(fields: Mapping[str, str]) -> Submission:
    """The post. Raises `Problem`, `invalid`, with the pointers that the API gives."""
    return validated(Submission, _document(fields))


def _document(fields: Mapping[str, str]) -> dict[str, Any]:
    """What is left empty is not sent, so that it is missing, or falls to what the API takes."""
    given = {name: value for name, value in fields.items() if value.strip()}
    contact = {
        name: given[own] for name, own in (("channel", "saluran"), ("address", "alamat"))
        if own in given and "alamat" in given
    }  # fmt: skip
    requester = {
        name: given[own] for name, own in (("role", "peran"), ("name", "nama")) if own in given
    }
    top = (("title", "judul"), ("body", "isi"), ("topic", "topik"), ("kind", "jenis"))
    return {
        **{name: given[own] for name, own in (*top, ("desa_code", "desa")) if own in given},
        "requester": {**requester, **({"contact": contact} if contact else {})},
        "channel": "web",
        **_marked(given),
    }


def _marked(given: Mapping[str, str]) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if (vulnerable := _VULNERABLE.get(given.get("rentan", ""))) is not None:
        more["vulnerable_group"] = vulnerable
    if "rahasia" in given:
        more["anonymous"] = True
    # a time that cannot be read is the device's fault: the post is taken without it
    if _TIME.fullmatch(time := given.get(TIME, "")) and _is_time(time):
        more["submitted_at"] = time
    return more


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


def wrong_fields(
    errors: list[Fault], fields: Mapping[str, str], t: Words, said: Language
) -> dict[str, str]:
    """By field of the form, what to do, in the order of the form."""
    told: dict[str, str] = {}
    for name, pointer in POINTERS.items():
        fault = next((one for one in errors if one.pointer == pointer), None)
        if fault is None:
            continue
        is_empty = name in _CHOSEN or not fields.get(name, "").strip()
        told[name] = t[f"need_{name}"] if is_empty else fault.detail.said_in(said)
    return told
