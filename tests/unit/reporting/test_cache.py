from klik.history.invented import lives
from services.reporting.domain.columns import page
from services.reporting.projection.versions import Page, VersionCache, size
from tests.support.services.reporting import FIRST, LAST, rows


def a_page(key: str, version: int) -> Page:
    return Page(key, version, 0, page([]))


def test_the_cache_finds_what_is_of_this_version_only() -> None:
    cache: VersionCache[Page] = VersionCache(10**6)
    cache.put("a", a_page("a", 1))
    assert cache.get("a", 1) is not None
    assert cache.get("a", 2) is None
    assert cache.get("b", 1) is None


def test_a_newer_version_takes_the_place_of_the_older() -> None:
    one = a_page("a", 1)
    cache: VersionCache[Page] = VersionCache(size(one))
    for version in range(1, 100):
        cache.put("a", a_page("a", version))
    assert cache.get("a", 99) is not None


def test_beyond_its_bytes_the_least_used_goes_first() -> None:
    cache: VersionCache[Page] = VersionCache(2 * size(a_page("a", 1)))
    for key in "ab":
        cache.put(key, a_page(key, 1))
    assert cache.get("a", 1) is not None
    cache.put("c", a_page("c", 1))
    assert [cache.get(key, 1) is not None for key in "abc"] == [True, False, True]


def test_what_is_larger_than_the_cache_is_not_cached_and_puts_out_nothing_else() -> None:
    cache: VersionCache[Page] = VersionCache(size(a_page("a", 1)))
    cache.put("a", a_page("a", 1))
    many = Page("b", 1, 0, page(rows(lives(3, 400, FIRST, LAST))))
    cache.put("b", many)
    assert cache.get("b", 1) is None
    assert cache.get("a", 1) is not None


def test_an_empty_table_has_a_size_for_its_columns() -> None:
    assert size(a_page("a", 1)) > 50_000
