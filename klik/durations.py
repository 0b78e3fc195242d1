"""Durations as people write them on the command line."""

import re
from datetime import timedelta

import typer

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def duration(text: str, option: str) -> timedelta:
    """`30m`, `12h` or `90d`; anything else ends the command, naming the option."""
    found = re.fullmatch(r"([0-9]{1,4})([mhd])", text)
    if not found:
        raise typer.BadParameter("minutes, hours or days: 30m, 12h, 90d", param_hint=option)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
