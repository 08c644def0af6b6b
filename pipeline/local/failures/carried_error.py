"""An exception that was raised in a process of an executor, as the process of the run raises it.

Exceptions of libraries cannot all be pickled, nor their classes be imported where they were not.
What a run does with one is to look at its class, its text and what lies behind it; so that is what
is carried over.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

PLACE = "place_of_own_code"
"""The attribute with the line of the user's code, since a traceback stays in its process."""
_LONGEST_TEXT = 100_000
_MOST_CAUSES = 20
_OF_THE_SYSTEM = ("errno", "strerror", "filename")


def pack(error: BaseException, place: str | None, most: int = _MOST_CAUSES) -> dict[str, Any]:
    """The error and those behind it, for JSON.

    Args:
      error: as it was raised.
      place: see PLACE.
      most: how many of those behind it are carried.
    """
    kind = type(error)
    behind = error.__cause__ or error.__context__
    return {
        "module": kind.__module__,
        "name": kind.__qualname__,
        "text": str(error)[:_LONGEST_TEXT],
        "attributes": {
            name: value
            for name in _OF_THE_SYSTEM
            if isinstance(error, OSError)
            and isinstance(value := getattr(error, name, None), (int, str))
        },
        "place": place,
        "cause": pack(behind, None, most - 1) if behind is not None and most else None,
    }


def unpack(document: Mapping[str, Any]) -> BaseException:
    """An error of the same name and text, of the same class where that is known in this process."""
    if document["name"] == KeyboardInterrupt.__name__:
        return KeyboardInterrupt()
    error = _new(document["module"], document["name"], document["text"])
    for name, value in document["attributes"].items():
        setattr(error, name, value)
    setattr(error, PLACE, document["place"])
    if document["cause"]:
        error.__cause__ = unpack(document["cause"])
    return error


def _new(module: str, name: str, text: str) -> BaseException:
    known = sys.modules.get(module)
    for part in name.split("."):
        known = getattr(known, part, None)
    base = known if isinstance(known, type) and issubclass(known, Exception) else Exception
    # Its own __init__ may want what nobody here has.
    members = {
        "__module__": module,
        "__init__": lambda self: None,
        "__str__": lambda self: text,
    }
    simple = name.rpartition(".")[2]
    made: BaseException
    try:
        made = type(simple, (base,), members)()
    except TypeError:
        made = type(simple, (Exception,), members)()
    return made
