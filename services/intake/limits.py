"""How often intake is asked: posts by key and by desa, moves by consultation."""

from dataclasses import dataclass
from uuid import UUID

from shared.limits.buckets import UNLIMITED, Buckets, Rate


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    posts_by_key: Buckets = UNLIMITED
    posts_by_desa: Buckets = UNLIMITED
    moves: Buckets = UNLIMITED

    @classmethod
    def of(
        cls, posts_by_key: Rate | None, posts_by_desa: Rate | None, moves: Rate | None
    ) -> "IntakeLimits":
        return cls(
            Buckets("posts-by-key", posts_by_key),
            Buckets("posts-by-desa", posts_by_desa),
            Buckets("moves", moves),
        )

    def take_post(self, caller: str, desa: str) -> None:
        """Raises `TooMany`. What a key has too much of is not taken from the desa's."""
        self.posts_by_key.take(caller)
        self.posts_by_desa.take(desa)

    def take_move(self, consultation: UUID) -> None:
        """Raises `TooMany`."""
        self.moves.take(str(consultation))
