"""What a measurement writes down by itself."""

import pytest

from bench.compared.record import markdown, medians, replaced, spread

PAGE = "a\n<!-- bench one: begin -->\nold\n<!-- bench one: end -->\nb\n"


def test_page_has_the_new_lines_alone_when_it_is_written_again() -> None:
    page = replaced(replaced(PAGE, "one", ["new"]), "one", ["newer", ""])
    assert page == "a\n<!-- bench one: begin -->\nnewer\n\n<!-- bench one: end -->\nb\n"


@pytest.mark.parametrize("name", ["two", "on"])
def test_page_is_refused_when_it_has_no_markers_of_that_name(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        replaced(PAGE, name, ["new"])


def test_table_has_a_line_for_each_row_when_it_is_written() -> None:
    lines = markdown([{"": "ours", "ms": "1"}, {"": "theirs", "ms": "2"}])
    assert lines == ["|  | ms |", "| --- | --- |", "| ours | 1 |", "| theirs | 2 |"]


def test_median_and_extremes_are_said_when_rounds_differ() -> None:
    rounds = [{"ms": 3.0}, {"ms": 1.0}, {"ms": 2.0}]
    assert (medians(rounds), spread(rounds, "ms", 1)) == ({"ms": 2.0}, "2.0 (1.0-3.0)")
