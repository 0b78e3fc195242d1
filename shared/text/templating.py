"""What all templates have in common: they print texts and numbers, and nothing else."""

from collections.abc import Mapping

from jinja2 import Undefined


def printable(value: object) -> object:
    """`finalize` of every environment. Raises TypeError for what no reader could make sense of:
    a method that has a text's name, None, a list."""
    # what is undefined raises its own, better error
    if isinstance(value, str | int | float | Undefined) and not isinstance(value, bool):
        return value
    raise TypeError(f"a template prints a {type(value).__name__}")


class Words:
    """Texts by name, as `words.clear` or `words["clear"]`; in a dict, `clear` is a method."""

    __slots__ = ("_texts",)

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def __getitem__(self, name: str) -> str:
        return self._texts[name]
