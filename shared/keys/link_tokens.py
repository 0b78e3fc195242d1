"""What the links in alerts carry: some bytes and a MAC over them, in letters that a URL may hold.

Nothing of them is stored. What the bytes say, and until when it holds, is said by who makes them.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable

from shared.errors import KlikError

MAC_BYTES = 16


class LinkRefused(KlikError):
    """The token does not hold; `reason` is for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def characters(size: int) -> int:
    """Of a token over `size` bytes. Raises ValueError where it would need padding."""
    if (size + MAC_BYTES) % 3:
        raise ValueError(f"{size} bytes and a MAC are no multiple of three")
    return (size + MAC_BYTES) // 3 * 4


def write(secret: bytes, plain: bytes) -> str:
    return urlsafe_b64encode(plain + _mac(secret, plain)).decode()


def read(secrets: Iterable[bytes], token: str, size: int) -> bytes:
    """The bytes, `size` of them, as somebody wrote them with one of `secrets`.

    Raises `LinkRefused`.
    """
    if len(token) != characters(size) or not token.isascii():
        raise LinkRefused("malformed")
    try:
        signed = urlsafe_b64decode(token)
    except ValueError:
        raise LinkRefused("malformed") from None
    # the decoder passes over what is not of its alphabet
    if urlsafe_b64encode(signed).decode() != token:
        raise LinkRefused("malformed")
    plain, mac = signed[:size], signed[size:]
    if not any(hmac.compare_digest(_mac(secret, plain), mac) for secret in secrets):
        raise LinkRefused("not_signed_here")
    return plain


def _mac(secret: bytes, plain: bytes) -> bytes:
    return hmac.digest(secret, plain, "sha256")[:MAC_BYTES]
