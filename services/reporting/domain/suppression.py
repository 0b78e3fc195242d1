"""Open data: no figure that counts fewer than five people, and none from which one could be worked
out. What is promised, and why it holds, is in docs/decisions/0023.

Figures that say much of one another are left out together, as a **bundle**: who knows `sla_due` and
`sla_met` knows what was late; who knows a mean and how many values it rests on knows their sum.
Where a bundle tells of few in a row, it is left out there (primary), and in more rows of the same
line, until what is missing from the line's total could be spread otherwise (complementary). A line
is what adds up to a published total: of desa those of one kecamatan, of kecamatan the kabupaten.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from services.reporting.domain.figures import DURATION_COLUMNS, FIGURES, Flat, Group
from services.reporting.domain.groups import WITHIN, whole_of
from services.reporting.domain.measures import COUNTS, DURATIONS

#: People below which a figure is left out.
LEAST = 5

#: Keys of which the period of open data has one value only.
CONSTANT = frozenset({"quarter", "year"})

Counts = Mapping[str, int]
Hidden = Mapping[str, set[Group]]
"""Bundle → the groups in which it is left out."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """`columns` are left out where one of `counts` is of few, and where one of the bundles that it
    `needs` is left out: it would bound them from below."""

    name: str
    counts: tuple[str, ...]
    columns: tuple[str, ...]
    needs: tuple[str, ...] = ()


def _statistics(duration: str) -> tuple[str, ...]:
    names = (duration, f"{duration}_office")
    return tuple(column for column, (name, _) in DURATION_COLUMNS.items() if name in names)


def _single(name: str, *needs: str) -> Bundle:
    return Bundle(name, (name,), (name,), needs)


BUNDLES: tuple[Bundle, ...] = (
    _single("submitted"),
    _single("assigned", "submitted"),
    Bundle("alerted", ("alerted", "log_only"), ("alerted", "log_only"), ("assigned",)),
    _single("acknowledged", "assigned"),
    Bundle("vulnerable", ("vulnerable", "not_vulnerable"), ("vulnerable",), ("submitted",)),
    _single("answered", "assigned"),
    Bundle(
        "late",
        # what is late is escalated, and little else
        ("overdue", "escalated", "sla_due", "sla_met", "sla_missed"),
        ("overdue", "escalated", "sla_due", "sla_met", "sla_met_ratio"),
        ("answered",),
    ),
    Bundle(
        "first_answer",
        ("n_first_answer", "n_first_answer_office"),
        _statistics("first_answer"),
        ("answered",),
    ),
    Bundle("backlog", ("backlog", "ended"), ("backlog",), ("submitted",)),
    Bundle("closed", ("closed", "ended_otherwise"), ("closed",), ("assigned", "backlog")),
    Bundle(
        "rare",
        ("withdrawn", "rejected", "reopened"),
        ("withdrawn", "rejected", "reopened"),
        ("closed",),
    ),
    Bundle(
        "resolution",
        ("n_resolution", "n_resolution_office"),
        _statistics("resolution"),
        ("closed",),
    ),
    Bundle("ratings", ("ratings",), ("ratings", "rating_mean"), ("answered",)),
)
"""In an order in which each comes after what it needs."""


def crossed(keys: Iterable[str]) -> list[str]:
    """The keys of which neither is a part of the other; fewer than two may be open data."""
    asked = [key for key in keys if key not in CONSTANT]
    named = {WITHIN[key] for key in asked if key in WITHIN}
    return [key for key in asked if key not in named]


def suppressed(
    rows: Mapping[Group, Flat],
    keys: Sequence[str],
    totals: Flat,
    numbers: Mapping[Group, Counts] | None = None,
) -> tuple[dict[Group, Flat], Flat]:
    """Rows and totals as they may be published; None for what is left out.

    `rows`: all that there can be, also those of nobody. `numbers`: row → duration → how many values
    its statistics rest on; where that is not known, all that were answered or closed.
    """
    paths = {group: _path(group, keys) for group in rows}
    leaves = {group: counted(row, (numbers or {}).get(group)) for group, row in rows.items()}
    counts = _added(leaves, paths)
    # the whole is known even where its parts are not given
    counts[()] = dict(counts.get((), {})) | counted(totals, _sum(numbers) if numbers else None)
    hidden = left_out(paths.values(), counts, BUNDLES)
    return {group: _shown(row, hidden, paths[group][-1]) for group, row in rows.items()}, _shown(
        totals, hidden, ()
    )


def demanded(counts: Mapping[Group, int], kinds: Sequence[str]) -> dict[Group, int | None]:
    """Of submissions by kecamatan and kind, those of some kinds that may be published beside the
    reports by kecamatan and by kind."""
    by_kind: dict[Group, dict[str, int]] = {(): {"submitted": 0}}
    places: dict[Group, dict[str, int]] = {(): dict.fromkeys(("submitted", *kinds), 0)}
    for (kecamatan, kind), count in counts.items():
        for node in ((), (kind,)):
            by_kind.setdefault(node, {"submitted": 0})["submitted"] += count
        for node in ((), (kecamatan,)):
            of = places.setdefault(node, dict.fromkeys(("submitted", *kinds), 0))
            of["submitted"] += count
            if kind in kinds:
                of[str(kind)] += count
    submitted = BUNDLES[0]
    unknown = left_out((((), node) for node in by_kind if node), by_kind, [submitted])
    open_kinds = [kind for kind in kinds if (kind,) not in unknown[submitted.name]]
    demand = Bundle("demand", tuple(open_kinds), (), needs=(submitted.name,))
    hidden = left_out((((), node) for node in places if node), places, [submitted, demand])
    return {
        (kecamatan, kind): None
        if kind not in open_kinds or (kecamatan,) in hidden[demand.name]
        else count
        for (kecamatan, kind), count in counts.items()
        if kind in kinds
    }


def left_out(
    paths: Iterable[Sequence[Group]], counts: Mapping[Group, Counts], bundles: Sequence[Bundle]
) -> Hidden:
    """`paths`: from the whole down to each row. `counts`: of every group on them."""
    below: dict[Group, dict[Group, None]] = {}
    for path in sorted(paths, key=len):
        for node, part in pairwise(path):
            below.setdefault(node, {})[part] = None
    hidden: dict[str, set[Group]] = {}
    for bundle in bundles:
        gone = {
            node
            for node, of in counts.items()
            if any(node in hidden[need] for need in bundle.needs)
            or any(0 < of[name] < LEAST for name in bundle.counts)
        }
        for node in _downwards(below):
            parts = below[node]
            if node in gone:
                gone.update(parts)
            elif not gone.isdisjoint(parts):
                gone.update(_covered(list(parts), gone, counts, bundle))
        hidden[bundle.name] = gone
    return hidden


def _downwards(below: Mapping[Group, Iterable[Group]]) -> Iterable[Group]:
    at: list[Group] = [()]
    while at:
        inner = [node for node in at if node in below]
        yield from inner
        at = list(chain.from_iterable(below[node] for node in inner))


def _covered(
    line: Sequence[Group], gone: set[Group], counts: Mapping[Group, Counts], bundle: Bundle
) -> Iterable[Group]:
    """What is left out of a line whose total is published: at least what is `gone`.

    Of each count two rows or more, and so many people in them that each of these rows, for all that
    is known, could have five: its zeros are shown, so that every other row has one at the least.
    Where that cannot be, all of the line, its zeros as well.
    """
    inside = [node for node in line if node in gone]
    while True:
        lacking = next((name for name in bundle.counts if not _enough(inside, counts, name)), None)
        if lacking is None:
            return inside
        others = (node for node in line if node not in inside and counts[node][lacking])
        following = min(others, key=_smallest(counts, lacking), default=None)
        if following is None:
            return line
        inside.append(following)


def _enough(inside: Iterable[Group], counts: Mapping[Group, Counts], name: str) -> bool:
    there = [counts[node][name] for node in inside if counts[node][name]]
    return not there or (len(there) > 1 and sum(there) >= LEAST + len(there) - 1)


def _smallest(counts: Mapping[Group, Counts], name: str) -> Callable[[Group], tuple[int, str]]:
    return lambda node: (counts[node][name], str(node))


def _path(group: Group, keys: Sequence[str]) -> list[Group]:
    """The whole, and the parts of it, down to the row; each published as a report of its own."""
    finest = crossed(keys)
    if not finest:
        return [()]
    (key,) = finest
    value = group[keys.index(key)]
    if key in WITHIN:
        return [(), (whole_of(key, value),), (whole_of(key, value), value)]
    if key == "vulnerable":
        # the totals say of how many it is known that they are
        return [(), (value is True,), (value is True, value)]
    return [(), (value,)]


def _added(
    leaves: Mapping[Group, Counts], paths: Mapping[Group, Sequence[Group]]
) -> dict[Group, Counts]:
    sums: dict[Group, dict[str, int]] = {}
    for group, of in leaves.items():
        for node in paths[group]:
            into = sums.setdefault(node, dict.fromkeys(of, 0))
            for name, count in of.items():
                into[name] += count
    return dict(sums)


def _sum(numbers: Mapping[Group, Counts]) -> Counts:
    total: dict[str, int] = {}
    for of in numbers.values():
        for name, number in of.items():
            total[name] = total.get(name, 0) + number
    return total


def _shown(row: Flat, hidden: Hidden, node: Group) -> Flat:
    gone = {
        column for bundle in BUNDLES if node in hidden[bundle.name] for column in bundle.columns
    }
    return {name: None if name in gone else row[name] for name in FIGURES}


def counted(row: Flat, numbers: Mapping[str, int] | None = None) -> dict[str, int]:
    """What a row counts, what follows from that at once, and how many values its statistics rest on
    (`numbers`, by duration)."""
    known = numbers or {}
    return {
        **{name: row[name] for name in COUNTS},
        "not_vulnerable": row["submitted"] - row["vulnerable"],
        "sla_missed": row["sla_due"] - row["sla_met"],
        "ended": row["submitted"] - row["backlog"],
        # what is left of all beside `backlog` and `closed`, where nothing was reopened
        "ended_otherwise": row["withdrawn"] + row["rejected"],
        **{
            f"n_{name}": known.get(
                name, row["answered" if name.startswith("first_answer") else "closed"]
            )
            for name in DURATIONS
        },
    }
