"""Changes of the keys that events are signed with, and the file they are in."""

import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from klik.secret_files.files import NoSuchChange, alone_with, replace_file
from klik.secret_files.shares import EVENT_KEYS, admit, read_event_keys, write_shares
from shared.keys.named import KEY_BYTES
from shared.messaging.signing import EventKeys
from shared.messaging.topology import PAIRS


def new_event_keys(pairs: Iterable[tuple[str, str]] = PAIRS, id_: str = "e1") -> EventKeys:
    """A key for each pair of publisher and consumer."""
    return EventKeys({pair: {id_: secrets.token_bytes(KEY_BYTES)} for pair in pairs})


def completed(keys: EventKeys) -> EventKeys:
    """With a key also for each pair that had none: there are new events since it was made."""
    missing = new_event_keys(PAIRS - keys.pairs.keys(), current(keys) or "e1")
    return EventKeys({**missing.pairs, **keys.pairs})


def rotated(keys: EventKeys) -> EventKeys:
    """With a new key for each pair, which signs from now on; the others are taken still."""
    id_ = next_id(ids(keys))
    fresh = new_event_keys(keys.pairs, id_).pairs
    return EventKeys({pair: {**fresh[pair], **old} for pair, old in keys.pairs.items()})


def without(keys: EventKeys, id_: str) -> EventKeys:
    """What is signed with this key is taken no more. Raises `NoSuchChange`."""
    if id_ not in ids(keys):
        raise NoSuchChange(
            f"There is no key {id_}: `klik signing list` shows those that there are."
        )
    if any(next(iter(of_pair), None) == id_ for of_pair in keys.pairs.values()):
        raise NoSuchChange(f"The key {id_} signs: first `klik signing rotate`.")
    return EventKeys(
        {
            pair: {name: key for name, key in of_pair.items() if name != id_}
            for pair, of_pair in keys.pairs.items()
        }
    )


def current(keys: EventKeys) -> str | None:
    """The id of the key that signs, of most pairs."""
    firsts = [next(iter(of_pair)) for of_pair in keys.pairs.values() if of_pair]
    return max(firsts, key=firsts.count, default=None)


def ids(keys: EventKeys) -> list[str]:
    """Of all keys, the newest first."""
    return list(dict.fromkeys(id_ for of_pair in keys.pairs.values() for id_ in of_pair))


def next_id(taken: Iterable[str]) -> str:
    numbers = [int(found[1]) for id_ in taken if (found := re.fullmatch(r"e([0-9]{1,9})", id_))]
    return f"e{max(numbers, default=0) + 1}"


class EventKeyFile:
    """The file in `folder`, and what the services are given of it. Its methods raise `NoSuchChange`
    where it is not there or not one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / EVENT_KEYS

    def read(self) -> EventKeys:
        if not self._path.is_file():
            raise NoSuchChange(
                f"No event keys in {self._folder}: name their folder with --secrets, or make them "
                f"with `klik secrets {self._folder}`."
            )
        return read_event_keys(self._path)

    def rotate(self, *, drop_old: bool) -> str:
        """The id of the new key."""
        with alone_with(self._folder):
            keys = rotated(before := self.read())
            for id_ in ids(before) if drop_old else ():
                keys = without(keys, id_)
            self._save(keys)
        return current(keys) or ""

    def retire(self, id_: str) -> None:
        with alone_with(self._folder):
            self._save(without(self.read(), id_))

    def complete(self) -> bool:
        """Add what is missing; whether anything was."""
        with alone_with(self._folder):
            keys = completed(before := self.read())
            if keys != before:
                self._save(keys)
        return keys != before

    def _save(self, keys: EventKeys) -> None:
        admit(self._folder, keys)
        replace_file(self._path, keys.text())
        write_shares(self._folder)


def uses(keys: EventKeys) -> Mapping[str, str]:
    """Key id → `signs`, or `is taken` where it is an older one."""
    now = current(keys)
    return {id_: "signs" if id_ == now else "is taken" for id_ in ids(keys)}
