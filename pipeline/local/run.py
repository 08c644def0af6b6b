"""One run on this machine, from settings to exit code.

TensorFlow and TFX are imported inside functions: their imports take seconds and write to the
terminal, so they wait until the settings are known to be good and the output goes to the log.
"""

from __future__ import annotations

import dataclasses
import datetime
import logging
import os
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from documents.run_owner import RunOwner
from documents.run_record import RunRecord
from documents.store_address import AddressError, write_address
from documents.workspace import Workspace
from models.cluster import Cluster
from pipeline import light_imports, preflight
from pipeline.home import lend_home
from pipeline.local.failure import own_code, sentence
from pipeline.local.interruption import Interruption
from pipeline.local.lock import RunLockedError, run_lock
from pipeline.local.log import output_to_log
from pipeline.local.scratch import scratch_folder
from pipeline.local.serve_command import serve_command
from pipeline.local.short_path import short
from pipeline.local.shortage import shortage
from pipeline.local.side_by_side.executors import Executors
from pipeline.local.store import StoreError, check_store
from pipeline.local.summary import Summary, summarize
from pipeline.local.team import Team, train_along
from pipeline.local.terminal import Terminal
from pipeline.root import find_root
from pipeline.settings import (
    Settings,
    SettingsError,
    load_settings,
    sample_config,
    sample_settings,
    settings_document,
)
from pipeline.tune.conclusion import conclude
from pipeline.tune.options import TuneOptions
from serving.base_path.errors import is_read_by_servers

if TYPE_CHECKING:
    from pipeline.local.run_store import SharedStore

_TO_SERVING = (None, "ServingCheck", "Pusher", "Variants")
"""Runs to here start a model server."""
PUSHED_OR_LIVE, ERROR, USAGE, REFUSED = 0, 1, 2, 3


@dataclasses.dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    config: Path
    root: str | Path
    overrides: Sequence[str] = ()
    from_node: str | None = None
    to_node: str | None = None
    cache: bool = True
    json: bool = False
    jobs: int | None = 1
    """How many nodes may run at the same time; None: as processors and memory allow."""
    command: Sequence[str] = ()
    """The command line itself, printed to resume with."""
    tune: TuneOptions | None = None
    """Searches settings instead of making a model."""


def run(options: Options) -> int:
    """Runs the pipeline, reporting on the way; returns the process's exit code.

    0 pushed or already live, 1 error, 2 usage or bad settings, 3 finished but refused, 130
    interrupted by Ctrl-C (128 more than the signal).
    """
    with Interruption() as interruption:
        try:
            return _run(options, interruption)
        except KeyboardInterrupt:
            print("Interrupted before anything was done.", file=sys.stderr)
            return interruption.exit_code


def _run(options: Options, interruption: Interruption) -> int:
    root: Path | None = None
    try:
        preflight.check_python()
        settings = load_settings(options.config, options.overrides)
        cluster = preflight.training_cluster(settings)
        if cluster and options.tune:
            raise SettingsError(
                f"Setting `training.strategy` = {settings.training.strategy} is of one training,"
                " and `tune` makes many, each in this process; add --set training.strategy=none,"
                " and unset TF_CONFIG."
            )
        root = find_root(options.root)
        workspace = Workspace(root)
        base_path = preflight.check_places(settings, workspace)
        if cluster and cluster.rank:
            return train_along(cluster, workspace, interruption, as_json=options.json)
        if options.to_node in _TO_SERVING and not options.tune:
            preflight.check_machine(settings)
        with run_lock(workspace.root), scratch_folder():
            if settings.metadata.store is None:
                check_store(workspace.metadata)
            return _run_locked(options, settings, workspace, base_path, cluster, interruption)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return USAGE
    except (RunLockedError, StoreError) as error:
        print(error, file=sys.stderr)
        return ERROR
    except OSError as error:
        if root is None:
            raise
        # Of what is written beside the nodes: the lock, the log, temporary files.
        print(_machine_sentence(error, Workspace(root)) or f"{error}.", file=sys.stderr)
        return ERROR


def _run_locked(
    options: Options,
    settings: Settings,
    workspace: Workspace,
    base_path: str,
    cluster: Cluster | None,
    interruption: Interruption,
) -> int:
    run_id = datetime.datetime.now().strftime("%Y%m%dT%H%M%S.%f")
    log = workspace.logs / f"{run_id}.log"
    with output_to_log(log) as (output, errors):
        terminal = Terminal(errors if options.json else output)
        progress = logging.getLogger("progress")
        progress.addHandler(terminal)
        try:
            # The processes of one training have found each other, so theirs cannot be a new one.
            with Executors(options.jobs, bound=cluster is not None) as executors:
                shared = _shared_store(settings, workspace, executors)
                team = Team(cluster)
                summary = _observed_run(
                    *(options, settings, workspace, base_path, terminal, run_id, log),
                    *(interruption, shared, team, executors),
                )
                team.dismiss(summary.outcome)
                _record_end(shared, workspace, run_id, summary)
        finally:
            terminal.stop()
            progress.removeHandler(terminal)
        if options.json:
            output.write(summary.as_json() + "\n")
    return interruption.exit_code if summary.outcome == "interrupted" else _exit_code(summary)


def _observed_run(
    options: Options,
    settings: Settings,
    workspace: Workspace,
    base_path: str,
    terminal: Terminal,
    run_id: str,
    log: Path,
    interruption: Interruption,
    shared: SharedStore | None,
    team: Team,
    executors: Executors,
) -> Summary:
    start = time.monotonic()
    node: str | None = None
    try:
        terminal.title(f"{settings.name} · {short(options.config)} → {short(workspace.root)}")
        dataset = preflight.gather_data(settings)
        document = settings_document(
            options.config, options.overrides, settings, sample=dataset.source == "sample"
        )
        config = options.config
        if dataset.source == "sample":
            config = sample_config(settings) or config
            settings = sample_settings(settings, options.overrides)
        preflight.check_data(settings, dataset)
        with light_imports.for_good():
            team.gather(terminal.note)
            places = preflight.gather_places(settings, workspace, base_path, dataset)

            lend_home()
            from components.baseline.soundness import check_live_version
            from pipeline.evaluation import SIGNATURE
            from pipeline.local.launch import NodeFailedError, launch
            from pipeline.local.partial import PartialRunError
            from pipeline.local.record import commit
            from pipeline.local.request import write_request
            from pipeline.local.workers import try_workers
            from pipeline.pipeline import create_pipeline
            from serving.base_path.journal import demand_changeable

        if not options.tune:
            check_live_version(base_path, SIGNATURE, next(iter(settings.label.outputs)))
            demand_changeable(base_path)
        pipeline = create_pipeline(
            settings,
            places,
            cache=options.cache,
            tune=options.tune,
            # Of a part of the nodes the same ones run as one after another.
            at_once=executors.at_once and not (options.from_node or options.to_node),
        )
        if settings.beam.is_elsewhere:
            executors.get_ready()
            terminal.note(try_workers(settings, places, pipeline.beam_pipeline_args))
        try:
            results = launch(
                pipeline,
                run_id,
                terminal,
                from_node=options.from_node,
                to_node=options.to_node,
                stopped=lambda: interruption.came,
                record=RunRecord(
                    command=tuple(options.command),
                    folder=_here(),
                    settings=document,
                    commit=commit(),
                ),
                store=shared,
                side_by_side=executors.side_by_side(),
            )
        except PartialRunError as error:
            raise SettingsError(str(error)) from error
        except NodeFailedError as failed:
            node = failed.node
            raise (failed.__cause__ or failed) from failed
        summary = summarize(
            run_id,
            results,
            model=settings.name,
            seconds=time.monotonic() - start,
            log=str(log),
            spans=settings.data.has_spans,
        )
        if options.tune:
            tuned, lines = conclude(
                options.tune,
                results,
                config,
                options.overrides,
                options.command,
                str(workspace.root),
            )
            terminal.stop()
            terminal.found(lines)
            return dataclasses.replace(summary, reason=tuned["headline"], tuning=tuned)
        models = [r.outputs["model"][0] for r in results if "model" in r.outputs]
        if models:
            write_request(Path(models[0].uri), workspace.request)
    except SettingsError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        logging.getLogger(__name__).exception("The run failed.")
        reason = "interrupted" if interruption.came else _machine_sentence(error, workspace)
        return _failed(options, terminal, error, node, run_id, log, reason, interruption.came)
    terminal.stop()
    terminal.summary(summary, _next_commands(summary, workspace, base_path))
    return summary


def _here() -> str | None:
    try:
        return os.getcwd()
    except FileNotFoundError:  # it was deleted
        return None


def _shared_store(
    settings: Settings, workspace: Workspace, executors: Executors
) -> SharedStore | None:
    """The store that the settings name, after it has answered; None: the one in ROOT.

    Raises:
      StoreError: it does not.
    """
    try:
        address = settings.metadata.address
    except AddressError as error:
        raise StoreError(str(error)) from error
    if address is None:
        write_address(workspace.root, None)
        return None
    lend_home()
    with light_imports.for_good():
        import pipeline.local.launch
        import pipeline.pipeline  # noqa: F401
        from pipeline.local.run_store import SharedStore

    # A connection may bring threads.
    executors.get_ready()
    owner = RunOwner.this(workspace.root)
    store = SharedStore(address, settings.metadata.patience_seconds, owner)
    with store.connection:
        write_address(workspace.root, address)
    return store


def _record_end(
    shared: SharedStore | None, workspace: Workspace, run_id: str, summary: Summary
) -> None:
    if shared is None and not workspace.metadata.exists():
        return
    if shared and shared.connection.is_gone:
        return  # It was waited for already.
    from pipeline.local.record import end
    from pipeline.local.run_store import OwnStore

    store = shared or OwnStore.in_file(workspace.metadata)
    end(store.connection, run_id, summary.outcome, summary.reason)


def _machine_sentence(error: BaseException, workspace: Workspace) -> str | None:
    found = shortage(error, workspace.root, workspace.metadata)
    return found and f"{found[0].upper()}{found[1:]}"


def _failed(
    options: Options,
    terminal: Terminal,
    error: BaseException,
    node: str | None,
    run_id: str,
    log: Path,
    reason: str | None,
    interrupted: bool,
) -> Summary:
    """Shows and sums up why the run ended; without a `reason` the error has to speak."""
    place = None if reason else own_code(error)
    reason = reason or sentence(error)
    resume = shlex.join(argument for argument in options.command if argument != "--no-cache")
    terminal.stop()
    terminal.failure(
        node,
        reason,
        [
            *([f"at      {place}"] if place else []),
            f"log     {short(log)}",
            f"resume  {resume}",
        ],
    )
    return Summary(
        run_id=run_id,
        outcome="interrupted" if interrupted else "failed",
        reason=f"{node}: {reason}" if node else reason,
        log=str(log),
        resume=resume,
    )


def _exit_code(summary: Summary) -> int:
    if summary.tuning is not None:
        return PUSHED_OR_LIVE if summary.tuning["proposal"] else REFUSED
    return {
        "failed": ERROR,
        "refused": REFUSED,
        "withdrawn": REFUSED,
    }.get(summary.outcome, PUSHED_OR_LIVE)


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
        f"curl -d @{shlex.quote(short(workspace.request))} "
        f"http://127.0.0.1:8501/v1/models/{summary.model}:predict",
    ]
