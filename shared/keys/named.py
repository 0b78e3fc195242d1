"""Keys of 32 bytes by their ids, as settings hold them: `id:base64,…`, the newest first."""

from base64 import b64decode

KEY_BYTES = 32


def parse_keys(text: str) -> dict[str, bytes]:
    """`id:base64,…` as key id → 32 bytes, in its order. Raises ValueError that shows no key."""
    keys: dict[str, bytes] = {}
    for entry in text.strip().split(","):
        key_id, _, encoded = entry.strip().partition(":")
        try:
            keys[key_id] = b64decode(encoded, validate=True)
        except ValueError:
            raise ValueError("not base64") from None
        if not key_id or len(keys[key_id]) != KEY_BYTES:
            raise ValueError("expected <id>:<base64 of 32 bytes>")
    return keys
