"""How many alerts a process takes on, in all and at each channel; and when the others come again.

Whoever is taken on and then finds no room has to be written down once more, in the same moments in
which the database has most to do: after a backlog, when a provider has been away.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sized
from datetime import timedelta

from services.notify.dispatch.lanes import Lane, WaitingList

#: Alerts in hand at once, the bound of this process's memory.
IN_FLIGHT = 200


class Admission:
    def __init__(self, lanes: Mapping[str, Lane], in_flight: Sized) -> None:
        """`lanes`: by channel. `in_flight`: what the process has taken on, as it is whenever it is
        asked."""
        self.lanes = lanes
        self._in_flight = in_flight
        self._nowhere_yet = WaitingList()
        self._bound = Counter[str | None]()

    def put_off(self, channel: str | None) -> timedelta | None:
        """How long a new alert stays away, if not called; None where it may come in."""
        lane = self.lanes.get(channel or "")
        if lane is None:
            return None if self._room else self._nowhere_yet.put_off()
        # those on their way to the lane are not in it yet
        is_full = lane.is_shut or lane.is_behind or self._bound[channel] >= lane.room
        return lane.waiting.put_off() if is_full or not self._room else None

    def bind(self, channel: str | None) -> None:
        """One is on its way to `channel`, None where that is not known yet."""
        self._bound[channel] += 1

    def places(self) -> tuple[int, Mapping[str | None, int] | None]:
        """How many may be taken up that are due: in all and, where somebody is in line, at each
        channel. Those that were on their way have arrived since the last time."""
        self._bound.clear()
        if all(lane.is_free for lane in self.lanes.values()):
            return min([self._room, *(lane.room for lane in self.lanes.values())]), None
        at: dict[str | None, int] = {None: self._room}
        at |= {name: lane.room for name, lane in self.lanes.items() if not lane.is_behind}
        return self._room, at

    def calls(self) -> Iterator[tuple[str | None, WaitingList, int]]:
        """Each channel that has places left and is not left alone, who waits for them, and how many
        they are; None is where it is not known yet. To be asked again after each, since who comes
        takes a place."""
        for name, lane in self.lanes.items():
            places = min(self._room, lane.room - self._bound[name])
            if places > 0 and not lane.is_behind and not lane.is_shut:
                yield name, lane.waiting, places
        if self._room:
            yield None, self._nowhere_yet, self._room

    @property
    def _room(self) -> int:
        return max(0, IN_FLIGHT - len(self._in_flight))
