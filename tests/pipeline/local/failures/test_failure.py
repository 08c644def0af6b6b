"""From an exception to a sentence."""

import re

import pytest
from tfx.dsl.io.filesystem import NotFoundError

from components.evaluator import verdict
from pipeline.local.failures.failure import own_code, sentence
from pipeline.settings import SettingsError


def test_our_own_errors_speak_for_themselves():
    error = SettingsError("Key `name` is missing.")
    assert sentence(error) == "Key `name` is missing."
    assert own_code(error) is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("bad\nsecond line"), "ValueError: bad"),
        (ValueError(), "ValueError"),
        (ValueError("ValueError: bad [while running 'Map(f)']"), "ValueError: bad"),
        (
            SettingsError(
                "pipeline.settings.SettingsError: bad [while running 'Map(f)-ptransform']"
            ),
            "bad",
        ),
    ],
)
def test_foreign_errors_are_named_by_type_and_cut_to_a_line(error: Exception, expected: str):
    assert sentence(error) == expected


def test_the_deepest_line_of_our_code_is_shown():
    with pytest.raises(TypeError) as caught:
        verdict.judge(thresholds=None, values={}, baseline={})  # type: ignore[arg-type]
    place = own_code(caught.value)
    assert place is not None
    # Which line of a statement over several lines is meant depends on the Python.
    assert re.fullmatch(r"components/evaluator/verdict\.py:\d+ in judge: .+", place)


def test_a_trace_outside_our_code_has_no_place():
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        int("x")
    assert own_code(caught.value) is None


def test_an_error_without_a_word_is_told_by_what_it_arose_from():
    error = NotFoundError()
    assert sentence(error) == "NotFoundError"
    error.__cause__ = LookupError("gs://models/runs/schema/2 is not found\nin a trace")
    assert sentence(error) == "LookupError: gs://models/runs/schema/2 is not found"
