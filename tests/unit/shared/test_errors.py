from pymongo.errors import BulkWriteError

from shared.errors import TryLater, describe


def failing(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def test_our_own_errors_are_shown_whole() -> None:
    assert describe(TryLater("smtp_451")) == "TryLater: smtp_451"


def test_a_foreign_error_is_named_but_what_it_quotes_is_not() -> None:
    error = BulkWriteError({"writeErrors": [{"op": {"name": "NAMARAHASIA"}}]})
    assert "NAMARAHASIA" in str(error), "which is why it must not be logged as it is"
    described = describe(failing(error))
    assert described.startswith("BulkWriteError at shared/failing:")
    assert "NAMARAHASIA" not in described


def test_an_error_that_was_never_raised_can_be_described() -> None:
    assert describe(ValueError("NAMARAHASIA")) == "ValueError"
