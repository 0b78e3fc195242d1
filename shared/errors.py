"""Every error the system tells apart, as one tree.

    KlikError
    ├── PermanentError      a message that no repetition can heal: parked at once
    │   ├── ForgedEvent     not signed by the service that tells of such things
    │   ├── UnfitEvent      true to its form, and not to what is known of its subject
    │   ├── UnknownEvent    a type or version nobody here knows
    │   └── InvalidEvent    a body that does not decode or fit its type
    ├── TryLater            expected to heal: one step up the retry ladder
    ├── StoreUnavailable    the database does not answer: wait for it, count no attempt
    ├── PublishFailed       RabbitMQ did not confirm: the event stays in its outbox
    ├── WriteRefused        the database answered and said no (too large, not valid)
    ├── Duplicate           a document with this id or key is already there
    └── Conflict            somebody else changed the document first

Messages of these errors carry codes and ids only: they end in logs and in the headers of parked
messages, where no personal data may be. For errors of other people's making use `describe`.
"""

import traceback


class KlikError(Exception):
    """Root of everything raised on purpose."""


class PermanentError(KlikError):
    """No repetition can heal this message."""

    reason = "permanent_error"


class ForgedEvent(PermanentError):
    reason = "forged"


class UnfitEvent(PermanentError):
    reason = "unfit"


class UnknownEvent(PermanentError):
    reason = "unknown_event"


class InvalidEvent(PermanentError):
    reason = "invalid_event"


class TryLater(KlikError):
    """Not now, but a later attempt may work."""


class StoreUnavailable(KlikError):
    """The database does not answer, or no longer has what was being read; nothing is known of a
    write that was under way."""


class PublishFailed(KlikError):
    """RabbitMQ did not confirm the message; it may or may not have been stored."""


class WriteRefused(KlikError):
    """The database refused this document."""


class Duplicate(KlikError):
    """The document exists already."""


class Conflict(KlikError):
    """The document's version is no longer the one that was read."""


def describe(error: BaseException) -> str:
    """One line that says what went wrong and where, without any value that was being handled.

    The text of a foreign error may quote a whole document (pymongo's do), so only its class and
    the place are given; our own errors are written to be shown.
    """
    if isinstance(error, KlikError):
        return f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "/services/" in f.filename or "/shared/" in f.filename]
    place = (own or frames)[-1:]
    where = (
        f" at {place[0].filename.rsplit('/', 2)[-2]}/{place[0].name}:{place[0].lineno}"
        if place
        else ""
    )
    return f"{type(error).__name__}{where}"
