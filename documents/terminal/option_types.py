"""Types of argparse: what a value on the command line has to be, told in words.

Each raises argparse.ArgumentTypeError, one sentence, of what it does not take.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from pathlib import Path

_PORTS = 65_535
_DIGITS = 19
_LONGEST = 1e9
"""Of seconds, more than thirty years."""


def port_option(text: str) -> int:
    """A port of TCP; 0 stands for any that is free.

    The system itself takes 70000 for 4464.
    """
    try:
        number = int(text) if len(text) <= len(str(_PORTS)) else -1
    except ValueError:
        number = -1
    if not 0 <= number <= _PORTS:
        raise argparse.ArgumentTypeError(f"{text:.20} is no port; give 0 to {_PORTS}")
    return number


def count_option(text: str) -> int:
    """How many, 1 or more."""
    try:
        number = int(text) if len(text) < _DIGITS else 0
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text:.20} is no number of things; give 1 or more")
    return number


def place_option(text: str) -> str:
    """A folder or an address; an empty one, as of a variable that is not set, names neither."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty; name a folder")
    return text


def folder_option(text: str) -> Path:
    """A folder of this machine; `~` and `~user` stand for a home."""
    folder = Path(os.path.expanduser(place_option(text)))
    if text.startswith("~") and not folder.is_absolute():
        user = text.partition("/")[0]
        raise argparse.ArgumentTypeError(
            f"there is no home folder for {user:.20}; write the path in full, or ./{user:.20} for a"
            " folder of that name"
        )
    return folder


def duration_option(text: str) -> float:
    """A time, 0 or longer, in the unit that the option names."""
    return _number(text, _LONGEST, "time")


def amount_option(text: str) -> float:
    """A number, 0 or greater."""
    return _number(text, sys.float_info.max, "amount")


def _number(text: str, most: float, noun: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= most:
        raise argparse.ArgumentTypeError(f"{text:.20} is no {noun}; give a number from 0 on")
    return number
