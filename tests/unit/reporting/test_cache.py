from klik.history.invented import lives
from services.reporting.domain.columns import page
from services.reporting.projection.versions import Kept, Page, size
from tests.support.services.reporting import FIRST, LAST, rows


def a_page(unit: str, version: int) -> Page:
    return Page(unit, version, 0, page([]))


def test_what_is_kept_is_found_by_its_version() -> None:
    kept: Kept[Page] = Kept(10**6)
    kept.put("a", a_page("a", 1))
    assert kept.get("a", 1) is not None
    assert kept.get("a", 2) is None
    assert kept.get("b", 1) is None


def test_a_newer_version_takes_the_place_of_the_older() -> None:
    one = a_page("a", 1)
    kept: Kept[Page] = Kept(size(one))
    for version in range(1, 100):
        kept.put("a", a_page("a", version))
    assert kept.get("a", 99) is not None


def test_beyond_its_bytes_the_least_used_goes_first() -> None:
    kept: Kept[Page] = Kept(2 * size(a_page("a", 1)))
    for unit in "ab":
        kept.put(unit, a_page(unit, 1))
    assert kept.get("a", 1) is not None
    kept.put("c", a_page("c", 1))
    assert [kept.get(unit, 1) is not None for unit in "abc"] == [True, False, True]


def test_what_is_larger_than_the_cache_is_not_kept_and_puts_out_nothing_else() -> None:
    kept: Kept[Page] = Kept(size(a_page("a", 1)))
    kept.put("a", a_page("a", 1))
    many = Page("b", 1, 0, page(rows(lives(3, 400, FIRST, LAST))))
    kept.put("b", many)
    assert kept.get("b", 1) is None
    assert kept.get("a", 1) is not None


def test_an_empty_table_has_a_size_for_its_columns() -> None:
    assert size(a_page("a", 1)) > 50_000
