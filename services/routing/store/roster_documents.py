"""A satgas as its document: how it is written, read, seeded, and read from its older shape."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from itertools import groupby

from services.routing.domain.roster import Choice, Leave, Officer, Satgas
from shared.events import PassedOver
from shared.reference import DPMD, seed_officers
from shared.storage.mongo import Document


def seeds() -> Iterator[Satgas]:
    """The rosters of a first start. The first of each is its Kasi PMD: the coordinator."""
    for code, posts in groupby(seed_officers(), key=lambda post: post.satgas):
        known = list(posts)
        officers = tuple(Officer(post.officer) for post in known)
        yield _first_edition(code, known[0].satgas_name, officers)


def _first_edition(code: str, name: str, officers: tuple[Officer, ...]) -> Satgas:
    return Satgas(
        code=code,
        name=name,
        officers=officers,
        coordinator=officers[0].code if officers else None,
        camat=None if code == DPMD else f"camat-{code}",
    )


def to_document(satgas: Satgas) -> Document:
    """Without `_id` and `rev`, which are the store's to write.

    The load is with the officer, and the reservations (`dealt`) are a list: codes and keys have
    dots in them, which the names of fields should not.
    """
    return {
        "name": satgas.name,
        "officers": [_officer_document(satgas, one) for one in satgas.officers],
        "coordinator": satgas.coordinator,
        "camat": satgas.camat,
        "edition": satgas.edition,
        "turn": satgas.turn,
        "last": satgas.last,
        "last_tied": satgas.last_tied,
        "dealt": [
            {"key": key, **_choice_document(one)} for key, one in satgas.reservations.items()
        ],
    }


def to_satgas(document: Document) -> Satgas:
    """Whatever shape the document has; the older one has no `rev` and lists codes of officers."""
    if "rev" not in document:
        return _from_older(document)
    return Satgas(
        code=document["_id"],
        name=document["name"],
        officers=tuple(_officer(one) for one in document["officers"]),
        coordinator=document["coordinator"],
        camat=document["camat"],
        edition=document["edition"],
        turn=document["turn"],
        last=document["last"],
        last_tied=document["last_tied"],
        load={one["code"]: one["load"] for one in document["officers"]},
        reservations={one["key"]: _choice(one) for one in document["dealt"]},
        rev=document["rev"],
    )


def _from_older(document: Document) -> Satgas:
    """Its turn goes on; its loads are unknown until the first recount."""
    officers = tuple(Officer(code) for code in document["officers"])
    turn = document["turn"]
    last = officers[(turn - 1) % len(officers)].code if officers and turn else None
    return replace(
        _first_edition(document["_id"], document["name"], officers), turn=turn, last=last
    )


def _officer_document(satgas: Satgas, officer: Officer) -> Document:
    return {
        "code": officer.code,
        "topics": list(officer.topics),
        "capacity": officer.capacity,
        "available": officer.available,
        "leave": [
            {"first": one.first.isoformat(), "last": one.last.isoformat()} for one in officer.leave
        ],
        "load": satgas.load_of(officer.code),
    }


def _officer(document: Document) -> Officer:
    return Officer(
        code=document["code"],
        topics=tuple(document["topics"]),
        capacity=document["capacity"],
        available=document["available"],
        leave=tuple(
            Leave(date.fromisoformat(one["first"]), date.fromisoformat(one["last"]))
            for one in document["leave"]
        ),
    )


def _choice_document(choice: Choice) -> Document:
    passed_over = [one.model_dump() for one in choice.passed_over]
    return {**asdict(choice), "passed_over": passed_over}


def _choice(document: Document) -> Choice:
    return Choice(
        officer=document["officer"],
        strategy=document["strategy"],
        candidates=tuple(document["candidates"]),
        loads=tuple(document["loads"]),
        passed_over=tuple(PassedOver(**one) for one in document["passed_over"]),
        fallback=document["fallback"],
        turn=document["turn"],
    )
