"""The clock on the wall, and ids that sort by it: days are counted where the desa are."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

WITA = ZoneInfo("Asia/Makassar")
"""UTC+8 all year."""

_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)

Clock = Callable[[], datetime]
"""Tells the time, aware and in whole milliseconds."""


def utc_now() -> datetime:
    """Now, in whole milliseconds."""
    return whole_milliseconds(datetime.now(UTC))


def shifted(seconds: float) -> Clock:
    """`utc_now`, so many seconds ahead."""
    ahead = timedelta(seconds=seconds)
    return lambda: utc_now() + ahead


def whole_milliseconds(time: datetime) -> datetime:
    """What MongoDB can keep of `time`: so that what is told now and read later are the same."""
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def milliseconds(time: datetime) -> int:
    """Since 1970."""
    return (time - _EPOCH) // _MILLISECOND


def moment(at: int) -> datetime:
    """So many milliseconds since 1970."""
    return _EPOCH + at * _MILLISECOND


def local(time: datetime) -> datetime:
    """`time` with the offset of the desa, for people to read."""
    return time.astimezone(WITA)


def local_day(time: datetime) -> date:
    return local(time).date()


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): sorts by time, so that new documents land at an index's end."""
    return uuid7()
