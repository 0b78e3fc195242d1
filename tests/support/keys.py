"""A keyring for tests: one key for each role, or those that a test asks for."""

import json
from collections.abc import Mapping
from typing import Any

from shared.web.api_keys import digest
from shared.web.permissions import OF_A_KEY, OF_ONE_KECAMATAN, Role

TERRITORY = "64.02.06"
KEYS: Mapping[Role, str] = {role: f"key of {role}" for role in OF_A_KEY}


def key_row(id_: str, key: str, role: Role, **fields: Any) -> dict[str, Any]:
    return {"id": id_, "role": role, "sha256": digest(key), **fields}


def keyring_text(*rows: Mapping[str, Any]) -> str:
    """`rows`, or else `KEYS`, those of one kecamatan being of `TERRITORY`."""
    return json.dumps(
        rows
        or [
            key_row(
                f"test-{role}",
                key,
                role,
                **({"territory": TERRITORY} if role in OF_ONE_KECAMATAN else {}),
            )
            for role, key in KEYS.items()
        ]
    )


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
