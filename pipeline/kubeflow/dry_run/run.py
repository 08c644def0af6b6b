"""A dry run from file to exit code."""

from __future__ import annotations

import contextlib
import dataclasses
import json as json_format
import logging
import shlex
import signal
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from documents.shown import shown
from documents.terminal.short_path import short_path
from pipeline.kubeflow.dry_run.compiled import (
    OSS_DEFAULT_ROOT,
    Compiled,
    DryRunError,
    Task,
    read_compiled,
)
from pipeline.kubeflow.dry_run.containers import Containers
from pipeline.kubeflow.dry_run.outcome import Outcome, read_outcome
from pipeline.kubeflow.dry_run.report import Report
from pipeline.kubeflow.dry_run.step import Step, StepFailedError, Surroundings, run_task
from pipeline.kubeflow.dry_run.work import Work

Emulate = Literal["oss", "vertex"]

DONE, ERROR, USAGE, REFUSED, INTERRUPTED = 0, 1, 2, 3, 130

_LAST_LINES = 15
_ROOTS = ("gs://", "s3://", "minio://", "oci://")


def dry_run(
    file: Path,
    *,
    emulate: Emulate,
    only: Sequence[str] = (),
    parameters: Mapping[str, Any] | None = None,
    pipeline_root: str | None = None,
    work: Path,
    json: bool = False,
    timeout: float = 3_600.0,
    separate: bool = False,
) -> int:
    """Executes the compiled `file` task by task and reports; returns the exit code.

    0 finished, 1 a step failed, 2 the file or the arguments cannot be used, 3 finished and the
    model was refused, 130 interrupted.

    Args:
      emulate: whose driver and launcher the tasks meet.
      only: tasks to run again on what the others left in `work`.
      parameters: the pipeline's parameters, over their defaults.
      pipeline_root: of the run, as it is given when one is created. Open-source Kubeflow does not
        read the one in the file; Vertex does.
      work: folder for artifacts, logs and the object store; kept.
      json: the result goes to standard output as JSON, progress to standard error.
      timeout: seconds that a single step may take.
      separate: starts Python anew for each step, as a container does. Else it is started once, and
        each step is a fork of it.
    """
    report = Report(sys.stderr if json else sys.stdout)
    command = _command(file, emulate, parameters or {}, pipeline_root, work)
    try:
        compiled = read_compiled(file)
        root, why = _root(compiled, emulate, pipeline_root)
        _check(compiled, emulate, only, parameters or {}, root)
        run = _Run(
            compiled, emulate, only, {**compiled.parameters, **(parameters or {})}, root, work
        )
        report.line(f"artifacts below {root}: {why}")
        with _terminated_as_interrupted():
            code = run.execute(report, command, timeout, separate)
    except DryRunError as error:
        print(error, file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        report.line("interrupted")
        return INTERRUPTED
    if json:
        print(json_format.dumps(run.result(), indent=1))
    return code


class _Run:
    def __init__(
        self,
        compiled: Compiled,
        emulate: Emulate,
        only: Sequence[str],
        parameters: Mapping[str, Any],
        root: str,
        work: Path,
    ):
        self.compiled = compiled
        self.emulate = emulate
        self.only = only
        self.parameters = parameters
        self.root = root
        self.work = Work(work)
        self.steps: list[Step] = []
        self.interpreter_cpu_seconds = 0.0
        self.failure: dict[str, Any] | None = None
        self.outcome: Outcome | None = None

    def execute(
        self, report: Report, command: Sequence[str], timeout: float, separate: bool
    ) -> int:
        tasks = self._chosen()
        containers = Containers(tasks, self.work.fresh("interpreter"), shared=not separate)
        with contextlib.closing(containers):
            return self._execute(tasks, containers, report, command, timeout)

    def _execute(
        self,
        tasks: Sequence[Task],
        containers: Containers,
        report: Report,
        command: Sequence[str],
        timeout: float,
    ) -> int:
        around = Surroundings(
            work=self.work,
            pipeline=self.compiled.name,
            oss=self.emulate == "oss",
            parameters=self.parameters,
            root=f"{self.root.rstrip('/')}/{self.compiled.name}/{uuid.uuid4()}",
            timeout=timeout,
            use_cache=not self.only,
            containers=containers,
        )
        self._check_data()
        where = short_path(self.work.folder)
        report.line(f"{self.compiled.name}, as on {_NAMES[self.emulate]} → {where}")
        finished = self.work.finished()
        for task in tasks:
            self.work.forget(task.name)
            finished.pop(task.name, None)
        for task in tasks:
            report.started(task.name)
            try:
                step, left = run_task(task, finished, around)
            except StepFailedError as failed:
                self._failed(task, failed, report, command)
                return ERROR
            self.work.keep(task.name, left)
            finished[task.name] = left
            self.steps.append(step)
            report.finished(step)
        known = {task.name for task in self.compiled.tasks}
        self.outcome = read_outcome(
            {name: left for name, left in finished.items() if name in known}, self.work.store
        )
        self.interpreter_cpu_seconds = round(containers.cpu_seconds, 2)
        report.total(self.steps, self.interpreter_cpu_seconds)
        report.outcome(self.outcome)
        return REFUSED if self.outcome.decision in ("refused", "withdrawn") else DONE

    def _chosen(self) -> list[Task]:
        tasks = [task for task in self.compiled.tasks if not self.only or task.name in self.only]
        there = set(self.work.finished())
        for task in tasks:
            missing = sorted(task.needs - there - {task.name for task in tasks})
            if missing:
                raise DryRunError(
                    f"--only {task.name}: {', '.join(missing)} left nothing in "
                    f"{short_path(self.work.folder)}; run once without --only."
                )
        return tasks

    def _check_data(self) -> None:
        """Data that is not where the steps will look costs a sentence, not a step."""
        for task in self.compiled.tasks:
            source = task.inputs.get("parameters", {}).get("input_base", {})
            uri = source.get("runtimeValue", {}).get("constant") or self.parameters.get(
                source.get("componentInputParameter", "")
            )
            if isinstance(uri, str) and "://" in uri and not self.work.store.path(uri).exists():
                raise DryRunError(
                    f"{uri} stands for {short_path(self.work.store.path(uri))}, which does not"
                    " exist; copy the data there, or name a folder with --param data=FOLDER."
                )

    def _failed(
        self, task: Task, failed: StepFailedError, report: Report, command: Sequence[str]
    ) -> None:
        lines = failed.log.read_text(errors="replace").splitlines() if failed.log.exists() else []
        again = shlex.join([*command, "--only", task.name])
        self.steps.append(
            Step(
                task.name,
                "failed",
                round(failed.ended.seconds, 2),
                round(failed.ended.cpu_seconds, 2),
            )
        )
        self.failure = {
            "task": task.name,
            "reason": str(failed),
            "log": str(failed.log),
            "last_lines": lines[-_LAST_LINES:],
            "again": again,
        }
        report.failed(self.steps[-1], self.failure, task.retries)

    def result(self) -> dict[str, Any]:
        return {
            "pipeline": self.compiled.name,
            "emulate": self.emulate,
            "pipeline_root": self.root,
            "work": str(self.work.folder),
            "steps": [dataclasses.asdict(step) for step in self.steps],
            "interpreter_cpu_seconds": self.interpreter_cpu_seconds,
            "outcome": dataclasses.asdict(self.outcome) if self.outcome else None,
            "failure": self.failure,
        }


_NAMES: Mapping[Emulate, str] = {"oss": "open-source Kubeflow Pipelines", "vertex": "Vertex AI"}


def _check(
    compiled: Compiled,
    emulate: Emulate,
    only: Sequence[str],
    parameters: Mapping[str, Any],
    root: str,
) -> None:
    names = [task.name for task in compiled.tasks]
    for name in only:
        if name not in names:
            raise DryRunError(
                f"--only {name}: there is no such task; choose one of {', '.join(names)}."
            )
    for name in parameters:
        if name not in compiled.parameters:
            known = ", ".join(sorted(compiled.parameters)) or "none"
            raise DryRunError(f"--param {name}: the pipeline's parameters are: {known}.")
    if not root.startswith(_ROOTS):
        raise DryRunError(
            f"The pipeline root {shown(root)} is none of {', '.join(_ROOTS)}; give another "
            "--pipeline-root."
        )
    for task in compiled.tasks:
        kinds = {"container", "importer"} & set(task.executor)
        if not kinds:
            raise DryRunError(
                f"Task {task.name} is a {', '.join(task.executor)}, which {_NAMES[emulate]} does "
                "not run here; use a container."
            )
        if "container" in kinds and task.machines and emulate == "oss":
            raise DryRunError(
                f"Task {task.name} starts a custom job of Vertex AI, which {_NAMES[emulate]} has "
                "not; try it with --emulate vertex, or compile with --target oss."
            )
        if task.makes_training_job and emulate == "vertex":
            raise DryRunError(
                f"Task {task.name} makes a TFJob, which {_NAMES[emulate]} has not; try it with "
                "--emulate oss, or compile with --target vertex."
            )


def _root(compiled: Compiled, emulate: Emulate, given: str | None) -> tuple[str, str]:
    """The pipeline root that holds for the run, and why that one."""
    if given:
        return given, "--pipeline-root"
    if emulate == "vertex" and compiled.root:
        return compiled.root, "the file's defaultPipelineRoot"
    why = "Kubeflow's own, for there is no --pipeline-root"
    if compiled.root:
        why = (
            "Kubeflow's own, which does not read the file's defaultPipelineRoot "
            f"{compiled.root}; `submit` gives that, as does --pipeline-root here"
        )
    return OSS_DEFAULT_ROOT, why


def _command(
    file: Path,
    emulate: Emulate,
    parameters: Mapping[str, Any],
    pipeline_root: str | None,
    work: Path,
) -> list[str]:
    given = [f"--param={name}={value}" for name, value in parameters.items()]
    if pipeline_root:
        given.append(f"--pipeline-root={pipeline_root}")
    return [
        *(short_path(sys.executable), "kubeflow_runner.py", "dry-run", short_path(file)),
        *("--emulate", emulate, "--work", short_path(work), *given),
    ]


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Lets a request to end reach the steps like Ctrl-C; without it they would be orphans."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        logging.getLogger(__name__).info("Ended by signal %d.", number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
