"""Where chats have moved to, in MongoDB, so that no address can be read from it.

Each is found by a keyed hash of the old address, and sealed under a key that is made of it: only
who asks for the old address learns the new one.
"""

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.notify.domain.recipients import Address, kind_of
from shared.encryption import decrypt, encrypt
from shared.storage.batching import BACKGROUND_SECONDS, Loader
from shared.storage.mongo import Collection


class MovedChats:
    def __init__(self, collection: Collection, key: str) -> None:
        self._collection = collection
        self._key = key.encode()
        self._moves: Loader[str, bytes] = Loader(self._of, window=BACKGROUND_SECONDS)

    async def follow(self, address: Address) -> Address:
        """The address as it is now; the same where nothing is known of a move."""
        id_ = self._digest("moved", address).hex()
        sealed = await self._moves.load(id_)
        if sealed is None:
            return address
        try:
            moved_to = decrypt(self._cipher(address), sealed, id_).decode()
        except InvalidTag:
            return address  # the provider will name it again
        return Address.meant(address.channel, moved_to)

    async def _of(self, ids: list[str]) -> dict[str, bytes]:
        found = await self._collection.find({"_id": {"$in": ids}})
        return {document["_id"]: document["to"] for document in found}

    async def note(self, address: Address, moved_to: str) -> None:
        id_ = self._digest("moved", address).hex()
        sealed = encrypt(self._cipher(address), moved_to.encode(), id_)
        await self._collection.update({"_id": id_}, {"$set": {"to": sealed}}, upsert=True)

    def _cipher(self, address: Address) -> AESGCM:
        return AESGCM(self._digest("moved to", address))

    def _digest(self, purpose: str, address: Address) -> bytes:
        text = f"{purpose}:{kind_of(address.channel)}:{address.value}"
        return hmac.digest(self._key, text.encode(), "sha256")
