"""What ExampleGen's driver decides, as parameters that one task hands to the next. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

FINGERPRINT, SPAN, VERSION, CONFIG = "input_fingerprint", "span", "version", "input_config"
OUTPUTS: Mapping[str, str] = {
    CONFIG: "STRING",
    FINGERPRINT: "STRING",
    SPAN: "NUMBER_INTEGER",
    VERSION: "NUMBER_INTEGER",
}
"""Output parameters of the task, with their types; the patterns in `input_config` are filled in."""
NO_VERSION = -1
"""Kubeflow knows no output parameter without a value."""


class DataChangedError(ValueError):
    """The files are not those that the driver saw: the key of the cache would lie."""


def as_output(driver_output: Mapping[str, Any]) -> Json:
    """The ExecutorOutput of the task, which has no artifacts, from the driver's."""
    decided = {VERSION: NO_VERSION, **driver_output.get("parameterValues", {})}
    return {"parameterValues": {key: decided[key] for key in OUTPUTS}}


def taken(parameters: Mapping[str, Any]) -> Json | None:
    """What a driver in a task of its own decided, from the parameters of the task after it."""
    if FINGERPRINT not in parameters:
        return None
    decided = {key: parameters[key] for key in OUTPUTS}
    # Every number is a double in the messages of Kubeflow.
    decided.update({key: int(decided[key]) for key in (SPAN, VERSION)})
    if decided[VERSION] == NO_VERSION:
        del decided[VERSION]
    return decided


def check_unchanged(decided: Mapping[str, Any], now: str) -> None:
    """Raises:
    DataChangedError: `now` is another fingerprint than the one that was decided on.
    """
    if now != decided[FINGERPRINT]:
        raise DataChangedError(
            f"The data changed during the run: its fingerprint was {decided[FINGERPRINT][:12]}… "
            f"and is {now[:12]}…; start the run again."
        )
