"""What every peer takes and hands on: the post as pydantic checks it, and the event it becomes."""

import os
import uuid
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field

MONGO = os.environ.get("BENCH_MONGO", "")
AMQP = os.environ.get("BENCH_AMQP", "")
DATABASE = os.environ.get("BENCH_DATABASE", "")
SECRETS = os.environ.get("BENCH_SECRETS", "")
"""Where a peer's data is: its own."""

Event = dict[str, str]
Document = dict[str, Any]


class Contact(BaseModel):
    channel: str
    address: str = Field(max_length=320)


class Requester(BaseModel):
    role: str
    name: str | None = None
    contact: Contact


class Post(BaseModel):
    """As much as ours reads of the same body."""

    title: str = Field(min_length=1, max_length=200)
    body: str = Field(min_length=1, max_length=8000)
    topic: str
    desa_code: str = Field(pattern=r"^\d\d\.\d\d\.\d\d\.\d{4}$")
    requester: Requester

    def event(self) -> Event:
        """With an id of its own."""
        return {
            "id": str(uuid.uuid4()),
            "kecamatan": self.desa_code[:8],
            "topic": self.topic,
            "contact": self.requester.contact.address,
        }

    def document(self, event: Event) -> Document:
        """What is kept of it."""
        return {
            **self.model_dump(),
            "_id": event["id"],
            "status": "submitted",
            "at": datetime.now(UTC),
        }


def whose_turn(roster: Document | None) -> str:
    """The officer, by a roster with its turn."""
    return f"officer-{(roster or {}).get('turn', 0) % OFFICERS}"


def case(event: Event, officer: str) -> Document:
    return {
        "_id": event["id"],
        "kecamatan": event["kecamatan"],
        "officer": officer,
        "at": datetime.now(UTC),
    }


def recipients(event: Event) -> dict[str, str]:
    """Alert's id → to whom: the officer and the requester."""
    return {
        f"{event['id']}-officer": event["officer"],
        f"{event['id']}-requester": event["contact"],
    }


def claimed(id_: str, to: str) -> Document:
    return {"_id": id_, "to": to, "state": "claimed", "at": datetime.now(UTC)}


def sent() -> Document:
    return {"$set": {"state": "sent", "sent_at": datetime.now(UTC)}}


def cell(event: Event) -> Document:
    """The line of the report that counts it."""
    return {"_id": f"{event['kecamatan']}|{event['topic']}"}


COUNT = {"$inc": {"alerted": 1}}
#: Officers of a kecamatan, who take turns.
OFFICERS = 3
