"""The versions of policy and calendar in MongoDB: one document each."""

from dataclasses import asdict
from typing import Any

from services.routing.ports import Version
from shared.errors import Conflict, Duplicate
from shared.storage.mongo import Collection


class RuleStore:
    """A document: `{_id: "policy/3", name, number, body, by, at}`."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def versions(self, name: str) -> list[Version[dict[str, Any]]]:
        found = await self._collection.find({"name": name}, sort=[("number", 1)])
        return [Version(one["number"], one["body"], one["by"], one["at"]) for one in found]

    async def add(self, name: str, version: Version[dict[str, Any]]) -> None:
        """Raises `Conflict` where there is another of that number already."""
        # several files' versions may follow each other without an edit: all of them are number 0
        id_ = f"{name}/{version.number}" if version.number else f"{name}/{version.body['version']}"
        try:
            await self._collection.insert({"_id": id_, "name": name, **asdict(version)})
        except Duplicate:
            if version.number:
                raise Conflict(f"{name} has a version {version.number} already") from None
