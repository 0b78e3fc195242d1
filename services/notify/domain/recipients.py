"""Who can be told, as what, and how. Pure; the addresses in it are personal."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from shared.reference import regions, seed_officers

DPMD = "dpmd"
Role = Literal["officer", "coordinator", "camat", "dpmd"]
Language = Literal["id", "en"]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach somebody. `repr` leaves the address out: it must not get into a log."""

    channel: str
    address: str

    def __repr__(self) -> str:
        return f"Way(channel={self.channel!r})"


@dataclass(frozen=True, slots=True)
class Recipient:
    """`channels`: tried in their order. `satgas`: a kecamatan, or `dpmd`."""

    id: str
    role: Role
    satgas: str
    channels: tuple[Way, ...] = ()
    language: Language = "id"
    quiet_hours: bool = True
    digest: bool = False
    version: int = 1


class Directory:
    """Everybody who is not a requester."""

    def __init__(self, recipients: Iterable[Recipient]) -> None:
        self._by_id = {one.id: one for one in recipients}

    def get(self, id_: str) -> Recipient | None:
        return self._by_id.get(id_)

    def in_role(self, role: Role, satgas: str | None) -> list[str]:
        return [one.id for one in self._by_id.values() if (one.role, one.satgas) == (role, satgas)]

    def with_digest(self) -> list[Recipient]:
        return [one for one in self._by_id.values() if one.digest]


def seeds() -> Iterator[Recipient]:
    """The directory of a first start: the first officer of a satgas is its coordinator.

    Camat are in it without an address, which is for the regency to put.
    """
    for satgas, posts in groupby(seed_officers(), key=lambda post: post.satgas):
        for number, post in enumerate(posts):
            yield Recipient(
                id=post.officer,
                role="officer" if number else "coordinator",
                satgas=satgas,
                channels=(Way("email", post.email),),
            )
    for region in regions().values():
        if region.type == "kecamatan":
            yield Recipient(f"camat-{region.code}", "camat", region.code)
