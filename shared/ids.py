"""Ids of documents and events."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): sorts by time, so that new documents land at an index's end."""
    return uuid7()
