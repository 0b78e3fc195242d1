"""What the repository suites run on: the fake in memory, and the real store by either driver."""

import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal

from services.intake.store.consultations import Consultations
from services.intake.store.data_keys import DataKeys
from services.intake.store.encryption import EnvelopeEncryption
from services.intake.store.erasures import ErasuresStore
from services.intake.store.saved_replies import SavedRepliesStore
from shared.messaging.outbox import Outbox
from shared.messaging.publisher import Publisher
from shared.storage.mongo import Database
from shared.times import utc_now
from tests.support.backends import Backends
from tests.support.keys import TEST_SIGNING

MEMORY = "memory"
PLACES = (MEMORY, "motor", "pymongo")


@asynccontextmanager
async def empty_database(
    backends: Backends, driver: Literal["motor", "pymongo"]
) -> AsyncGenerator[Database]:
    database = Database(backends.mongo_url, f"test_{uuid.uuid4().hex[:12]}", driver)
    yield database
    await database.drop()
    await database.close()


def outbox(database: Database, name: str) -> Outbox:
    """One whose publisher is not connected: envelopes stay where the store put them."""
    publisher = Publisher("amqp://nowhere", "test", TEST_SIGNING)
    return Outbox(database, database.collection(name), name, publisher)


MASTER_KEYS = "k1:" + "A" * 43 + "="


def intake_store(database: Database, master_keys: str = MASTER_KEYS) -> Consultations:
    encryption = EnvelopeEncryption.parse(master_keys)
    return Consultations(
        database.collection("consultations"),
        DataKeys(database.collection("data_keys"), encryption),
        outbox(database, "consultations"),
        encryption,
    )


def erasures_store(database: Database, master_keys: str = MASTER_KEYS) -> ErasuresStore:
    return ErasuresStore(
        database.collection("consultations"),
        database.collection("erasures"),
        DataKeys(database.collection("data_keys"), EnvelopeEncryption.parse(master_keys)),
        outbox(database, "consultations"),
    )


def saved_replies(
    database: Database,
    master_keys: str = MASTER_KEYS,
    clock: Callable[[], datetime] = utc_now,
) -> SavedRepliesStore:
    encryption = EnvelopeEncryption.parse(master_keys)
    keys = DataKeys(database.collection("data_keys"), encryption)
    return SavedRepliesStore(
        database.collection("saved_replies"), keys, encryption.secret("saved replies"), clock
    )
