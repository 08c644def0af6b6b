"""Tells a fault of the machine from one of the candidate, by serving a model known to be good."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from components.serving_check.options import Options
from serving.backends.ending import tells_of_shortage
from serving.backends.shortage import lacking
from serving.clients.rest_client import RestClient, ServingError
from serving.launch import LaunchError, launch

_NAME = "control"
_ASKED = [1.0, 2.0]
_PLACES_IN_GRAPHS = re.compile(r"\{\{[^{}]*\}\}|\[Op:\w+\]( name: \w*)?")
"""What TensorFlow tells of its own."""


class MachineError(RuntimeError):
    """The check could not be finished here; that says nothing about the candidate."""


class LiveVersionError(RuntimeError):
    """The live version is not served as it should be; that says nothing about the candidate."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The serving check could not compare the candidate with the live version, which does "
            f"not answer: {problem.rstrip('.')}. Put another version live, or take this one away: "
            "see `python -m serving --help`."
        )


def machine_error(error: BaseException) -> MachineError:
    """What to raise for an error of the machine's in the process that asks."""
    found = " ".join(_PLACES_IN_GRAPHS.sub("", str(error)).split()) or type(error).__name__
    return MachineError(
        f"The serving check could not be finished: {found.rstrip('.')}. Nobody is refused for "
        f"that: {lacking(error) or 'see to the machine'}, and run again."
    )


def not_again(problem: str) -> MachineError:
    """What to raise for a crash that did not come again when the candidate was served again."""
    return MachineError(
        f"The serving check could not be finished: {problem.rstrip('.')}; served and asked once "
        "more, the same model did not bring that about. Nobody is refused for that: look who sent "
        "the model server a signal, and run again."
    )


def short_of_something(error: BaseException) -> bool:
    """Whether an error, or one behind it, tells of something that this machine lacks."""
    return lacking(error) is not None or tells_of_shortage(str(error))


@contextlib.contextmanager
def blaming_the_machine() -> Iterator[None]:
    """Raises MachineError for what a block cannot read, write or find room for."""
    try:
        yield
    except (OSError, MemoryError, tf.errors.OpError) as error:
        raise machine_error(error) from error


def is_silence(error: OSError) -> bool:
    """Whether an error can come of a server that does not answer, rather than of this process."""
    return isinstance(error, ConnectionError | TimeoutError) or error.errno is None


def is_of_the_machine(error: BaseException) -> bool:
    """Whether an error in the process that asks can be of no server, whatever it serves."""
    if short_of_something(error):
        return True
    return isinstance(error, OSError) and not is_silence(error)


def blame_machine_if_it_fails(problem: str, options: Options) -> None:
    """Serves a tiny model in the way in which the candidate was served.

    Args:
      problem: what happened with the candidate; the candidate is to blame for it when this returns.
      options: say on which model server.

    Raises:
      MachineError: the tiny model is not answered rightly either.
    """
    found = _control_fault(options)
    if found:
        raise MachineError(
            f"The serving check could not be finished: {problem.rstrip('.')}; and a model known to "
            f"be good is not served here either ({found.rstrip('.')}). Nobody is refused for that: "
            "see to the machine, and run again."
        )


def _control_fault(options: Options) -> str | None:
    try:
        with tempfile.TemporaryDirectory(prefix="control-") as folder:
            base = Path(folder) / _NAME
            _save(base / "1")
            with launch(base, _NAME, backend=options.backend, grpc=True) as server:
                server.wait_available(1, options.load_seconds)
                found = RestClient(server.rest_url, _NAME, timeout=30).predict(_ASKED)
    except (LaunchError, ServingError, OSError, MemoryError, tf.errors.OpError) as error:
        return " ".join(str(error).split()) or type(error).__name__
    doubled = [2 * value for value in _ASKED]
    return None if np.array_equal(found, doubled) else f"{found} instead of {doubled}"


def _save(folder: Path) -> None:
    spec = tf.TensorSpec([None], tf.float32, "x")
    double = tf.function(lambda x: {"y": 2 * x}, input_signature=[spec], autograph=False)
    tf.saved_model.save(tf.Module(), str(folder), signatures=double)
