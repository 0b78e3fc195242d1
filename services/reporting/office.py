"""The working calendar, as routing says over HTTP: by it a generation reckons office time."""

from collections.abc import Sequence
from datetime import date, time
from http import HTTPStatus
from typing import Any

import httpx

from shared.calendar import Calendar, Holiday, Hours, Interval, OpenDay, Profile, Season
from shared.errors import TryLater
from shared.service_client import service_client
from shared.times import utc_now

TIMEOUT = 10.0
#: Years before this one that consultations may be from.
BACK = 3

View = dict[str, Any]
"""A year of the calendar, as `GET /v1/calendar` gives it."""


class Office:
    def __init__(
        self, url: str, key: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`key`: an API key of the role `service`."""
        self._http = service_client(url, key, TIMEOUT, transport)

    async def years(self) -> list[View]:
        """From some years back until as far as routing knows. Raises `TryLater`."""
        views: list[View] = []
        this = utc_now().year
        for year in range(this - BACK, this + BACK + 1):
            try:
                reply = await self._http.get("/v1/calendar", params={"year": year})
            except httpx.HTTPError as error:
                raise TryLater(f"routing: {type(error).__name__}") from None
            if reply.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
                continue  # beyond the years that routing knows
            if reply.status_code != HTTPStatus.OK:
                raise TryLater(f"routing answered {reply.status_code}")
            views.append(reply.json())
        if not views:
            raise TryLater("routing knows no year")
        return views

    async def close(self) -> None:
        await self._http.aclose()


def version_of(views: Sequence[View]) -> str:
    return str(views[0]["version"])


def calendar_of(views: Sequence[View]) -> Calendar:
    """The calendar of these years, which follow each other."""
    profiles = {one["code"]: _profile(one) for view in views for one in view["profiles"]}
    return Calendar(
        date(views[0]["year"], 1, 1),
        date(views[-1]["year"], 12, 31),
        profiles[views[0]["profiles"][0]["code"]],
        {
            Season(
                profiles[one["profile"]],
                date.fromisoformat(one["first"]),
                date.fromisoformat(one["last"]),
                one["estimated"],
            )
            for view in views
            for one in view["seasons"]
        },
        [
            Holiday(date.fromisoformat(one["day"]), one["name"], one["category"], one["estimated"])
            for view in views
            for one in view["holidays"]
        ],
        [
            OpenDay(date.fromisoformat(one["day"]), one["name"], _hours(one["intervals"]))
            for view in views
            for one in view["open_days"]
        ],
    )


def _profile(view: View) -> Profile:
    return Profile(view["code"], tuple(_hours(day["intervals"]) for day in view["week"]))


def _hours(intervals: Sequence[View]) -> Hours:
    return tuple(
        Interval(time.fromisoformat(one["opens"]), time.fromisoformat(one["closes"]))
        for one in intervals
    )
