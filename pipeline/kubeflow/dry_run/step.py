"""One task of a dry run: from the driver's decision to outputs in the object store."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pipeline.kubeflow.custom_job import RESOURCES
from pipeline.kubeflow.dry_run.compiled import Task
from pipeline.kubeflow.dry_run.containers import Containers
from pipeline.kubeflow.dry_run.custom_job import CustomJob
from pipeline.kubeflow.dry_run.driver import Finished, command_line, executor_input, launched
from pipeline.kubeflow.dry_run.fingerprint import cache_key, fingerprint
from pipeline.kubeflow.dry_run.process import Ended, Started, run_to_its_end
from pipeline.kubeflow.dry_run.training_cluster import TrainingCluster
from pipeline.kubeflow.dry_run.values import as_json, from_text
from pipeline.kubeflow.dry_run.work import Work
from pipeline.kubeflow.entry.adapt import LOGS, merge_driver_output
from pipeline.kubeflow.entry.local_paths import local_path
from pipeline.kubeflow.entrypoint import LAUNCHER_ROOT, READY
from pipeline.settings import REPOSITORY

State = Literal["done", "cached", "failed"]
Json = dict[str, Any]

PROJECT_FOLDER = "PYTHONPATH"
"""Environment variable of the container: where the project lies in the image."""
_FIXED = re.compile(re.escape(READY).replace(r"%\.2f", r"([\d.]+)"))


class StepFailedError(RuntimeError):
    """A step crashed, timed out, was killed, or left outputs that nobody could pass on."""

    def __init__(self, reason: str, log: Path, ended: Ended):
        super().__init__(reason)
        self.log = log
        self.ended = ended


@dataclasses.dataclass(frozen=True)
class Step:
    """How a task went."""

    task: str
    state: State
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    fixed_cpu_seconds: float | None = None
    """From process start until the executor began, as our entry point tells; None where it shared
    an interpreter, and for what is no executor."""


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """What is the same for every step of a run."""

    work: Work
    pipeline: str
    """Its name: caches are its own."""
    oss: bool
    parameters: Mapping[str, Any]
    root: str
    """Pipeline root of this run, with its name and id."""
    timeout: float
    use_cache: bool
    containers: Containers


def run_task(task: Task, finished: Finished, around: Surroundings) -> tuple[Step, Json]:
    """Runs `task`, or finds it in the cache; returns how it went and what it left.

    Raises:
      StepFailedError: it did not end well; nothing of it is kept.
      DryRunError: its inputs cannot be resolved.
    """
    if "importer" in task.executor:
        return Step(task.name, "done"), _import(task, around)
    folder = around.work.fresh_step(task.name)
    runner = _Runner(task, around, folder)
    task_root = f"{around.root}/{task.name}/{uuid.uuid4()}"
    # Vertex's is below the pipeline root; it is a local file here in any case.
    kept_in = Path(local_path(task_root, str(runner.root))) if around.oss else runner.temporary
    document = executor_input(
        task,
        finished,
        around.parameters,
        oss=around.oss,
        task_root=task_root,
        output_file=str(kept_in / "output_metadata.json"),
        parameter_folder=str(runner.temporary / "kfp" / "outputs"),
    )
    if not around.oss:
        document = runner.before_cache(document)
    key = f"{around.pipeline}-{fingerprint(cache_key(task, document))}"
    known = around.work.cached(key) if task.cache and around.use_cache else None
    if known is not None:
        return Step(task.name, "cached"), known
    document = launched(task, document)
    ended = runner.container(document)
    left = runner.collect(document, ended)
    if task.cache:
        around.work.keep_cached(key, left)
    fixed = _FIXED.search(runner.log.read_text(errors="replace"))
    return (
        Step(
            task.name,
            "done",
            round(ended.seconds, 2),
            round(ended.cpu_seconds, 2),
            float(fixed[1]) if fixed and not around.containers.cpu_seconds else None,
        ),
        left,
    )


class _Runner:
    """Launcher of one task: moves artifacts, runs the commands."""

    def __init__(self, task: Task, around: Surroundings, folder: Path):
        self.task = task
        self.around = around
        self.root = folder / "root"
        self.temporary = self.root / "tmp"
        self.folder = folder
        self.log = folder / "log.txt"

    def before_cache(self, document: Json) -> Json:
        """Vertex runs ExampleGen's hook before it looks into its cache; the others ignore it."""
        hook = self.task.container.get("lifecycle", {}).get("preCacheCheck")
        if not hook:
            return document
        self._run(hook, document)
        output = self._output(document)
        stored: Json = self._stored(merge_driver_output(document, output))
        return stored

    def container(self, document: Json) -> Ended:
        store = self.around.work.store
        for found in document["inputs"].get("artifacts", {}).values():
            for artifact in found["artifacts"]:
                if self.around.oss:
                    store.download(artifact["uri"], self._local(artifact["uri"]))
        return self._run(self.task.container, document)

    def collect(self, document: Json, ended: Ended) -> Json:
        """What the task left, its artifacts uploaded."""
        output = self._output(document)
        artifacts = {}
        for key, found in document["outputs"].get("artifacts", {}).items():
            if key == LOGS:
                # Kubeflow counts it among its artifacts.
                self.around.work.next_name()
                self.around.work.store.upload(self.log, found["artifacts"][0]["uri"])
                continue
            [artifact] = found["artifacts"]
            written = output.get("artifacts", {}).get(key, {}).get("artifacts", [{}])[0]
            uri = self._stored(written.get("uri") or artifact["uri"])
            if "://" not in uri and self.around.oss:
                raise StepFailedError(
                    f"left output {key} in {uri}, which the launcher cannot upload", self.log, ended
                )
            if self.around.oss:
                self.around.work.store.upload(self._local(uri), uri)
            artifacts[key] = {
                "name": self.around.work.next_name(),
                "type": artifact["type"],
                "uri": uri,
                "metadata": self._stored(
                    {**artifact.get("metadata", {}), **written.get("metadata", {})}
                ),
            }
        return {
            "artifacts": artifacts,
            "parameters": {
                **self._written_parameters(document, output, ended),
                **self._stored(as_json(output.get("parameterValues", {}))),
            },
        }

    def _written_parameters(self, document: Json, output: Json, ended: Ended) -> Json:
        """Output parameters that are no part of the ExecutorOutput, from their files."""
        written = {}
        declared = self.task.declared("output", "parameters")
        for key, found in document["outputs"].get("parameters", {}).items():
            if key in output.get("parameterValues", {}):
                continue
            kind = declared[key]["parameterType"]
            try:
                written[key] = from_text(Path(found["outputFile"]).read_text(), kind)
            except (OSError, ValueError) as error:
                raise StepFailedError(
                    f"left no {kind} as output parameter {key}: {error}", self.log, ended
                ) from error
        return written

    def _run(self, container: Mapping[str, Any], document: Json) -> Ended:
        command = [
            self._here(argument) for argument in command_line(container, self._given(document))
        ]
        if command[0] in ("python", "python3"):
            command[0] = sys.executable
        outputs = document["outputs"]
        for file in [outputs, *outputs.get("parameters", {}).values()]:
            Path(file["outputFile"]).parent.mkdir(parents=True, exist_ok=True)
        ended = self._to_its_end(command)
        if ended.failure:
            raise StepFailedError(ended.failure, self.log, ended)
        if self.task.machines:
            # Google's launcher writes which job it was.
            Path(outputs["parameters"][RESOURCES]["outputFile"]).write_text("{}")
        return ended

    def _to_its_end(self, command: Sequence[str]) -> Ended:
        environment, folder = self._environment(), self.folder / "cwd"

        def start(more: Mapping[str, str]) -> Started:
            every, log = {**environment, **more}, self.log
            return self.around.containers.start(self.task, command, every, folder, log)

        try:
            started: Started
            if self.task.machines:
                count = self.task.machines
                started = CustomJob(count, command, environment, folder, self.log)
            elif self.task.makes_training_job:
                started = TrainingCluster(start, environment, folder, self.log)
            else:
                started = start({})
        except OSError as error:
            return Ended(0.0, 0.0, f"cannot start {command[0]}: {error.strerror}")
        return run_to_its_end(started, self.around.timeout)

    def _given(self, document: Json) -> Json:
        """The document with what lies in the object store where this machine can read it.

        A step on open-source Kubeflow finds its artifacts at the launcher's local paths, so only
        parameters are mapped; on Vertex it reads the object store itself.
        """
        if not self.around.oss:
            mapped: Json = self.around.work.store.mapped(document)
            return mapped
        inputs = dict(document["inputs"])
        if "parameterValues" in inputs:
            inputs["parameterValues"] = self.around.work.store.mapped(inputs["parameterValues"])
        return {**document, "inputs": inputs}

    def _stored(self, value: Any) -> Any:
        return self.around.work.store.unmapped(value)

    def _output(self, document: Json) -> Json:
        file = Path(document["outputs"]["outputFile"])
        return json.loads(file.read_text()) if file.exists() else {}

    def _local(self, uri: str) -> Path:
        return Path(local_path(uri, str(self.root)))

    def _here(self, text: str) -> str:
        """`text` with the project's folder in the image made the one of this repository."""
        folder = self.task.variables.get(PROJECT_FOLDER)
        if not folder:
            return text
        return re.sub(
            rf"(?<![\w/.-]){re.escape(folder)}(?![\w.-])", lambda _: str(REPOSITORY), text
        )

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            LAUNCHER_ROOT: str(self.root),
            **self.task.variables,
            # Stands for the project inside the image, and for the user's code that lies there.
            PROJECT_FOLDER: os.pathsep.join(filter(None, [str(REPOSITORY), _users_folders()])),
        }


def _users_folders() -> str:
    """Where this process finds the user's code: its settings are known to no compiled file."""
    return os.environ.get("PYTHONPATH", "")


def _import(task: Task, around: Surroundings) -> Json:
    """An importer's artifact: something that lies there already."""
    importer = task.executor["importer"]
    source = importer["artifactUri"]
    uri = source.get("constant") or around.parameters[source["runtimeParameter"]]
    [(key, definition)] = task.declared("output", "artifacts").items()
    artifact = {
        "name": around.work.next_name(),
        "type": definition["artifactType"],
        "uri": uri,
        "metadata": importer.get("metadata", {}),
    }
    return {"artifacts": {key: artifact}, "parameters": {}}
