"""A process that trains along with the chief, and writes nothing but what it deletes."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Callable

from tfx.components.trainer.fn_args_utils import FnArgs

from models.training.loop import fit
from models.training.options import TrainingOptions
from models.training.prepared import prepare
from models.training.replicas import Replicas

logger = logging.getLogger("progress")
_FILES = ("train_files", "eval_files", "transform_output")
"""Of FnArgs, which a worker reads where the chief does."""


def lead(fn_args: FnArgs, replicas: Replicas) -> None:
    """Has the workers train what the chief is told to. Does nothing for a process by itself."""
    if replicas.processes == 1:
        return
    config = {**fn_args.custom_config, "checkpoints": None}
    told = {name: getattr(fn_args, name) for name in _FILES}
    replicas.tell(json.dumps({"train": {**told, "custom_config": config}}))
    replicas.is_busy = True


def dismiss(replicas: Replicas, outcome: str) -> None:
    """Ends the workers with the run of the chief, where they still listen."""
    if replicas.processes > 1 and not replicas.is_busy:
        replicas.tell(json.dumps({"end": outcome}))


def follow(replicas: Replicas, said: Callable[[str], None] = logger.info) -> str:
    """Trains whatever the chief does, and returns how its run ended.

    Raises:
      ReplicasError: the chief or another process is gone.
      Exception: whatever a training does.
    """
    while True:
        message = json.loads(replicas.tell(""))
        if "end" in message:
            return str(message["end"])
        said(f"training along as {replicas.rank + 1} of {replicas.processes}")
        with tempfile.TemporaryDirectory() as scratch:
            _train(FnArgs(**message["train"]), scratch, replicas)


class _Silent:
    """Tells nobody: what there is to see is the chief's."""

    def window_ended(
        self, step: int, *, loss: float, accuracy: float, learning_rate: float
    ) -> None:
        pass

    def epoch_ended(self, step: int) -> None:
        pass


def _train(fn_args: FnArgs, scratch: str, replicas: Replicas) -> None:
    options = TrainingOptions.validated(fn_args.custom_config["training"])
    told = prepare(fn_args, options, scratch)
    fit(
        told.network,
        told.examples.train,
        told.examples.parse,
        options,
        _Silent(),
        eval_loss=lambda: replicas.chiefs(0.0),
        replicas=replicas,
    )
