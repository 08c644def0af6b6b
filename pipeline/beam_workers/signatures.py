"""Has Beam look at the parameters of a function once, and make each view of its options once.

While it builds and runs a job, Beam asks thirty methods of each DoFn for their parameters, eight
times over: 30,000 times in a job of StatisticsGen, of a few hundred functions. That is a quarter of
what a job costs whose data are few (apache_beam/transforms/userstate.py, get_dofn_specs). And it
makes a command line's parser for each transform, twice, to ask it for the options of types.
"""

from __future__ import annotations

import functools
import inspect
import types
import weakref
from collections.abc import Callable
from typing import Any

_Look = Callable[[Any], inspect.Signature]
_MARK = "views"


def remember_signatures() -> None:
    """From now on, in this process."""
    from apache_beam.options.pipeline_options import PipelineOptions
    from apache_beam.transforms import core

    look = core.get_signature
    if not isinstance(look, _Remembered):
        core.get_signature = _Remembered(look)
    if not hasattr(PipelineOptions.view_as, _MARK):
        view_as: Any = _remembered_views(PipelineOptions.view_as)
        PipelineOptions.view_as = view_as  # type: ignore[method-assign]


class _Remembered:
    """A function's signature, which nobody can change, as long as the function is what it was."""

    def __init__(self, look: _Look):
        self._look = look
        # By the function, of which other methods and closures are others; it may go.
        self._known: weakref.WeakKeyDictionary[Any, tuple[Any, inspect.Signature]] = (
            weakref.WeakKeyDictionary()
        )

    def __call__(self, function: Any) -> inspect.Signature:
        plain = function.__func__ if type(function) is types.MethodType else None
        if type(plain) is not types.FunctionType:
            return self._look(function)
        state = _state(plain)
        known = self._known.get(plain)
        if known is None or not _same(known[0], state):
            known = self._known[plain] = state, self._look(function)
        return known[1]


def _state(function: types.FunctionType) -> tuple[Any, ...]:
    """What the names and defaults of its parameters follow from."""
    return (
        function.__code__,
        function.__defaults__,
        function.__kwdefaults__,
        function.__dict__.get("__wrapped__"),
        function.__dict__.get("__signature__"),
    )


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return all(first is second for first, second in zip(one, other, strict=True))


def _remembered_views(make: Callable[[Any, type[Any]], Any]) -> Callable[[Any, type[Any]], Any]:
    """PipelineOptions.view_as that gives a view again: whatever is set in one stands in all others
    of the same options anyway."""
    # Views hold what their options hold, and not the options, which may go.
    views: weakref.WeakKeyDictionary[Any, dict[type[Any], Any]] = weakref.WeakKeyDictionary()

    @functools.wraps(make)
    def view_as(self: Any, cls: type[Any]) -> Any:
        known = views.setdefault(self, {})
        view = known.get(cls)
        if view is None or not _same(_held(view), _held(self)):
            view = known[cls] = make(self, cls)
        return view

    setattr(view_as, _MARK, views)
    return view_as


def _held(options: Any) -> tuple[Any, ...]:
    return options._flags, options._all_options
