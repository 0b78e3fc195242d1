"""Kinds of fields that the bodies of several services share."""

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError


def _whole(value: object) -> object:
    """Pydantic alone would also take a text with a number in it; 13.0 is the 13 of some JSON."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise PydanticCustomError("int_type", "Input should be a valid integer")


WHOLE = BeforeValidator(_whole)
"""After the limits, or they vanish from the contract: `Annotated[int, Field(ge=1), WHOLE]`."""
