"""One run on this machine, from settings to exit code.

TensorFlow and TFX are imported inside functions: their imports take seconds and write to the
terminal, so they wait until the settings are known to be good and the output goes to the log.
"""

from __future__ import annotations

import dataclasses
import datetime
import logging
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pipeline import preflight
from pipeline.home import lend_home
from pipeline.local.failure import own_code, sentence
from pipeline.local.lock import RunLockedError, run_lock
from pipeline.local.log import output_to_log
from pipeline.local.serve_command import serve_command
from pipeline.local.short_path import short
from pipeline.local.summary import Summary, summarize
from pipeline.local.terminal import Terminal
from pipeline.root import find_root
from pipeline.settings import Settings, SettingsError, load_settings, sample_settings
from pipeline.workspace import Workspace

_TO_SERVING = (None, "ServingCheck", "Pusher")
"""Runs to here start a model server."""
PUSHED_OR_LIVE, ERROR, USAGE, REFUSED, INTERRUPTED = 0, 1, 2, 3, 130


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
    command: Sequence[str] = ()
    """The command line itself, printed to resume with."""


def run(options: Options) -> int:
    """Runs the pipeline, reporting on the way; returns the process's exit code.

    0 pushed or already live, 1 error, 2 usage or bad settings, 3 finished but refused, 130
    interrupted.
    """
    try:
        settings = load_settings(options.config, options.overrides)
        workspace = Workspace(find_root(options.root))
        base_path = preflight.check_places(settings, workspace)
        if options.to_node in _TO_SERVING:
            preflight.check_machine(settings)
        with run_lock(workspace.root):
            return _run_locked(options, settings, workspace, base_path)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return USAGE
    except RunLockedError as error:
        print(error, file=sys.stderr)
        return ERROR


def _run_locked(options: Options, settings: Settings, workspace: Workspace, base_path: str) -> int:
    run_id = datetime.datetime.now().strftime("%Y%m%dT%H%M%S.%f")
    log = workspace.logs / f"{run_id}.log"
    with output_to_log(log) as (output, errors):
        terminal = Terminal(errors if options.json else output)
        progress = logging.getLogger("progress")
        progress.addHandler(terminal)
        try:
            summary = _observed_run(options, settings, workspace, base_path, terminal, run_id, log)
        finally:
            terminal.stop()
            progress.removeHandler(terminal)
        if options.json:
            output.write(summary.as_json() + "\n")
    return _exit_code(summary)


def _observed_run(
    options: Options,
    settings: Settings,
    workspace: Workspace,
    base_path: str,
    terminal: Terminal,
    run_id: str,
    log: Path,
) -> Summary:
    start = time.monotonic()
    node: str | None = None
    try:
        terminal.title(f"{settings.name} · {short(options.config)} → {short(workspace.root)}")
        dataset = preflight.gather_data(settings)
        if dataset.source == "sample":
            settings = sample_settings(settings, options.overrides)
        preflight.check_data(settings, dataset)
        places = preflight.gather_places(settings, workspace, base_path, dataset)

        lend_home()
        from components.baseline.soundness import check_live_version
        from pipeline.evaluation import PREDICTION_KEY, SIGNATURE
        from pipeline.local.launch import NodeFailedError, launch
        from pipeline.local.partial import PartialRunError
        from pipeline.local.request import write_request
        from pipeline.pipeline import create_pipeline

        check_live_version(base_path, SIGNATURE, PREDICTION_KEY)
        try:
            results = launch(
                create_pipeline(settings, places, cache=options.cache),
                run_id,
                terminal,
                from_node=options.from_node,
                to_node=options.to_node,
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
            spans=settings.data.pattern is not None,
        )
        models = [r.outputs["model"][0] for r in results if "model" in r.outputs]
        if models:
            write_request(Path(models[0].uri), workspace.request)
    except SettingsError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        logging.getLogger(__name__).exception("The run failed.")
        return _failed(options, terminal, error, node, run_id, log)
    terminal.stop()
    terminal.summary(summary, _next_commands(summary, workspace, base_path))
    return summary


def _failed(
    options: Options,
    terminal: Terminal,
    error: BaseException,
    node: str | None,
    run_id: str,
    log: Path,
) -> Summary:
    interrupted = isinstance(error, KeyboardInterrupt)
    reason = "interrupted" if interrupted else sentence(error)
    resume = shlex.join(argument for argument in options.command if argument != "--no-cache")
    place = own_code(error)
    terminal.stop()
    terminal.failure(
        node,
        reason,
        [
            *([f"at      {place}"] if place and not interrupted else []),
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
    return {
        "failed": ERROR,
        "interrupted": INTERRUPTED,
        "refused": REFUSED,
        "withdrawn": REFUSED,
    }.get(summary.outcome, PUSHED_OR_LIVE)


def _next_commands(summary: Summary, workspace: Workspace, base_path: str) -> list[str]:
    """How to serve the live model and ask it something; empty when nothing was pushed."""
    if summary.outcome not in ("pushed", "already_live"):
        return []
    return [
        serve_command(str(summary.model), base_path),
        f"curl -d @{shlex.quote(short(workspace.request))} "
        f"http://127.0.0.1:8501/v1/models/{summary.model}:predict",
    ]
