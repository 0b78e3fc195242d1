"""The chain: whatever is done to one entry or segment is found, and said where."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.audit.chain import Entry, Fault, Segment, Unreadable, Verifier, chained, genesis
from tests.support.builders import NOON

CHAIN = "intake"


def an_entry(number: int) -> Entry:
    return Entry(
        at=NOON + timedelta(seconds=number),
        key=f"key-{number % 3}",
        role="officer",
        what="read_consultation",
        outcome="200",
        consultations=(f"c-{number}",),
        territory="64.02.06",
        source="0123456789abcdef",
    )


def a_chain(sizes: list[int]) -> list[Segment]:
    """Segments with so many entries each."""
    segments, head, number = list[Segment](), genesis(CHAIN), 0
    for place, size in enumerate(sizes, start=1):
        entries = [an_entry(number + one) for one in range(size)]
        segments.append(Segment.of(place, head, entries))
        head, number = segments[-1].head, number + size
    return segments


def faults(segments: list[Segment]) -> list[Fault]:
    verifier = Verifier(CHAIN)
    return [fault for segment in segments for fault in verifier.faults(segment)]


def without(segment: Segment, place: int, *, hash_too: bool) -> Segment:
    hashes = segment.hashes
    return replace(
        segment,
        entries=segment.entries[:place] + segment.entries[place + 1 :],
        hashes=hashes[:place] + hashes[place + 1 :] if hash_too else hashes,
    )


def between(segment: Segment, place: int, text: str, hash_: bytes | None) -> Segment:
    entries, hashes = segment.entries, segment.hashes
    return replace(
        segment,
        entries=(*entries[:place], text, *entries[place:]),
        hashes=(*hashes[:place], hash_, *hashes[place:]) if hash_ else hashes,
    )


def swapped(segment: Segment, one: int, other: int, *, hash_too: bool) -> Segment:
    entries, hashes = list(segment.entries), list(segment.hashes)
    entries[one], entries[other] = entries[other], entries[one]
    if hash_too:
        hashes[one], hashes[other] = hashes[other], hashes[one]
    return replace(segment, entries=tuple(entries), hashes=tuple(hashes))


SIZES = st.lists(st.integers(1, 6), min_size=1, max_size=6)


@given(SIZES)
def test_chain_holds_when_nobody_touched_it(sizes: list[int]) -> None:
    assert faults(a_chain(sizes)) == []


@given(SIZES, st.data())
def test_entry_is_named_when_it_is_changed(sizes: list[int], data: st.DataObject) -> None:
    segments = a_chain(sizes)
    at = data.draw(st.integers(0, len(segments) - 1))
    place = data.draw(st.integers(0, sizes[at] - 1))
    name = data.draw(st.sampled_from(["key", "what", "outcome", "role"]))
    changed = replace(Entry.parse(segments[at].entries[place]), **{name: "another"})  # type: ignore[arg-type]
    entries = list(segments[at].entries)
    entries[place] = changed.canonical()
    segments[at] = replace(segments[at], entries=tuple(entries))

    assert (at + 1, place + 1) in {(one.segment, one.entry) for one in faults(segments)}


@given(SIZES, st.data(), st.booleans())
def test_segment_is_named_when_an_entry_is_removed(
    sizes: list[int], data: st.DataObject, hash_too: bool
) -> None:
    segments = a_chain(sizes)
    at = data.draw(st.integers(0, len(segments) - 1))
    place = data.draw(st.integers(0, sizes[at] - 1))
    segments[at] = without(segments[at], place, hash_too=hash_too)

    assert {one.segment for one in faults(segments)} == {at + 1}


@given(SIZES, st.data(), st.booleans())
def test_segment_is_named_when_an_entry_is_inserted(
    sizes: list[int], data: st.DataObject, hash_too: bool
) -> None:
    """Also where its own hash fits: what follows does not."""
    segments = a_chain(sizes)
    at = data.draw(st.integers(0, len(segments) - 1))
    place = data.draw(st.integers(0, sizes[at]))
    text = an_entry(999).canonical()
    before = segments[at].hashes[place - 1] if place else segments[at].previous
    own = chained(before, text) if hash_too else None
    segments[at] = between(segments[at], place, text, own)

    assert {one.segment for one in faults(segments)} == {at + 1}


@given(st.lists(st.integers(2, 6), min_size=1, max_size=5), st.data(), st.booleans())
def test_entries_are_named_when_they_are_swapped(
    sizes: list[int], data: st.DataObject, hash_too: bool
) -> None:
    segments = a_chain(sizes)
    at = data.draw(st.integers(0, len(segments) - 1))
    one = data.draw(st.integers(0, sizes[at] - 2))
    other = data.draw(st.integers(one + 1, sizes[at] - 1))
    segments[at] = swapped(segments[at], one, other, hash_too=hash_too)

    found = faults(segments)
    assert {fault.segment for fault in found} == {at + 1}
    assert one + 1 in {fault.entry for fault in found}


@given(st.lists(st.integers(1, 4), min_size=2, max_size=6), st.data())
def test_missing_segment_is_named_when_another_follows(
    sizes: list[int], data: st.DataObject
) -> None:
    segments = a_chain(sizes)
    at = data.draw(st.integers(0, len(segments) - 2))
    del segments[at]

    assert faults(segments) == [Fault(at + 2, None, f"missing before it: {at + 1}")]


@given(st.lists(st.integers(1, 4), min_size=2, max_size=6), st.data())
def test_chain_does_not_hold_when_one_was_taken_out_and_the_rest_renumbered(
    sizes: list[int], data: st.DataObject
) -> None:
    segments = a_chain(sizes)
    at = data.draw(st.integers(0, len(segments) - 2))
    del segments[at]
    renumbered = [replace(one, number=number) for number, one in enumerate(segments, start=1)]

    assert [(one.segment, one.entry) for one in faults(renumbered)] == [(at + 1, None)]


@pytest.mark.parametrize(
    "hidden", [{"keys": ()}, {"consultations": ()}, {"first": None}, {"last": NOON}]
)
def test_segment_is_named_when_its_index_hides_an_entry(hidden: dict[str, object]) -> None:
    segments = a_chain([3, 3])
    segments[1] = replace(segments[1], **hidden)  # type: ignore[arg-type]

    assert [one.segment for one in faults(segments)] == [2]


def test_chain_of_another_does_not_hold_here() -> None:
    entries = [an_entry(1)]
    assert faults([Segment.of(1, genesis("notify"), entries)])


def test_entry_is_the_same_when_it_is_read_again() -> None:
    entry = an_entry(7)
    assert Entry.parse(entry.canonical()) == entry
    assert "\n" not in entry.canonical()


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"at":1}'])
def test_entry_is_unreadable_when_it_is_none(text: str) -> None:
    with pytest.raises(Unreadable):
        Entry.parse(text)
