"""A consultation as a document: how it is kept, what is read of it, and what a change writes."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from services.intake.domain.consultation import Consultation, Message
from services.intake.domain.timeline import Entry, in_order
from shared.storage.documents import difference, fields_of
from shared.storage.mongo import Document

#: Messages, and lines of the timeline, that are answered after a move.
LATEST_ENTRIES = 50


_FIELDS = tuple(name for name in Consultation.__dataclass_fields__ if name != "id")
#: What grows with every move, and is not needed for the next one.
_TALK = ("messages", "timeline", "moves_done")
#: Of the keys of moves only the new ones are written.
_COMPARED = tuple(name for name in _FIELDS if name != "moves_done")
FEW = [name for name in _FIELDS if name not in _TALK]
WITHOUT_TALK = dict.fromkeys((*_TALK, "outbox"), 0)
#: One more than are shown, to tell whether there are more.
LATEST: Mapping[str, Any] = {
    "moves_done": 0,
    "outbox": 0,
    "messages": {"$slice": -LATEST_ENTRIES - 1},
    "timeline": {"$slice": -LATEST_ENTRIES - 1},
}


def state_of(consultation: Consultation) -> Document:
    return {name: _value(getattr(consultation, name)) for name in _FIELDS}


def update_of(
    before: Consultation, changed: Consultation, kept: Callable[[str], str]
) -> dict[str, Document]:
    """What `changed` has that `before` has not, as an update.

    `kept`: a fingerprint as it is kept.
    """
    update = difference(before, changed, _COMPARED, _value)
    new = changed.moves_done.items() - before.moves_done.items()
    update["$set"] |= {f"moves_done.{key}": kept(fingerprint) for key, fingerprint in new}
    return update


def _value(value: Any) -> Any:
    """As it is kept: of what was said and done, each as a document."""
    return [fields_of(one) for one in value] if isinstance(value, tuple) else value


def consultation_of(document: Document) -> Consultation:
    state = {name: document[name] for name in _FIELDS if name in document}
    state["messages"] = tuple(Message(**message) for message in state.get("messages", ()))
    # what came late is written behind what happened after it
    state["timeline"] = in_order(Entry(**entry) for entry in state.get("timeline", ()))
    state.setdefault("said", said_in(document))
    return Consultation(id=UUID(document["_id"]), **state)


def said_in(document: Document) -> dict[str, int]:
    """How many messages are by whom, in a document that does not say."""
    return dict(Counter(message["actor"] for message in document.get("messages", ())))
