"""One run on this machine, from settings to exit code.

TensorFlow and TFX are imported inside functions: their imports take seconds and write to the
terminal, so they wait until the settings are known to be good and the output goes to the log.
"""

from __future__ import annotations

import datetime
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from documents.bucket_addresses import note_address
from documents.place_id import one_place
from documents.run_owner import RunOwner
from documents.store_address import AddressError, write_address
from documents.workspace import Workspace
from models.training.cluster import Cluster
from pipeline import light_imports
from pipeline.files.home import lend_home
from pipeline.local.display.summary import Summary
from pipeline.local.display.terminal import Terminal
from pipeline.local.failures.interruption import Interruption
from pipeline.local.lock import RunLockedError, run_lock
from pipeline.local.log import output_to_log
from pipeline.local.nodes.side_by_side.executors import Executors
from pipeline.local.observed_run import ObservedRun, machine_sentence
from pipeline.local.options import Options
from pipeline.local.scratch import scratch_folder
from pipeline.local.store.sqlite_file import StoreError, check_store
from pipeline.local.team import Team, train_along
from pipeline.preflight import preflight
from pipeline.preflight.machine import check_machine, check_python, training_cluster
from pipeline.preflight.root import find_root
from pipeline.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from pipeline.local.store.run_store import SharedStore

PUSHED_OR_LIVE, ERROR, USAGE, REFUSED = 0, 1, 2, 3


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
        check_python()
        settings = load_settings(options.config, options.overrides)
        cluster = training_cluster(settings)
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
        if options.serves:
            check_machine(settings)
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
        print(machine_sentence(error, Workspace(root)) or f"{error}.", file=sys.stderr)
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
                if settings.pipeline_root is not None:
                    note_address(workspace.root, settings.pipeline_root)
                team = Team(cluster)
                summary = ObservedRun(
                    options=options,
                    settings=settings,
                    workspace=workspace,
                    base_path=base_path,
                    terminal=terminal,
                    run_id=run_id,
                    log=log,
                    interruption=interruption,
                    shared=shared,
                    team=team,
                    executors=executors,
                ).summary()
                team.dismiss(summary.outcome)
                _record_end(shared, workspace, run_id, summary)
        finally:
            terminal.stop()
            progress.removeHandler(terminal)
        if options.json:
            output.write(summary.as_json() + "\n")
    return interruption.exit_code if summary.outcome == "interrupted" else _exit_code(summary)


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
        import pipeline.local.nodes.launch
        import pipeline.pipeline  # noqa: F401
        from pipeline.local.store.run_store import SharedStore

    # A connection may bring threads.
    executors.get_ready()
    owner = RunOwner.this(workspace.root, one_place(workspace.identity))
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
    from pipeline.local.store.record import end
    from pipeline.local.store.run_store import OwnStore

    store = shared or OwnStore(workspace.metadata)
    end(store.connection, run_id, summary.outcome, summary.reason)


def _exit_code(summary: Summary) -> int:
    if summary.tuning is not None:
        return PUSHED_OR_LIVE if summary.tuning["proposal"] else REFUSED
    return {
        "failed": ERROR,
        "refused": REFUSED,
        "withdrawn": REFUSED,
    }.get(summary.outcome, PUSHED_OR_LIVE)
