"""From an exception in a node to one sentence, and where in the user's own code it arose."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

from pipeline.beam_workers.cause import cause
from pipeline.code.hash import PACKAGES, REPOSITORY
from pipeline.local.failures.carried_error import PLACE

# Beam appends where in its graph a user function failed.
_BEAM_SUFFIX = re.compile(r"\s*\[while running .*\]\s*$", re.DOTALL)
# Beam repeats the type in front of the message.
_BEAM_PREFIX = re.compile(r"^[A-Za-z_.]*(Error|Exception): ")
# What runners elsewhere and gRPC put around the error of a worker.
_JOB = re.compile(r"failed in state [A-Z]+: |_(MultiThreadedRendezvous|InactiveRpcError) of RPC")


def sentence(error: BaseException) -> str:
    """The first line of what went wrong.

    An error class of this project speaks for itself; any other is named by its type.
    """
    # TFX's file systems raise errors without a word from those that have some.
    if not str(error).strip() and error.__cause__ is not None:
        return sentence(error.__cause__)
    if _JOB.search(str(error)):
        return cause(str(error))
    # Of a system error the text begins with a number.
    own_words = is_ours(error) and isinstance(error, OSError) and error.strerror
    text = _BEAM_SUFFIX.sub("", str(own_words or error)).strip()
    first = text.splitlines()[0] if text else ""
    if is_ours(error):
        return _BEAM_PREFIX.sub("", first)
    name = type(error).__name__
    return first if first.startswith(name) else f"{name}: {first}".rstrip(": ")


def own_code(error: BaseException) -> str | None:
    """The deepest line of this project's code in the trace: `models/network.py:41 in build: x = y`.

    None for an error class of this project, whose message already says what to do, and where the
    trace never enters this project.
    """
    if is_ours(error):
        return None
    if place := getattr(error, PLACE, None):
        return str(place)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(REPOSITORY) and path.relative_to(REPOSITORY).parts[0] in PACKAGES:
            place = path.relative_to(REPOSITORY)
            if place.parts[:2] != ("pipeline", "local"):
                return f"{place}:{frame.lineno} in {frame.name}: {frame.line}"
    return None


def is_ours(error: BaseException) -> bool:
    """Whether the class of `error` is one of this project's, whose message says what to do."""
    return type(error).__module__.split(".")[0] in PACKAGES
