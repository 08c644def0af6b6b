"""Whose fault it is when an evaluation ends early, and in which words."""

from __future__ import annotations

import pytest
import tensorflow as tf

from components.evaluator.fitness import first_line, is_fault_of_model

WRAPPED = "Fail to call signature func with signature_name: examples. [while running 'Inference']"


def _raised(cause: BaseException) -> BaseException:
    """As TFMA and Beam pass on what a graph raises."""
    try:
        try:
            raise ValueError(WRAPPED) from cause
        except ValueError as error:
            raise ValueError(*error.args)  # noqa: B904
    except ValueError as error:
        return error


@pytest.mark.parametrize(
    ("cause", "at_fault"),
    [
        (tf.errors.InvalidArgumentError(None, None, "m"), True),
        (tf.errors.UnimplementedError(None, None, "m"), True),
        (TypeError("m"), True),
        (tf.errors.ResourceExhaustedError(None, None, "m"), False),
        (tf.errors.DataLossError(None, None, "m"), False),
        (tf.errors.UnavailableError(None, None, "m"), False),
        (MemoryError(), False),
        (OSError(28, "No space left on device"), False),
        (FileNotFoundError(2, "m"), False),
    ],
)
def test_the_fault_of_a_machine_is_none_of_the_model(cause: BaseException, at_fault: bool) -> None:
    assert is_fault_of_model(_raised(cause)) == at_fault


def test_what_is_neither_is_no_fault_of_the_model() -> None:
    assert not is_fault_of_model(RuntimeError("the worker died"))


def test_the_sentence_has_the_cause_and_neither_places_nor_control_characters() -> None:
    message = (
        "Graph execution error:\n\nDetected at node a/Assert defined at (most recent call last):\n"
        "<stack traces unavailable>\nassertion failed: [no \x1b[31manswer]\n"
        "\t [[{{node a/Assert}}]] [Op:__inference_208]"
    )
    found = first_line(_raised(tf.errors.InvalidArgumentError(None, None, message)))
    assert found == "assertion failed: [no \\x1b[31manswer]"


def test_an_error_without_words_is_named() -> None:
    assert first_line(ValueError()) == "ValueError"
