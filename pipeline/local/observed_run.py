"""A run whose settings are known to be good, shown as it goes, to the summary at its end.

TensorFlow and TFX are imported inside functions, as in run.py.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from documents.run_record import RunRecord
from documents.terminal.short_path import short_path
from documents.workspace import Workspace
from pipeline import light_imports
from pipeline.data.dataset import Dataset
from pipeline.files.home import lend_home
from pipeline.local.display.serve_command import serve_command
from pipeline.local.display.summary import Summary, node_rows, summarize
from pipeline.local.display.terminal import Terminal
from pipeline.local.failures.failure import own_code, sentence
from pipeline.local.failures.interruption import Interruption
from pipeline.local.failures.shortage import shortage
from pipeline.local.nodes.result import NodeResult
from pipeline.local.nodes.side_by_side.executors import Executors
from pipeline.local.options import Options
from pipeline.local.team import Team
from pipeline.preflight import preflight
from pipeline.settings import (
    Settings,
    SettingsError,
    sample_config,
    sample_settings,
    settings_document,
)
from pipeline.tune.conclusion import conclude
from serving.base_path.errors import is_read_by_servers

if TYPE_CHECKING:
    from pipeline.local.store.run_store import SharedStore


@dataclasses.dataclass
class ObservedRun:
    """One run, and all that it needs."""

    options: Options
    settings: Settings
    workspace: Workspace
    base_path: str
    terminal: Terminal
    run_id: str
    log: Path
    interruption: Interruption
    shared: SharedStore | None
    team: Team
    executors: Executors
    _node: str | None = dataclasses.field(default=None, init=False)
    """That failed."""

    def summary(self) -> Summary:
        """Runs the pipeline; what fails on the way is shown and summed up.

        Raises:
          SettingsError: data do not fit the settings, or a node that is asked for cannot be run.
        """
        start = time.monotonic()
        try:
            summary = self._run(start)
        except SettingsError:
            raise
        except (Exception, KeyboardInterrupt) as error:
            logging.getLogger(__name__).exception("The run failed.")
            return self._failed(error, time.monotonic() - start)
        self.terminal.stop()
        if summary.tuning is None:
            self.terminal.summary(summary, _next_commands(summary, self.workspace, self.base_path))
        return summary

    def _run(self, start: float) -> Summary:
        options = self.options
        root = short_path(self.workspace.root)
        self.terminal.title(f"{self.settings.name} · {short_path(options.config)} → {root}")
        dataset = preflight.gather_data(self.settings)
        is_sample = dataset.source == "sample"
        document = settings_document(
            options.config, options.overrides, self.settings, sample=is_sample
        )
        config = options.config
        if is_sample:
            config = sample_config(self.settings) or config
            self.settings = sample_settings(self.settings, options.overrides)
        preflight.check_data(self.settings, dataset)
        results = self._results(dataset, document)
        summary = summarize(
            self.run_id,
            results,
            model=self.settings.name,
            seconds=time.monotonic() - start,
            log=str(self.log),
            spans=self.settings.data.has_spans,
        )
        if options.tune:
            return self._tuned(summary, results, config)
        models = [result.outputs["model"][0] for result in results if "model" in result.outputs]
        if models:
            from pipeline.local.display.request import write_request

            write_request(models[0].uri, self.workspace.request)
        return summary

    def _results(self, dataset: Dataset, document: dict[str, Any]) -> list[NodeResult]:
        options, settings, terminal = self.options, self.settings, self.terminal
        with light_imports.for_good():
            self.team.gather(terminal.note)
            places = preflight.gather_places(settings, self.workspace, self.base_path, dataset)

            lend_home()
            light_imports.postpone()
            from components.baseline.soundness import check_live_version
            from pipeline.evaluation import SIGNATURE
            from pipeline.local.nodes.launch import NodeFailedError, launch
            from pipeline.local.nodes.partial import PartialRunError
            from pipeline.local.store.record import commit
            from pipeline.local.workers import try_workers
            from pipeline.pipeline import create_pipeline
            from pipeline.preflight.live_labels import check_live_labels
            from serving.base_path.journal import demand_changeable

        if not options.tune:
            check_live_version(self.base_path, SIGNATURE, next(iter(settings.label.outputs)))
            demand_changeable(self.base_path)
            if options.serves:
                check_live_labels(settings.label, self.base_path)
        pipeline = create_pipeline(
            settings,
            places,
            cache=options.cache,
            tune=options.tune,
            # Of a part of the nodes the same ones run as one after another.
            at_once=self.executors.at_once and not (options.from_node or options.to_node),
        )
        if settings.beam.is_elsewhere:
            self.executors.get_ready()
            terminal.note(try_workers(settings, places, pipeline.beam_pipeline_args))
        try:
            return launch(
                pipeline,
                self.run_id,
                terminal,
                copies=self.workspace.copies,
                from_node=options.from_node,
                to_node=options.to_node,
                stopped=lambda: self.interruption.came,
                record=RunRecord(
                    command=tuple(options.command),
                    folder=_here(),
                    settings=document,
                    commit=commit(),
                ),
                store=self.shared,
                side_by_side=self.executors.side_by_side(),
            )
        except PartialRunError as error:
            raise SettingsError(str(error)) from error
        except NodeFailedError as failed:
            self._node = failed.node
            raise (failed.__cause__ or failed) from failed

    def _tuned(self, summary: Summary, results: Sequence[NodeResult], config: Path) -> Summary:
        options = self.options
        assert options.tune
        tuner = next(result for result in results if result.node == "Tuner")
        tuned, lines = conclude(
            options.tune,
            tuner.outputs["tuner_results"][0].uri,
            config,
            options.overrides,
            options.command,
            str(self.workspace.root),
        )
        self.terminal.stop()
        self.terminal.found(lines)
        return dataclasses.replace(summary, reason=tuned["headline"], tuning=tuned)

    def _failed(self, error: BaseException, seconds: float) -> Summary:
        """Shows and sums up why the run ended: Ctrl-C, the machine, or the error has to speak."""
        is_interrupted = self.interruption.came
        reason = "interrupted" if is_interrupted else machine_sentence(error, self.workspace)
        place = None if reason else own_code(error)
        reason = reason or sentence(error)
        command = self.options.command
        resume = shlex.join(argument for argument in command if argument != "--no-cache")
        self.terminal.stop()
        self.terminal.failure(
            self._node,
            reason,
            [
                *([f"at      {place}"] if place else []),
                f"log     {short_path(self.log)}",
                f"resume  {resume}",
            ],
        )
        return Summary(
            run_id=self.run_id,
            outcome="interrupted" if is_interrupted else "failed",
            reason=f"{self._node}: {reason}" if self._node else reason,
            model=self.settings.name,
            nodes=node_rows(self.terminal.results),
            seconds=round(seconds, 2),
            log=str(self.log),
            resume=resume,
        )


def machine_sentence(error: BaseException, workspace: Workspace) -> str | None:
    """What the machine lacks, if that is behind an error."""
    found = shortage(error, workspace.root, workspace.metadata)
    return found and f"{found[0].upper()}{found[1:]}"


def _here() -> str | None:
    try:
        return os.getcwd()
    except FileNotFoundError:  # it was deleted
        return None


def _next_commands(summary: Summary, workspace: Workspace, base_path: str) -> list[str]:
    """How to serve the live model and ask it something; empty when nothing was pushed.

    Where no model server here reads the base path, how to look at it.
    """
    if summary.outcome not in ("pushed", "already_live"):
        return []
    if not is_read_by_servers(base_path):
        return [f"python -m serving versions --base-path {shlex.quote(base_path)}"]
    return [
        serve_command(str(summary.model), base_path),
        f"curl -d @{shlex.quote(short_path(workspace.request))} "
        f"http://127.0.0.1:8501/v1/models/{summary.model}:predict",
    ]
