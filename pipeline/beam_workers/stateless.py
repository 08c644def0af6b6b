"""Has Beam look once whether a class of DoFns has methods with state or timers.

It asks each DoFn eight times over, while a job is built and run, for the parameters of each of its
thirty methods (apache_beam/transforms/userstate.py, get_dofn_specs), and nearly always none of
them has any. What methods a class has is taken for settled once a DoFn of it was asked.
"""

from __future__ import annotations

import functools
import types
import weakref
from collections.abc import Callable
from typing import Any

_INSPECT = "_inspect_"
"""Before the name of a method: a method that says its parameters, of each DoFn its own."""
_Specs = Callable[[Any], tuple[set[Any], set[Any]]]


def remember_stateless() -> None:
    """From now on, in this process."""
    from apache_beam.transforms import userstate

    look = userstate.get_dofn_specs
    if not hasattr(look, "__wrapped__"):
        shortcut: Any = _remembering(look)
        userstate.get_dofn_specs = shortcut


def _remembering(look: _Specs) -> _Specs:
    from apache_beam.transforms import core

    # By class: the methods that each DoFn has to be asked about, or None for all of them.
    known: weakref.WeakKeyDictionary[type[Any], tuple[str, ...] | None] = (
        weakref.WeakKeyDictionary()
    )

    def has_parameters(dofn: Any, method: str) -> bool:
        _, defaults = core.get_function_arguments(dofn, method)
        return any(isinstance(each, core._DoFnParam) for each in defaults)

    def asked(dofn: Any) -> tuple[str, ...] | None:
        methods = [
            name for name in dir(dofn) if isinstance(getattr(dofn, name, None), types.MethodType)
        ]
        own = tuple(name for name in methods if hasattr(dofn, _INSPECT + name))
        others = (name for name in methods if name not in own)
        return None if any(has_parameters(dofn, name) for name in others) else own

    @functools.wraps(look)
    def get_dofn_specs(dofn: Any) -> tuple[set[Any], set[Any]]:
        kind = type(dofn)
        if any(isinstance(value, types.MethodType) for value in vars(dofn).values()):
            return look(dofn)
        if kind not in known:
            known[kind] = asked(dofn)
        methods = known[kind]
        if methods is None or any(has_parameters(dofn, name) for name in methods):
            return look(dofn)
        return set(), set()

    return get_dofn_specs
