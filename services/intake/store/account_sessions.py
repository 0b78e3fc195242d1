"""Sessions that accounts opened, in MongoDB: a document for each, until it is over.

Named by a hash of its id, so that nobody who reads them can make a cookie or a form of one; the
refresh token is sealed, bound to that name.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from services.intake.accounts.sessions import Kept
from shared.encryption import Ciphers
from shared.storage.mongo import EPOCH, Collection, until
from shared.web.permissions import Caller, Role

#: What the sealing key is derived for.
PURPOSE = "refresh tokens"


class AccountSessionsStore:
    def __init__(self, collection: Collection, secret_of: Mapping[str, bytes]) -> None:
        """`secret_of`: 32 bytes by the id of their master key, as `Ciphers` takes them."""
        self._collection = collection
        self._ciphers = Ciphers(secret_of)

    async def prepare(self) -> None:
        await self._collection.index(("until", 1))

    async def add(self, session: str, kept: Kept, until: datetime) -> None:
        id_ = _id(session)
        await self._collection.insert(
            {
                "_id": id_,
                "key_id": kept.caller.key_id,
                "role": kept.caller.role.value,
                "territory": kept.caller.territory,
                "refresh": self._sealed(id_, kept.refresh_token),
                "good_until": kept.good_until,
                "asking_until": EPOCH,
                "until": until,
            }
        )

    async def get(self, session: str) -> Kept | None:
        """None also where no master key opens it any more."""
        found = await self._collection.get(_id(session))
        if found is None or (token := self._opened(found["_id"], found["refresh"])) is None:
            return None
        caller = Caller(found["key_id"], Role(found["role"]), found["territory"], is_by_token=True)
        return Kept(caller, token, found["good_until"])

    async def claim(self, session: str, now: datetime, until: datetime) -> bool:
        due = {"_id": _id(session), "good_until": {"$lte": now}, "asking_until": {"$lte": now}}
        return await self._collection.update(due, {"$set": {"asking_until": until}})

    async def renew(self, session: str, refresh_token: str, good_until: datetime) -> None:
        id_ = _id(session)
        changed = {"refresh": self._sealed(id_, refresh_token), "good_until": good_until}
        await self._collection.update({"_id": id_}, {"$set": changed})

    async def remove(self, session: str) -> None:
        await self._collection.delete_all({"_id": _id(session)})

    async def forget(self, now: datetime) -> int:
        """Remove what is over; how many were removed."""
        return await self._collection.delete_all({"until": until(now)})

    def _sealed(self, id_: str, token: str) -> bytes:
        return self._ciphers.seal(token.encode(), id_)

    def _opened(self, id_: str, sealed: bytes) -> str | None:
        token = self._ciphers.open(sealed, id_)
        return None if token is None else token.decode()


def _id(session: str) -> str:
    return hashlib.sha256(f"session {session}".encode()).hexdigest()
