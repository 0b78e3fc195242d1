"""Who asks without a key, or with a wrong one: counted by source, in this process alone.

A source is an address, which is kept nowhere but in memory. By address alone nobody is refused who
has a key that is right, nor who asks little: behind one address there may be a whole village
office, or everybody with one mobile carrier.
"""

from shared.limits.buckets import UNLIMITED, Buckets, Rate, TooMany
from shared.limits.sources import source_of


class CallerLimits:
    def __init__(
        self,
        wrong_keys: Buckets = UNLIMITED,
        anonymous: Buckets = UNLIMITED,
        spare: Buckets = UNLIMITED,
    ) -> None:
        """`spare`: for sources that ask for more than `anonymous` gives to each, together."""
        self._wrong_keys = wrong_keys
        self._anonymous = anonymous
        self._spare = spare

    @classmethod
    def of(cls, wrong_keys: Rate | None, anonymous: Rate | None) -> "CallerLimits":
        shared = anonymous and Rate(anonymous.per_second * SPARE, anonymous.burst * SPARE)
        return cls(
            Buckets("wrong-keys", wrong_keys),
            Buckets("anonymous", anonymous),
            Buckets("anonymous", shared),
        )

    def take_wrong_key(self, host: str | None) -> None:
        """Raises `TooMany`."""
        self._wrong_keys.take(source_of(host))

    def take_anonymous(self, host: str | None) -> None:
        """Raises `TooMany`, where both the source's own and what is spare are used up."""
        try:
            self._anonymous.take(source_of(host))
        except TooMany:
            self._spare.take("all")


#: How many times what one source has is spare for all that need more.
SPARE = 10
