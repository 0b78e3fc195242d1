"""Fingerprints of what was sent, as they are kept: under a key.

A plain hash over everything that was sent tells who sent it: of all numbers that there are, each is
tried in seconds. Without the master key nothing can be tried.
"""

import hmac
from collections.abc import Sequence


class Fingerprints:
    def __init__(self, keys: Sequence[bytes]) -> None:
        """The first makes them, all of them are recognised: a repeat may come after a rotation."""
        self._keys = keys

    def kept(self, digest: str) -> str:
        """As it is kept; `digest`: a plain hash."""
        return _keyed(self._keys[0], digest)

    def fits(self, kept: str, digest: str) -> bool:
        """Whether it was made of `digest`, with whichever of the keys."""
        # until 2026-11 the digest itself was kept
        known = (digest, *(_keyed(key, digest) for key in self._keys))
        return any(hmac.compare_digest(kept, one) for one in known)


def _keyed(key: bytes, digest: str) -> str:
    return hmac.digest(key, digest.encode(), "sha256").hex()
