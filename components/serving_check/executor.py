"""Serves the candidate, has it examined, and writes blessing and report."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import path_utils

from components.example_gen.shards import EVAL
from components.serving_check.candidate import VERSION, base_path_for
from components.serving_check.checks import (
    accuracy,
    encodings,
    inputs,
    latency,
    load,
    malformed,
    memory,
    outputs,
    parity,
    paths,
    rollout,
    sizes,
    steady,
)
from components.serving_check.connection import Connection
from components.serving_check.control import (
    blame_machine_if_it_fails,
    blaming_the_machine,
    not_again,
)
from components.serving_check.expected import complete, sized
from components.serving_check.judge import Judge
from components.serving_check.options import NodeOptions, parse_options
from components.serving_check.page import render
from components.serving_check.reference import MissingReferenceError, Reference, read_reference
from components.serving_check.report import Report
from components.serving_check.rollout import POLL_SECONDS
from components.serving_check.run_checks import CRASH, run_checks
from components.serving_check.served import Served
from components.serving_check.warm_up_file import prepare_warm_up
from components.subject import DIGEST_KEY, Subject, check_unchanged, observe
from documents.features import Features
from documents.reader import read
from documents.saved_model import SAVED_MODEL, WARM_UP_FILE
from documents.serving_report import Cost, ServingReport
from documents.serving_verdict import ServingVerdict
from models.description import declared
from serving.backends.readiness import demand_descriptors, demand_threads
from serving.base_path import storage
from serving.base_path.content import file_digest
from serving.clients.grpc_client import GrpcClient
from serving.launch import UnavailableError, launch

# The property and files that the standard InfraValidator leaves and the standard Pusher honours:
# tfx/components/infra_validator/executor.py. Importing it would import a Kubernetes client.
BLESSED_PROPERTY = "blessed"
BLESSED_FILE = "INFRA_BLESSED"
NOT_BLESSED_FILE = "INFRA_NOT_BLESSED"


ASKED = (outputs.NAME, sizes.NAME, paths.NAME, encodings.NAME, inputs.NAME, steady.NAME)
"""Checks that leave a list of what they asked."""

Artifacts = dict[str, list[types.Artifact]]


class Executor(base_executor.BaseExecutor):
    """Checks one candidate on a model server of its own."""

    def Do(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Checks the candidate. A candidate that fails is refused, which is no error.

        Args:
          input_dict: `model` (with its reference beside the SavedModel), `examples`; `baseline`
            where it is wired, empty when nothing is live.
          output_dict: `blessing` gets the property and marker file of the standard InfraValidator,
            `verdict.json` and the warm-up file; `report` gets `report.json` and `report.html`.
          exec_properties: `model_name`; `options`, see components/serving_check/options.py.

        Raises:
          OptionsError: the options are refused.
          MissingReferenceError: the model comes without the reference to hold it against.
          LaunchError: no model server could be started or asked, whatever the candidate.
          MachineError: the machine lacks something, or serves no model known to be good either.
          DamagedError: model or baseline are not what was written.
          ChangedError: they changed during the check.
        """
        model = artifact_utils.get_single_instance(input_dict[standard_component_specs.MODEL_KEY])
        blessing = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.BLESSING_KEY]
        )
        report_artifact = artifact_utils.get_single_instance(output_dict["report"])
        model_name = exec_properties["model_name"]
        options = _completed(parse_options(exec_properties["options"]), model.uri)
        options = _within(options, input_dict[standard_component_specs.EXAMPLES_KEY])
        demand_descriptors()
        demand_threads()
        for artifact in (blessing, report_artifact):
            fileio.makedirs(artifact.uri)
        baseline = next(iter(input_dict.get("baseline", ())), None)
        subject = observe(model, baseline)
        reference = read_reference(model.uri)
        options = sized(options, reference)
        Judge(reference, options)  # What is missing is known before a server is started.
        test_files = _split_files(
            input_dict[standard_component_specs.EXAMPLES_KEY], options.test_split
        )

        with (
            blaming_the_machine(),
            base_path_for(path_utils.serving_model_dir(model.uri), model_name) as base_path,
        ):
            warm_up = prepare_warm_up(base_path / str(VERSION), model_name, reference, options)
            with _live_version(input_dict.get("baseline", ())) as live:
                asked = base_path, model_name, options, reference, warm_up, test_files, live
                report, crash = _check(*asked)
                if crash and not _check(*asked)[1]:
                    # What a model does to its server, it does again.
                    raise not_again(crash)
            with fileio.open(os.path.join(blessing.uri, WARM_UP_FILE), "wb") as file:
                file.write(warm_up.read_bytes())

        check_unchanged(subject, model, baseline)
        _write_blessing(blessing, report, subject)
        _write_report(report_artifact, report)


def _completed(options: NodeOptions, model_uri: str) -> NodeOptions:
    """The options with what the model says of itself."""
    path = os.path.join(model_uri, Features.FILE)
    document = read(Features, path, storage.reading)
    if document is not None:
        options = complete(options, declared(document))
    if not options.signatures:
        raise MissingReferenceError(
            f"{path} is missing, and serving_check.signatures name none: train again, or name them."
        )
    return options


def _within(options: NodeOptions, examples: Sequence[types.Artifact]) -> NodeOptions:
    """The options with no more examples demanded than were held out."""
    held_out = sum(artifact.get_int_custom_property(f"examples_{EVAL}") for artifact in examples)
    if not 0 < held_out < options.parity_examples:
        return options
    return options.model_copy(update={"parity_examples": held_out})


@contextlib.contextmanager
def _live_version(baseline: Sequence[types.Artifact]) -> Iterator[Path | None]:
    """A local folder of the live version's SavedModel; None when nothing is live."""
    saved_models = [path_utils.serving_model_dir(artifact.uri) for artifact in baseline]
    found = [path for path in saved_models if fileio.exists(os.path.join(path, SAVED_MODEL))]
    if not found:
        yield None
        return
    with base_path_for(found[0], "live") as base_path:
        yield base_path / str(VERSION)


def _split_files(examples: Sequence[types.Artifact], split: str) -> list[str]:
    """The files of a split over all spans; none where there is no such split."""
    folders = [
        artifact_utils.get_split_uri([artifact], split)
        for artifact in examples
        if split in artifact_utils.decode_split_names(artifact.split_names)
    ]
    return [
        os.path.join(folder, str(name))
        for folder in folders
        for name in sorted(fileio.listdir(folder))
    ]


def _check(
    base_path: Path,
    model_name: str,
    options: NodeOptions,
    reference: Reference,
    warm_up: Path,
    test_files: Sequence[str],
    live: Path | None,
) -> tuple[Report, str | None]:
    """Serves the base path and examines version 1; how the server crashed, if it did."""
    start, times = time.monotonic(), os.times()
    measured: Mapping[str, Any] = {}
    with (
        launch(
            base_path,
            model_name,
            backend=options.backend,
            grpc=True,
            poll_seconds=POLL_SECONDS,
        ) as server,
        Connection(server.rest_url) as connection,
        GrpcClient(str(server.grpc_target), model_name) as grpc,
    ):
        try:
            server.wait_available(VERSION, timeout=options.load_seconds)
        except UnavailableError as error:
            blame_machine_if_it_fails(str(error), options)
            # The copy is gone when somebody reads this.
            message = str(error).replace(str(base_path / str(VERSION)), "Format-Serving")
            checks = [load.failed(message, options)]
            if error.again:
                measured = {CRASH: message}
        else:
            loaded = load.judge(time.monotonic() - start, options, server.waited_seconds)
            served = Served(
                server=server,
                connection=connection,
                grpc=grpc,
                model_name=model_name,
                options=options,
                reference=reference,
                warm_up_file=warm_up,
                test_files=test_files,
                candidate=base_path / str(VERSION),
                live=live,
            )
            checks, measured = run_checks(served)
            checks.insert(0, loaded)
    beside = measured.get(rollout.NAME)
    report = Report(
        model_name=model_name,
        backend=server.backend,
        data_source=options.data_source,
        checks=tuple(checks),
        parity=measured.get(parity.NAME),
        asked=tuple((name, measured[name]) for name in ASKED if measured.get(name)),
        malformed=measured.get(malformed.NAME),
        latency=measured.get(latency.NAME),
        comparison=beside.comparison if beside else None,
        accuracy=measured.get(accuracy.NAME),
        memory=measured.get(memory.NAME),
        rollout=beside.rollout if beside else None,
        cost=_cost(time.monotonic() - start, times, os.times()),
    )
    return report, measured.get(CRASH)


def _cost(seconds: float, before: os.times_result, after: os.times_result) -> Cost:
    """The server has ended and been waited for, so it is among the children."""
    return Cost(
        seconds=seconds,
        cpu_seconds=after.user + after.system - before.user - before.system,
        server_cpu_seconds=(
            after.children_user
            + after.children_system
            - before.children_user
            - before.children_system
        ),
    )


def _write_blessing(blessing: types.Artifact, report: Report, subject: Subject) -> None:
    marker = BLESSED_FILE if report.blessed else NOT_BLESSED_FILE
    _write(blessing, marker, "")
    blessing.set_string_custom_property(DIGEST_KEY, subject.digest)
    verdict = report.verdict(
        **subject.keys,
        warm_up_sha256=file_digest(os.path.join(blessing.uri, WARM_UP_FILE)),
    )
    storage.write_document(verdict, os.path.join(blessing.uri, ServingVerdict.FILE))
    _set_verdict(blessing, report)


def _write_report(artifact: types.Artifact, report: Report) -> None:
    storage.write_document(report.document, os.path.join(artifact.uri, ServingReport.FILE))
    _write(artifact, ServingReport.PAGE, render(report))
    _set_verdict(artifact, report)
    artifact.set_string_custom_property("backend", report.backend)


def _set_verdict(artifact: types.Artifact, report: Report) -> None:
    artifact.set_int_custom_property(BLESSED_PROPERTY, int(report.blessed))
    if report.reason:
        artifact.set_string_custom_property("reason", report.reason)


def _write(artifact: types.Artifact, name: str, text: str) -> None:
    with fileio.open(os.path.join(artifact.uri, name), "w") as file:
        file.write(text)
