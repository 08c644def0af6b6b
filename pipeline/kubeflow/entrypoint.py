"""The command of every container on Kubeflow Pipelines: TFX's own entry point, adapted.

Open-source Kubeflow passes TFX what it cannot take; docs/kubeflow.md says what. The arguments are
those of tfx.orchestration.kubeflow.v2.container.kubeflow_v2_run_executor.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from documents.environment.libraries import choose_libraries


def as_in_a_container() -> None:
    """Decides in the environment what the libraries of a step import.

    kfp then leaves its compiler and its client out, which a container needs not. Whoever only
    imports this module does need them.
    """
    choose_libraries()
    os.environ.setdefault("_KFP_RUNTIME", "true")


if __name__ == "__main__":
    as_in_a_container()
else:
    choose_libraries()

from pipeline import light_imports
from pipeline.files.home import lend_home
from pipeline.kubeflow.entry import decision
from pipeline.kubeflow.entry.adapt import (
    BASELINE,
    adapt,
    has_launcher,
    merge_driver_output,
    restored,
    run_id,
    without_empty_baseline,
    without_job,
)
from pipeline.kubeflow.entry.replicas import cluster_of_step, execute_as_chief, train_along
from pipeline.kubeflow.run_parameters import filled_in
from pipeline.kubeflow.training_job import manifest
from pipeline.local.failures.failure import is_ours, sentence

LAUNCHER_ROOT = manifest.ROOT
"""Environment variable: folder that stands for the container's root, in a dry run and in replicas
of a TFJob, which have no launcher."""
READY = "Ready to execute after %.2f CPU s."

_log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one step; returns the exit code: 0, or 1 after a sentence on standard error."""
    # Nothing of what is imported is garbage; see _execute.
    gc.disable()
    try:
        return _main(arguments)
    finally:
        gc.enable()


def _main(arguments: Sequence[str] | None) -> int:
    lend_home()
    light_imports.postpone()
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.kubeflow.entrypoint",
        description="Runs one step of the pipeline inside a container of Kubeflow Pipelines. "
        "Further arguments are passed to Beam.",
        allow_abbrev=False,
    )
    parser.add_argument("--executor_class_path", required=True, help="module.Class")
    parser.add_argument(
        "--json_serialized_invocation_args", required=True, help="ExecutorInput, as JSON"
    )
    parser.add_argument(
        "--json_serialized_inputs_spec_args", default="{}", help="ComponentInputsSpec, as JSON"
    )
    parser.add_argument(
        "--driver_only",
        action="store_true",
        help="decide on span and fingerprint, then stop: Vertex AI's question before its cache, "
        "and a task of its own on open-source Kubeflow",
    )
    parser.add_argument(
        manifest.FLAG,
        metavar="JSON",
        help="have this TFJob do the step on several replicas, and wait for it",
    )
    options, beam_arguments = parser.parse_known_args(arguments)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        if options.training_job is not None:
            _have_done(options, sys.argv[1:] if arguments is None else arguments)
            return 0
        light_imports.import_tensorflow()
        _run(options, beam_arguments)
    except Exception as error:
        complain(error)
        return 1
    return 0


def complain(error: Exception) -> None:
    """Says on standard error what went wrong, and where Kubernetes looks for a pod's last words."""
    if not is_ours(error):
        traceback.print_exception(error)
    print(sentence(error), file=sys.stderr, flush=True)
    if file := os.environ.get(manifest.LAST_WORDS):
        with contextlib.suppress(OSError), open(file, "w") as words:
            words.write(sentence(error))


def _have_done(options: argparse.Namespace, arguments: Sequence[str]) -> None:
    """Waits for a TFJob that does the step; without TensorFlow, so with little memory."""
    from documents import writer
    from pipeline.kubeflow.training_job import step

    executor_input = json.loads(options.json_serialized_invocation_args)
    root = os.environ.get(LAUNCHER_ROOT, "/")
    output = step.run(options.training_job, arguments, executor_input, root)
    file = executor_input["outputs"]["outputFile"]
    os.makedirs(os.path.dirname(file), exist_ok=True)
    writer.replace(file, json.dumps(output).encode())


def _run(options: argparse.Namespace, beam_arguments: list[str]) -> None:
    executor_input = without_job(filled_in(json.loads(options.json_serialized_invocation_args)))
    adapted, places = adapt(
        executor_input,
        json.loads(options.json_serialized_inputs_spec_args),
        root=os.environ.get(LAUNCHER_ROOT, "/"),
    )

    output_file = executor_input["outputs"]["outputFile"]
    driver_output = _driver_output(options, adapted, output_file)
    if options.driver_only:
        # On Vertex AI it goes to the same task's executor, on open source to another task.
        is_task = has_launcher(executor_input) and executor_input["outputs"].get("parameters")
        _write(output_file, decision.as_output(driver_output) if is_task else driver_output)
        return
    adapted = merge_driver_output(adapted, driver_output)
    cluster = cluster_of_step(adapted["inputs"].get("parameterValues", {}))
    if cluster and cluster.rank:
        train_along(cluster)
        return
    if options.executor_class_path.startswith("tfx."):
        adapted = without_empty_baseline(adapted, _filled(adapted, BASELINE))
    output = execute_as_chief(
        cluster, lambda: _execute(options, beam_arguments, adapted, run_id(executor_input))
    )
    _write(output_file, restored(output, places))


def _driver_output(
    options: argparse.Namespace, adapted: Mapping[str, Any], output_file: str
) -> dict[str, Any]:
    """What a driver decided: Vertex's hook before this process, or ours in it; else nothing."""
    from tfx.dsl.io import fileio

    if fileio.exists(output_file):
        with fileio.open(output_file, "r") as file:
            output: dict[str, Any] = json.loads(file.read())
            return output
    parameters = adapted["inputs"].get("parameterValues", {})

    from pipeline.kubeflow.entry import file_driver

    if not file_driver.reads_files(parameters):
        return {}
    return file_driver.drive(options.executor_class_path, parameters)


def _filled(adapted: Mapping[str, Any], key: str) -> list[str]:
    """The input artifacts under `key` that have files."""
    from tfx.dsl.io import fileio

    artifacts = adapted["inputs"].get("artifacts", {}).get(key, {}).get("artifacts", [])
    uris = [artifact["uri"] for artifact in artifacts]
    return [uri for uri in uris if fileio.isdir(uri) and fileio.listdir(uri)]


def _execute(
    options: argparse.Namespace,
    beam_arguments: list[str],
    adapted: Mapping[str, Any],
    run: str | None,
) -> dict[str, Any]:
    from tfx.utils import import_utils

    from pipeline.kubeflow.entry.execution import execute

    executor_class = import_utils.import_class_by_path(options.executor_class_path)
    # Else Python looks through all that again while the step works, and once more when it ends:
    # more than a CPU second.
    gc.freeze()
    gc.enable()
    _log.info(READY, time.process_time())
    inputs_spec = json.loads(options.json_serialized_inputs_spec_args)
    return execute(executor_class, adapted, inputs_spec, beam_arguments, run)


def _write(path: str, document: Mapping[str, Any]) -> None:
    """Writes JSON so that `path` is either whole or not there."""
    from tfx.dsl.io import fileio

    fileio.makedirs(os.path.dirname(path))
    whole = path + ".whole"
    with fileio.open(whole, "w") as file:
        file.write(json.dumps(document))
    fileio.rename(whole, path, overwrite=True)


if __name__ == "__main__":
    sys.exit(main())
