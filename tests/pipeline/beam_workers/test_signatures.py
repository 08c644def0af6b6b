"""What Beam is told of a function's parameters, however often it asks."""

from __future__ import annotations

import functools
import gc
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions, TypeOptions
from apache_beam.transforms import core

from pipeline.beam_workers import signatures


class Methods:
    def plain(self, one, two=core.DoFn.WindowParam, *others, three=None, **more):
        """Every kind of parameter."""

    @classmethod
    def of_class(cls, one=1):
        """A bound one, of the class."""

    @functools.wraps(plain)
    def wrapped(self, *arguments, **named):
        """The signature of another."""


def free(one, two=2):
    """No method."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was really looked at since `remember_signatures`."""
    looked: list[Any] = []

    def look(function: Callable[..., Any]) -> inspect.Signature:
        looked.append(function)
        return inspect.signature(function)

    monkeypatch.setattr(core, "get_signature", look)
    signatures.remember_signatures()
    signatures.remember_signatures()  # Twice is once.
    return looked


@pytest.mark.parametrize(
    "function",
    [Methods().plain, Methods().wrapped, Methods().of_class, Methods.plain, free, len, Methods],
    ids=["method", "wrapped", "class method", "plain function", "function", "builtin", "class"],
)
def test_the_same_as_without(asked: list[Any], function: Callable[..., Any]):
    wanted = inspect.signature(function)
    for _ in range(3):
        assert core.get_signature(function) == wanted


def test_a_method_is_looked_at_once_whichever_object_has_it(asked: list[Any]):
    for _ in range(5):
        assert core.get_function_arguments(Methods(), "plain") == (
            ["one", "two"],
            [core.DoFn.WindowParam],
        )
    assert len(asked) == 1


def test_closures_of_one_code_are_told_apart(asked: list[Any]):
    def method(default: int) -> Any:
        return type("Own", (), {"process": lambda self, element=default: element})()

    found = [core.get_function_arguments(method(number), "process") for number in range(4)]
    assert found == [(["element"], [number]) for number in range(4)]


def test_a_function_that_changes_is_looked_at_again(asked: list[Any]):
    class Changing:
        def process(self, one, two=2):
            """To be changed."""

    method: Any = Changing.process
    assert core.get_function_arguments(Changing(), "process") == (["one", "two"], [2])
    method.__defaults__ = (1, 3)
    assert core.get_function_arguments(Changing(), "process") == (["one", "two"], [1, 3])
    method.__signature__ = inspect.Signature(
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in ("self", "other")]
    )
    assert core.get_function_arguments(Changing(), "process") == (["other"], [])


def test_what_nobody_has_any_more_is_forgotten(asked: list[Any]):
    def own() -> Any:
        return type("Own", (), {"process": lambda self: None})

    for _ in range(3):
        core.get_function_arguments(own()(), "process")
    asked.clear()
    known = core.get_signature._known  # type: ignore[attr-defined]
    gc.collect()
    assert not len(known)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[type[Any]]:
    """Which views were really made since `remember_signatures`."""
    views: list[type[Any]] = []
    plain = inspect.unwrap(PipelineOptions.view_as)

    def make(self: PipelineOptions, cls: type[Any]) -> Any:
        views.append(cls)
        return plain(self, cls)

    monkeypatch.setattr(PipelineOptions, "view_as", make)
    signatures.remember_signatures()
    signatures.remember_signatures()
    return views


def test_a_view_of_options_is_made_once(made: list[type[Any]]):
    options = PipelineOptions(["--streaming"])
    for _ in range(3):
        assert options.view_as(StandardOptions).streaming
        assert options.view_as(TypeOptions).pipeline_type_check
    assert made == [StandardOptions, TypeOptions]
    assert not PipelineOptions([]).view_as(StandardOptions).streaming


def test_what_is_set_in_one_view_stands_in_all(made: list[type[Any]]):
    options = PipelineOptions([])
    before = options.view_as(StandardOptions)
    options.view_as(StandardOptions).runner = "FlinkRunner"
    assert before.runner == "FlinkRunner"
    assert before.view_as(PipelineOptions).view_as(StandardOptions).runner == "FlinkRunner"
    options._all_options = {**options._all_options, "runner": "SparkRunner"}
    assert options.view_as(StandardOptions).runner == "SparkRunner"


def test_views_of_options_that_nobody_has_are_forgotten(made: list[type[Any]]):
    PipelineOptions([]).view_as(StandardOptions)
    gc.collect()
    views = PipelineOptions.view_as.views  # type: ignore[attr-defined]
    assert not len(views)
