"""Whose fault it is when an evaluation ends early, and in which words."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2
from tensorflow_model_analysis.proto import config_pb2

from components.evaluator.fitness import first_line, is_fault_of_model, unfit

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


def test_errors_that_name_each_other_have_an_end() -> None:
    error, other = ValueError("first"), TypeError("second")
    error.__cause__, other.__cause__ = other, error
    assert is_fault_of_model(error)
    assert first_line(error) == "first"


def _unfit(
    folder: Path, outputs: tuple[str, ...], signature: str = "examples", key: str = ""
) -> str:
    """What is said of a model whose signature `examples`, and none for training, has `outputs`."""
    message = saved_model_pb2.SavedModel()
    info = meta_graph_pb2.TensorInfo()
    for tag, name in (("train", "of training"), ("serve", "examples"), ("serve", "__init")):
        graph = message.meta_graphs.add()
        graph.meta_info_def.tags.append(tag)
        graph.signature_def[name].outputs["y"].CopyFrom(info)
    message.meta_graphs[1].signature_def["examples"].outputs.clear()
    for output in outputs:
        message.meta_graphs[1].signature_def["examples"].outputs[output].CopyFrom(info)
    (folder / "saved_model.pb").write_bytes(message.SerializeToString())
    spec = config_pb2.ModelSpec(signature_name=signature, prediction_key=key)
    return unfit(str(folder), spec) or "fit"


def test_a_model_without_the_signature_or_the_output_is_unfit(tmp_path: Path) -> None:
    assert _unfit(tmp_path, ("a", "b")) == "fit"
    assert _unfit(tmp_path, ("a", "b"), key="b") == "fit"
    assert _unfit(tmp_path, ("a",), key="b") == "fit"
    told = "its signature examples has no output c (it has: a, b)"
    assert _unfit(tmp_path, ("b", "a"), key="c") == told
    for name in ("of training", "another"):
        assert _unfit(tmp_path, (), name) == f"it has no signature {name} (it has: examples)"


def test_a_model_that_is_none_is_unfit(tmp_path: Path) -> None:
    spec = config_pb2.ModelSpec(signature_name="examples")
    assert unfit(str(tmp_path), spec) == "it holds no saved_model.pb"
    file = tmp_path / "saved_model.pb"
    file.write_bytes(b"\x0a\xff")
    assert unfit(str(tmp_path), spec) == "its saved_model.pb cannot be parsed"
    file.write_bytes(b"")
    assert unfit(str(tmp_path), spec) == "it has no signature examples (it has: none)"
