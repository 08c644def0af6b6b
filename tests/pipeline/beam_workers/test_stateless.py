"""What Beam is told of state and timers of DoFns: the same as without the shortcut."""

from __future__ import annotations

import gc
import inspect
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from apache_beam.coders import StrUtf8Coder
from apache_beam.transforms import core, userstate
from apache_beam.transforms.core import CallableWrapperDoFn, DoFn

from pipeline.beam_workers import stateless

BAG = userstate.BagStateSpec("bag", StrUtf8Coder())
TIMER = userstate.TimerSpec("timer", userstate.TimeDomain.WATERMARK)
OF_BAG, OF_TIMER = DoFn.StateParam(BAG), DoFn.TimerParam(TIMER)


class Plain(DoFn):
    def process(self, element, window=3):
        """Nothing of Beam's."""


class Windowed(DoFn):
    def process(self, element, window=DoFn.WindowParam):
        """A parameter, and no state."""


class Stateful(Plain):
    def process(self, element, bag=OF_BAG, timer=OF_TIMER):
        """Both."""

    @userstate.on_timer(TIMER)
    def over(self):
        """When the time has come."""


class Twice(DoFn):
    def process(self, element, one=OF_BAG, two=OF_BAG):
        """The same state in two parameters."""


def of_element(element):
    """A function of Map."""


def own_method() -> DoFn:
    found: Any = Plain()
    found.process = Stateful().process
    return found


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """DoFns whose methods Beam has looked at by itself."""
    found: list[Any] = []
    plain = inspect.unwrap(userstate.get_dofn_specs)

    def look(dofn: Any) -> Any:
        found.append(dofn)
        return getattr(plain, "__wrapped__", plain)(dofn)

    monkeypatch.setattr(userstate, "get_dofn_specs", look)
    stateless.remember_stateless()
    stateless.remember_stateless()  # Twice is once.
    return found


@pytest.mark.parametrize(
    ("make", "specs"),
    [
        (Plain, (set(), set())),
        (Windowed, (set(), set())),
        (Stateful, ({BAG}, {TIMER})),
        (own_method, ({BAG}, {TIMER})),
        (lambda: CallableWrapperDoFn(of_element), (set(), set())),
        (lambda: CallableWrapperDoFn(Stateful().process), ({BAG}, {TIMER})),
    ],
    ids=["plain", "window", "state", "own method", "function", "method of another"],
)
def test_the_same_as_without(looked: list[Any], make: Callable[[], DoFn], specs: Any):
    for _ in range(2):
        dofn = make()
        assert userstate.get_dofn_specs(dofn) == specs
        assert userstate.is_stateful_dofn(dofn) == any(specs)


def test_functions_of_one_class_are_told_apart(looked: list[Any]):
    for function, has_state in ((of_element, False), (Stateful().process, True), (max, False)):
        assert userstate.is_stateful_dofn(CallableWrapperDoFn(function)) is has_state


def test_the_same_state_twice_is_refused_however_often_it_is_asked(looked: list[Any]):
    for _ in range(2):
        with pytest.raises(ValueError, match="duplicate process method parameters"):
            userstate.get_dofn_specs(Twice())


def test_beam_looks_at_no_class_without_parameters_of_its_own(looked: list[Any]):
    for _ in range(4):
        userstate.validate_stateful_dofn(Plain())
        core.ParDo(CallableWrapperDoFn(of_element))
    assert not looked


def test_classes_that_nobody_has_are_forgotten(looked: list[Any]):
    def ask() -> Any:
        kind: Any = type("Own", (DoFn,), {"process": lambda self, element: None})
        userstate.get_dofn_specs(kind())
        return weakref.ref(kind)

    held = ask()
    gc.collect()
    assert held() is None
