"""A consultation as a document: how it is kept, what is read of it, and what a change writes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.intake.domain.consultation import Consultation, Message
from services.intake.domain.timeline import Entry, in_order
from shared.storage.mongo import Document

#: Messages, and lines of the timeline, that are answered after a move.
LATEST_ENTRIES = 50


def state_of(consultation: Consultation) -> Document:
    state = asdict(consultation)
    del state["id"]
    return state


_FIELDS = frozenset(Consultation.__dataclass_fields__) - {"id"}
#: What grows with every move, and is not needed for the next one.
_TALK = ("messages", "timeline", "moves_done")
FEW = sorted(_FIELDS.difference(_TALK))
WITHOUT_TALK = dict.fromkeys((*_TALK, "outbox"), 0)
#: One more than are shown, to tell whether there are more.
LATEST: Mapping[str, Any] = {
    "moves_done": 0,
    "outbox": 0,
    "messages": {"$slice": -LATEST_ENTRIES - 1},
    "timeline": {"$slice": -LATEST_ENTRIES - 1},
}


def update_of(before: Consultation, changed: Consultation) -> Document:
    """What `changed` has that `before` has not, as an update."""
    was, state = state_of(before), state_of(changed)
    assigned, pushed = Document(), Document()
    for name, value in state.items():
        if value == was[name]:
            continue
        if name == "moves_done":
            new = value.items() - was[name].items()
            assigned |= {f"{name}.{key}": fingerprint for key, fingerprint in new}
        elif name in _TALK and value[: len(was[name])] == was[name]:
            pushed[name] = {"$each": value[len(was[name]) :]}
        else:
            assigned[name] = value
    return {"$set": assigned, **({"$push": pushed} if pushed else {})}


def consultation_of(document: Document) -> Consultation:
    state = {name: document[name] for name in _FIELDS & document.keys()}
    state["messages"] = tuple(Message(**message) for message in state.get("messages", ()))
    # what came late is written behind what happened after it
    state["timeline"] = in_order(Entry(**entry) for entry in state.get("timeline", ()))
    state.setdefault("said", said_in(document))
    return Consultation(id=UUID(document["_id"]), **state)


def said_in(document: Document) -> dict[str, int]:
    """How many messages are by whom, in a document that does not say."""
    return dict(Counter(message["actor"] for message in document.get("messages", ())))
