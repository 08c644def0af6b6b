"""Has Beam measure what its cache keeps without a list of all modules.

For each value of a side input, Beam has objsize list the globals of all that is imported first, so
that they do not count: eight thousand modules, thirty times in a job of the Evaluator. Whether
something is the globals of a module is known where it is met.
"""

from __future__ import annotations

import functools
import sys
from typing import Any


def measure_without_listing_modules() -> None:
    """From now on, in this process."""
    from apache_beam.runners.worker import statecache

    plain = statecache.get_deep_size
    if not hasattr(plain, "__wrapped__"):
        statecache.get_deep_size = functools.wraps(plain)(deep_size)


def deep_size(*values: Any) -> int:
    """The bytes of values and of what they alone lead to, as Beam's own function counts them."""
    import objsize
    from apache_beam.runners.worker import statecache

    def counts(value: Any) -> bool:
        return statecache._filter_func(value) and not _is_globals(value)

    found: int = objsize.get_deep_size(
        *values,
        get_size_func=statecache._size_func,
        get_referents_func=statecache._get_referents_func,
        filter_func=counts,
        exclude_modules_globals=False,
    )
    return found


def _is_globals(value: Any) -> bool:
    if type(value) is not dict:
        return False
    name = value.get("__name__")
    return type(name) is str and getattr(sys.modules.get(name), "__dict__", None) is value
