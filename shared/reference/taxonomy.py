"""The topics of consultations: which codes exist, since when, and what became of old ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.reference.tables import HERE, load
from shared.reference.validity import bounds, holds
from shared.text.wording import Text, Unfit


@dataclass(frozen=True, slots=True)
class Topic:
    """What a consultation is about. `scope` says in Indonesian what belongs here."""

    code: str
    group: str
    name_id: str
    name_en: str
    scope: str
    valid_from: date | None = None
    valid_to: date | None = None

    def active(self, on: date) -> bool:
        """Whether the code holds on that day."""
        return holds(self.valid_from, self.valid_to, on)


class RetiredTopic(Unfit):
    """A topic that no consultation can be filed under any more, or not yet."""

    def __init__(self, code: str) -> None:
        said = Text(
            f"{code} tidak berlaku sekarang; lihat /v1/reference/topics",
            f"{code} is not valid now; see /v1/reference/topics",
        )
        super().__init__(said, code="retired")


def load_topics(path: Path) -> Mapping[str, Topic]:
    columns = ("code", "group", "name_id", "name_en", "scope", "valid_from", "valid_to")
    return load(path, columns, _topic, may_be_empty=("valid_from", "valid_to"))


def load_topic_aliases(path: Path, known: Mapping[str, Topic]) -> Mapping[str, str]:
    """Read old code -> today's. An alias is no code of the list and leads to one of it."""

    def build(row: dict[str, str]) -> str:
        if row["old_code"] in known:
            raise ValueError(f"{row['old_code']} is in the list and may not be an alias")
        if row["code"] not in known:
            raise ValueError(f"{row['code']} is not in the list of topics")
        return row["code"]

    return load(path, ("old_code", "code", "note"), build, may_be_empty=("note",))


def _topic(row: dict[str, str]) -> Topic:
    if row["group"] != row["code"].partition("-")[0]:
        raise ValueError(f"{row['code']} is not of group {row['group']}")
    start, end = bounds(row)
    return Topic(
        row["code"], row["group"], row["name_id"], row["name_en"], row["scope"], start, end
    )


@cache
def topics() -> Mapping[str, Topic]:
    """All topics, retired ones included: reports name what was asked in their time."""
    return load_topics(HERE / "topics.csv")


@cache
def topic_aliases() -> Mapping[str, str]:
    """Codes of earlier editions that still arrive, each with today's."""
    return load_topic_aliases(HERE / "topic_aliases.csv", topics())


def resolve_topic(code: str, on: date) -> Topic:
    """The topic that `code`, of the list or an alias, stands for on that day.

    Raises KeyError for an unknown code and RetiredTopic for one that does not hold.
    """
    topic = topics()[topic_aliases().get(code, code)]
    if not topic.active(on):
        raise RetiredTopic(code)
    return topic
