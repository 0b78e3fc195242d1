"""What became of the officers' alerts about some consultations, as notify says."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import httpx

#: `told`: by somebody or only to the log; `waits`: for the hours in which it may be told.
State = Literal["told", "waits", "untold", "under_way"]


@dataclass(frozen=True, slots=True)
class Told:
    state: State
    kecamatan: str = ""
    reason: str = ""
    """Of what is not told."""
    until: datetime | None = None
    """Of what waits."""


def told(alerts: Sequence[Mapping[str, Any]]) -> Told:
    """Of one consultation; `alerts`: all about it."""
    mine = [one for one in alerts if one["recipient_kind"] == "officer"]
    if not mine:
        return Told("under_way")
    states = {_state(one): one for one in mine}
    # who was told once was told; what may still be told is not given up
    state = next(one for one in ("told", "under_way", "waits", "untold") if one in states)
    alert = states[state]
    until = alert["next_at"] if state == "waits" else None
    return Told(
        state,
        alert["region"]["kecamatan"],
        alert["reason"] or "",
        datetime.fromisoformat(until) if until else None,
    )


def _state(alert: Mapping[str, Any]) -> State:
    match alert["state"], alert["reason"]:
        case ("sent", _) | ("suppressed", "log_only"):
            return "told"
        case "failed" | "suppressed", _:
            return "untold"
        case "waiting", "quiet_hours":
            return "waits"
    return "under_way"


class Telling:
    """Asks until all is settled; what is settled is not asked for again."""

    def __init__(self, notify: httpx.AsyncClient, consultations: Sequence[str]) -> None:
        self._notify = notify
        self._known = dict.fromkeys(consultations, Told("under_way"))

    async def look(self) -> None:
        """Raises `httpx.HTTPError`."""
        open_ones = [id_ for id_, one in self._known.items() if one.state == "under_way"]
        found = await asyncio.gather(*(self._of(id_) for id_ in open_ones))
        self._known.update(zip(open_ones, found, strict=True))

    def of(self, state: State) -> list[Told]:
        return [one for one in self._known.values() if one.state == state]

    async def _of(self, consultation: str) -> Told:
        reply = await self._notify.get("/v1/alerts", params={"consultation": consultation})
        return told(reply.raise_for_status().json()["alerts"])
