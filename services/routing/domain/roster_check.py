"""What a roster must be like before a satgas can work by it. Pure."""

from collections.abc import Iterator
from datetime import date
from itertools import chain

from services.routing.domain.roster import Officer, Roster, Satgas, left_behind
from shared import reference
from shared.text.wording import Fault, Text

KNOWLEDGE = reference.topics().keys() | {one.group for one in reference.topics().values()}
"""What an officer can know: topics, and groups of topics."""


def check_roster(
    satgas: Satgas, roster: Roster, today: date, *, accept_nobody: bool = False
) -> list[Fault]:
    """Everything that is wrong with `roster` as the next one of `satgas`; empty where nothing is.

    `accept_nobody`: whoever edits knows that on some day nobody will be there.
    """
    found = chain(
        _codes(roster),
        *(_officer(index, one) for index, one in enumerate(roster.officers)),
        _dropped(satgas, roster),
        () if accept_nobody else _nobody_left(roster, today),
    )
    return list(found)


def _codes(roster: Roster) -> Iterator[Fault]:
    codes = [one.code for one in roster.officers]
    if not codes:
        said = Text(
            "Satgas mempunyai paling sedikit satu petugas.", "A satgas has at least one officer"
        )
        yield Fault("/officers", "no_officers", said)
    for index, code in enumerate(codes):
        if code in codes[:index]:
            said = Text(f"{code} tercantum dua kali.", f"{code} is listed twice")
            yield Fault(f"/officers/{index}/code", "duplicate_officer", said)
    if roster.coordinator is not None and roster.coordinator not in codes:
        said = Text(
            "Koordinator adalah salah satu petugas.", "The coordinator is one of the officers"
        )
        yield Fault("/coordinator", "unknown_officer", said)
    if roster.camat is not None and roster.camat in codes:
        said = Text(
            "Camat diberi tahu tentang konsultasi dan tidak menerima penugasan.",
            "The camat is told of cases and dealt none",
        )
        yield Fault("/camat", "camat_is_officer", said)


def _officer(index: int, officer: Officer) -> Iterator[Fault]:
    at = f"/officers/{index}"
    for number, topic in enumerate(officer.topics):
        if topic not in KNOWLEDGE:
            yield Fault(
                f"{at}/topics/{number}",
                "unknown_code",
                Text(
                    "Bukan topik atau kelompok topik: lihat /v1/reference/topics",
                    "Neither a topic nor a group of topics: see /v1/reference/topics",
                ),
            )
    if officer.capacity is not None and officer.capacity < 1:
        yield Fault(
            f"{at}/capacity",
            "greater_than_equal",
            Text(
                "Paling kecil 1; yang tidak boleh menerima konsultasi ditandai tidak tersedia.",
                "At least 1; who is to get no cases is not available",
            ),
        )
    for number, leave in enumerate(officer.leave):
        if leave.first > leave.last:
            said = Text("'first' lebih akhir daripada 'last'.", "'first' is after 'last'")
            yield Fault(f"{at}/leave/{number}", "range_inverted", said)
        elif any(
            leave.first <= other.last and other.first <= leave.last
            for other in officer.leave[:number]
        ):
            said = Text(
                "Bertumpang tindih dengan cuti di atasnya.", "Overlaps one listed before it"
            )
            yield Fault(f"{at}/leave/{number}", "leave_overlaps", said)


def _dropped(satgas: Satgas, roster: Roster) -> Iterator[Fault]:
    """Who leaves the roster would leave his cases to nobody."""
    for code, count in left_behind(satgas, roster).items():
        yield Fault(
            "/officers",
            "has_open_cases",
            Text(
                f"{code} masih memegang {count} konsultasi: tandai tidak tersedia "
                "dan alihkan konsultasinya dahulu.",
                f"{code} has {count} open cases: mark him unavailable and transfer them first",
            ),
        )


def _nobody_left(roster: Roster, today: date) -> Iterator[Fault]:
    """The first day from today on without anybody.

    Fewer are there only from the first day of somebody's leave on: no other day needs a look.
    """
    starts = {leave.first for one in roster.officers for leave in one.leave}
    for day in sorted({today, *(start for start in starts if start > today)}):
        if roster.officers and all(one.absence(day) for one in roster.officers):
            yield Fault(
                "/officers",
                "nobody_left",
                Text(
                    f"Tidak ada petugas pada {day}; accept_nobody=true bila memang demikian.",
                    f"Nobody would be there on {day}; accept_nobody=true if that is meant",
                ),
            )
            return
