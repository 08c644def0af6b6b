"""The command of each replica of a TFJob: the step's own work, on files that the step hands over.

The operator tells in TF_CONFIG which replica this is. The chief gives its outputs back.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.training.cluster import VARIABLE
from pipeline.kubeflow.entrypoint import as_in_a_container, complain, main
from pipeline.kubeflow.training_job.handed import HandedError, HandedStep
from pipeline.kubeflow.training_job.manifest import ADDRESS, CHIEF, ROOT, TOKEN

INPUT_FLAG = "--json_serialized_invocation_args"
_log = logging.getLogger(__name__)


class NoReplicaError(RuntimeError):
    """This process was not started by a TFJob of this project."""


def run(environment: Mapping[str, str] = os.environ) -> int:
    """The exit code: 0, or 1 after a sentence on standard error."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        root, step = _handed(environment)
        told = step.told()
        size = sum(told["files"].values())
        _log.info("Fetching %d files of the step, %.1f MB.", len(told["files"]), size / 1e6)
        step.fetch(told["files"], root)
    except (NoReplicaError, HandedError, OSError) as error:
        complain(error)
        return 1
    step.watch(_end)
    output_file = root / "output_metadata.json"
    code = main(_with_output_file(told["arguments"], str(output_file)))
    if code or not _is_chief(environment):
        return code
    try:
        output = json.loads(output_file.read_text())
        step.deliver(output, told["outputs"], root)
    except (HandedError, OSError) as error:
        complain(error)
        return 1
    _log.info("The step has the outputs.")
    return 0


def _handed(environment: Mapping[str, str]) -> tuple[Path, HandedStep]:
    missing = [name for name in (ROOT, ADDRESS, TOKEN, VARIABLE) if not environment.get(name)]
    if missing:
        raise NoReplicaError(
            f"{missing[0]} is not set: this is the command of a TFJob's replicas, which the"
            " Trainer's step starts where kubeflow.replicas asks for them."
        )
    root = Path(environment[ROOT])
    root.mkdir(parents=True, exist_ok=True)
    return root, HandedStep(environment[ADDRESS], environment[TOKEN])


def _is_chief(environment: Mapping[str, str]) -> bool:
    task = json.loads(environment[VARIABLE])["task"]
    return bool(task["type"] == CHIEF.lower())


def _with_output_file(arguments: list[str], file: str) -> list[str]:
    """The arguments with an ExecutorInput that names a file of this replica."""
    made = list(arguments)
    at = made.index(INPUT_FLAG) + 1
    document: dict[str, Any] = json.loads(made[at])
    document["outputs"]["outputFile"] = file
    made[at] = json.dumps(document)
    return made


def _end(sentence: str) -> None:
    complain(HandedError(sentence))
    # Training waits in TensorFlow, where no exception reaches it.
    os._exit(1)


if __name__ == "__main__":
    as_in_a_container()
    sys.exit(run())
