"""A consultation as a document: how it is kept, what is read of it, and what a change writes.

{_id, version, ticket, status, …codes and times…,
 sealed: {pin, requester, title, body, comment},      each sealed by itself
 messages: [{id, kind, at, actor, id_of_actor, body}]}     its body sealed
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.intake.domain.consultation import Consultation, Message, Private
from services.intake.domain.timeline import Entry, in_order
from services.intake.store.encryption import DataKey
from shared.storage.documents import difference, fields_of
from shared.storage.mongo import Document

#: Messages, and lines of the timeline, that are answered after a move.
LATEST_ENTRIES = 50

#: What is kept sealed. Until 2026-11 these were fields of their own, in plain.
WORDS = ("title", "body", "comment")
_FIELDS = tuple(
    name for name in Consultation.__dataclass_fields__ if name not in ("id", "erased", *WORDS)
)
#: What grows with every move, and is not needed for the next one.
_TALK = ("messages", "timeline", "moves_done")
#: Of what was said and of the keys of moves only the new ones are written.
_COMPARED = tuple(name for name in _FIELDS if name not in ("messages", "moves_done"))
#: Without any words.
FEW = ["erased", *(name for name in _FIELDS if name not in _TALK)]
WITH_TITLE = [*FEW, "sealed.title", "title"]
WITH_WORDS = [*WITH_TITLE, "sealed.body", "body", "messages"]
MESSAGES_WITHOUT_BODY = [
    f"messages.{name}" for name in Message.__dataclass_fields__ if name != "body"
]
#: One more than are shown, to tell whether there are more.
LATEST: Mapping[str, Any] = {
    "moves_done": 0,
    "outbox": 0,
    "messages": {"$slice": -LATEST_ENTRIES - 1},
    "timeline": {"$slice": -LATEST_ENTRIES - 1},
}


def state_of(consultation: Consultation, private: Private, key: DataKey) -> Document:
    """The fields of a new consultation."""
    state = {name: _value(getattr(consultation, name)) for name in _FIELDS}
    state["messages"] = [_sealed(message, key) for message in consultation.messages]
    sealed = {
        "pin": key.seal("pin", private.pin),
        "title": key.seal("title", consultation.title),
        "body": key.seal("body", consultation.body),
    }
    if private.name or private.contact:
        who = json.dumps([private.name, private.contact])
        sealed["requester"] = key.seal("requester", who)
    return {**state, "sealed": sealed}


def has_new_words(before: Consultation, changed: Consultation) -> bool:
    """Whether the data key is needed to keep `changed`."""
    return changed.messages != before.messages or changed.comment != before.comment


def update_of(
    before: Consultation,
    changed: Consultation,
    key: DataKey | None,
    kept: Callable[[str], str],
) -> dict[str, Document]:
    """What `changed` has that `before` has not, as an update.

    `key`: may be None where nothing was said; `kept`: a fingerprint as it is kept.
    """
    update = difference(before, changed, _COMPARED, _value)
    new = changed.moves_done.items() - before.moves_done.items()
    update["$set"] |= {f"moves_done.{name}": kept(fingerprint) for name, fingerprint in new}
    if key and (said := changed.messages[len(before.messages) :]):
        each = [_sealed(message, key) for message in said]
        update.setdefault("$push", {})["messages"] = {"$each": each}
    if key and changed.comment is not None and changed.comment != before.comment:
        update["$set"]["sealed.comment"] = key.seal("comment", changed.comment)
    return update


def _sealed(message: Message, key: DataKey) -> Document:
    return {**fields_of(message), "body": key.seal(part_of(message.id), message.body)}


def part_of(message: str) -> str:
    """The part of a consultation that this message is."""
    return f"message/{message}"


def _value(value: Any) -> Any:
    """As it is kept: of what was done, each as a document."""
    if not isinstance(value, tuple):
        return value
    return [one if isinstance(one, str) else fields_of(one) for one in value]


def consultation_of(document: Document, key: DataKey | None = None) -> Consultation:
    """As much as was read of it; without `key` no words, except those of before they were sealed.

    Raises `DecryptionFailed`.
    """
    state = {name: document[name] for name in _FIELDS if name in document}
    state["messages"] = tuple(_message(one, key) for one in state.get("messages", ()))
    # what came late is written behind what happened after it
    state["timeline"] = in_order(Entry(**entry) for entry in state.get("timeline", ()))
    state["transferred_to"] = tuple(state.get("transferred_to", ()))
    state.setdefault("said", said_in(document))
    kept = {**document, **document.get("sealed", {})}
    title, body, comment = (_text(name, kept.get(name), key) for name in WORDS)
    return Consultation(
        id=UUID(document["_id"]),
        erased=document.get("erased", False),
        title=title or "",
        body=body or "",
        comment=comment,
        **state,
    )


def _message(kept: Document, key: DataKey | None) -> Message:
    return Message(**{**kept, "body": _text(part_of(kept["id"]), kept.get("body"), key) or ""})


def _text(part: str, kept: bytes | str | None, key: DataKey | None) -> str | None:
    if isinstance(kept, bytes):
        return key.open(part, kept) if key else None
    return kept


def private_of(document: Document, key: DataKey | None) -> Private:
    """Of an erased one nothing. Raises `DecryptionFailed`."""
    if key is None:
        return Private(pin="")
    # of before 2026-11; a comment that came since is sealed beside it
    if "private" in document:
        return Private(**json.loads(key.open_whole(document["private"]["sealed"])))
    name, contact = requester_of(document, key)
    sealed = document["sealed"]
    return Private(key.open("pin", sealed["pin"]) if "pin" in sealed else "", name, contact)


def requester_of(document: Document, key: DataKey) -> tuple[str | None, dict[str, str] | None]:
    """Name and contact. Raises `DecryptionFailed`."""
    if "private" in document:
        whole = private_of(document, key)
        return whole.name, whole.contact
    kept = document["sealed"].get("requester")
    if kept is None:
        return None, None
    name, contact = json.loads(key.open("requester", kept))
    return name, contact


def without_words(found: Consultation) -> Consultation:
    """As it is shown where its key is gone."""
    mute = tuple(replace(one, body="") for one in found.messages)
    return replace(found, title="", body="", comment=None, messages=mute, erased=True)


def said_in(document: Document) -> dict[str, int]:
    """How many messages are by whom, in a document that does not say."""
    return dict(Counter(message["actor"] for message in document.get("messages", ())))
