"""Which model is meant when none is named: the one in the workspace."""

from __future__ import annotations

import os

SERVING = "workspace/serving"
"""Where runs publish unless they are told otherwise: a base path for each model."""


class NoDefaultError(RuntimeError):
    """Nothing, or more than one thing, can be meant; the message says what to name."""


def base_path() -> str:
    """The only base path in SERVING.

    Raises:
      NoDefaultError: there is none, or several.
    """
    return f"{SERVING}/{_only('--base-path', f'--base-path {SERVING}/')}"


def model_name(base_path: str | None = None) -> str:
    """That of a base path, else the name of the only model in SERVING.

    Raises:
      NoDefaultError: there is none, or several.
    """
    if base_path:
        return base_path.rstrip("/").rpartition("/")[2]
    return _only("--model-name", "--model-name ")


def _only(option: str, example: str) -> str:
    try:
        found = sorted(
            entry.name
            for entry in os.scandir(SERVING)
            if entry.is_dir() and not entry.name.startswith(".")
        )
    except OSError:
        found = []
    if not found:
        raise NoDefaultError(
            f"{SERVING} holds no model; `make run` makes one, or name one with {option}."
        )
    if len(found) > 1:
        raise NoDefaultError(
            f"{SERVING} holds {len(found)} models ({', '.join(found[:5])}); name one, such as"
            f" {example}{found[0]}"
        )
    return found[0]
