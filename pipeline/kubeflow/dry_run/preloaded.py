"""An interpreter that imports once what every step imports, and becomes a step at each request.

The dry run starts it as `python -m pipeline.kubeflow.dry_run.preloaded CLASS...` and asks by a line
of JSON on its input; by lines on its output it says when it is ready, which process a step is, and
how that ended. See interpreter.py for the other end.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.kubeflow.entrypoint import as_in_a_container

as_in_a_container()

from pipeline import light_imports  # noqa: E402


def main(executor_classes: Sequence[str]) -> int:
    """Serves requests until its input ends; in a child, the exit code of the step.

    Args:
      executor_classes: module.Class of the steps to come. One that cannot be imported is left to
        its step, which says so.
    """
    light_imports.postpone()
    light_imports.import_tensorflow()
    from tfx.utils import import_utils

    from pipeline.kubeflow import entrypoint
    from pipeline.kubeflow.entry import execution, file_driver  # noqa: F401

    for name in executor_classes:
        with contextlib.suppress(Exception):
            import_utils.import_class_by_path(name)
    # What was imported stays: every child would go through it again when it ends.
    gc.collect()
    gc.freeze()
    # A step's own words go to its log, and only ours to the dry run.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    _say(answers, {"cpu_seconds": time.process_time()})
    for line in iter(sys.stdin.readline, ""):
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            answers.close()
            _become(request)
            return entrypoint.main(request["arguments"])
        _say(answers, {"pid": pid})
        _, status, usage = os.wait4(pid, 0)
        _say(
            answers,
            {
                "code": os.waitstatus_to_exitcode(status),
                "cpu_seconds": usage.ru_utime + usage.ru_stime,
            },
        )
    return 0


def _say(answers: Any, document: Mapping[str, Any]) -> None:
    answers.write(json.dumps(document) + "\n")


def _become(request: Mapping[str, Any]) -> None:
    """Makes this child what a new interpreter would be for the same command."""
    os.setsid()
    os.chdir(request["folder"])
    sys.path[0] = request["folder"]
    with open(os.devnull) as nothing, open(request["log"], "ab") as log:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.environ.clear()
    os.environ.update(request["environment"])
    as_in_a_container()
    # Both are drawn or looked up once, by whoever asks first.
    tempfile.tempdir = None
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
