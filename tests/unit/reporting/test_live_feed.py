"""The feed: whichever replica a client listens to, it hears of every change."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.domain.feed import OVERLAP_SECONDS, History, Month, Position, SeenVersions

MONTHS = ("2026-10", "2026-11")
PARTITION_KEYS = [f"{month}-24/64.02.{number:02}" for month in MONTHS for number in (1, 2)]


@dataclass
class StoredIndex:
    """The version index as the store has it."""

    versions: dict[str, int] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)

    def write(self, key: str) -> None:
        self.versions[key] = self.versions.get(key, 0) + 1
        self.revisions[key[:7]] = self.revisions.get(key[:7], 0) + 1

    def month(self, name: str) -> Month:
        versions = {key: version for key, version in self.versions.items() if key[:7] == name}
        return Month(self.revisions[name], versions)


class Replica:
    def __init__(self, stored: StoredIndex) -> None:
        self.version_index = SeenVersions()
        self.history: History[dict[str, int]] = History(limit=8)
        self.version_index.start(1, {name: stored.month(name) for name in stored.revisions})
        self.history.start(self.version_index.position)

    def look(self, stored: StoredIndex, meanwhile: list[str], now: float) -> None:
        """`meanwhile`: written after the first month was read."""
        found = {}
        for name in self.version_index.behind(dict(stored.revisions)):
            found[name] = stored.month(name)
            while meanwhile:
                stored.write(meanwhile.pop())
        keys = self.version_index.see(found)
        if keys:
            self.history.add(
                self.version_index.position, now, {one: stored.versions[one] for one in keys}
            )


@dataclass
class Client:
    """Knows what it was told; `position` is what it sends as `Last-Event-ID`."""

    known: dict[str, int]
    position: Position

    def hear(self, stored: StoredIndex, replica: Replica, now: float) -> None:
        missed = replica.history.since(self.position, now)
        if missed is None:
            self.known = dict(stored.versions)
            self.position = replica.version_index.position
            return
        for entry in missed:
            self.known |= entry.what
            self.position = max(self.position, entry.position)


step = st.tuples(
    st.sampled_from(["write", "look", "hear"]),
    st.integers(0, 1),
    st.lists(st.sampled_from(PARTITION_KEYS), max_size=3),
)


@settings(max_examples=300)
@given(st.lists(step, max_size=40))
def test_a_client_that_goes_from_replica_to_replica_misses_nothing(
    steps: list[tuple[str, int, list[str]]],
) -> None:
    stored, now = StoredIndex(), 0.0
    for key in PARTITION_KEYS:
        stored.write(key)
    replicas = [Replica(stored), Replica(stored)]
    client = Client(dict(stored.versions), replicas[0].version_index.position)
    for what, which, keys in steps:
        now += OVERLAP_SECONDS / 100
        if what == "write":
            for key in keys:
                stored.write(key)
        elif what == "look":
            replicas[which].look(stored, keys, now)
        else:
            client.hear(stored, replicas[which], now)
    for replica in replicas:
        replica.look(stored, [], now)
    for replica in replicas:
        client.hear(stored, replica, now)
    assert client.known == stored.versions


def test_a_repeated_write_that_changes_nothing_is_not_told() -> None:
    stored = StoredIndex()
    stored.write(PARTITION_KEYS[0])
    replica = Replica(stored)
    stored.revisions[PARTITION_KEYS[0][:7]] += 1

    replica.look(stored, [], 1.0)

    assert replica.version_index.position == Position(1, 2)
    assert replica.history.since(Position(1, 1), 2 * OVERLAP_SECONDS) == []


def test_who_was_away_for_too_long_or_knows_another_generation_starts_afresh() -> None:
    history: History[int] = History(limit=2)
    history.start(Position(1, 10))
    for number in (11, 12, 13):
        history.add(Position(1, number), float(number) * 10 * OVERLAP_SECONDS, number)
    now = 14 * 10 * OVERLAP_SECONDS

    def told(position: Position | None) -> list[int] | None:
        found = history.since(position, now)
        return None if found is None else [entry.what for entry in found]

    assert told(Position(1, 11)) == [12, 13]
    assert told(Position(1, 13)) == []
    assert told(Position(1, 99)) == []  # of a replica that looked a moment later
    assert told(Position(1, 10)) is None
    assert told(Position(2, 12)) is None
    assert told(Position(0, 12)) is None
    assert told(None) is None


@pytest.mark.parametrize(
    "text", ["", "1", "1-", "-1", "1-2-3", "x-1", "1-x", "1-²", "1-" + "9" * 99]
)
def test_what_no_replica_said_is_no_position(text: str) -> None:
    assert Position.read(text) is None
    assert Position.read(str(Position(3, 12))) == Position(3, 12)
