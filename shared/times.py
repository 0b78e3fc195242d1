"""The clock on the wall: days are counted where the desa are."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

WITA = ZoneInfo("Asia/Makassar")
"""UTC+8 all year."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def local(time: datetime) -> datetime:
    """`time` with the offset of the desa, for people to read."""
    return time.astimezone(WITA)


def local_day(time: datetime) -> date:
    return local(time).date()
