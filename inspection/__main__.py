"""`python -m inspection COMMAND`: what happened, why, and what is live."""

from __future__ import annotations

import gc
import os
import signal

# Modules and records make no cycles, and looking for some takes a third of the time.
gc.disable()

# Nothing here multiplies matrices, for which numpy would start a thread on every processor.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Until there is something to clean up, Ctrl-C just ends the process, without a trace.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from documents.environment.search_path import put_pythonpath_last

put_pythonpath_last()

import argparse
import datetime
import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from documents.reader import noticed
from documents.terminal.console import FAILED, ending_at_ctrl_c, program
from inspection.commands.options import STORE, parser, with_orders
from inspection.files.workspace import Workspace
from inspection.no_answer import NoAnswerError
from inspection.questions.executions.killed import settle
from inspection.reply import Reply, as_json, as_text
from inspection.store import StoreError, open_history
from serving.base_path.errors import BasePathError
from serving.base_path.storage import is_remote

if TYPE_CHECKING:
    from inspection.commands.sources import Sources

_WITHOUT_STORE = ("serving.served", "models.why", "models.rebuild")


@program
def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    options = parser(_answer, _explore).parse_args(
        with_orders(sys.argv[1:] if arguments is None else arguments)
    )
    try:
        return int(options.act(options))
    except (NoAnswerError, BasePathError) as error:
        print(error, file=sys.stderr)
        return error.code if isinstance(error, NoAnswerError) else FAILED
    except KeyboardInterrupt:
        return 130


def _answer(options: argparse.Namespace) -> int:
    with noticed() as damage:
        reply = _command(options.command)(_sources(options), options)
    if options.json:
        sys.stdout.writelines(as_json(reply, damage))
    else:
        print(as_text(reply))
    return int(reply.code)


def _command(name: str) -> Callable[[Sources, argparse.Namespace], Reply]:
    """Of `inspection.commands`: imported when it is given, since others need other modules."""
    module, _, function = name.partition(".")
    with ending_at_ctrl_c():
        commands = importlib.import_module(f"inspection.commands.{module}")
    found: Callable[[Sources, argparse.Namespace], Reply] = getattr(commands, function)
    return found


def _explore(options: argparse.Namespace) -> int:
    # What only this command needs takes as long to import as all the rest.
    from inspection.commands.sources import QuestionError
    from inspection.web.app import App
    from inspection.web.source import Source
    from serving.pages.site import PortError, hosts_of, serve

    workspace = _workspace(options)
    source = Source(
        lambda: open_history(options.store),
        workspace,
        options.base_path,
        options.tensorboard,
        options.url,
    )
    address = source.now().history.address  # says what is wrong before anything listens
    app = App(source, hosts_of(options.host))
    app.warm_up()
    gc.freeze()  # what was read so far stays
    gc.enable()
    try:
        serve(app, options.host, options.port, address, open_page=options.open)
    except PortError as error:
        raise QuestionError(str(error)) from error
    return 0


def _sources(options: argparse.Namespace) -> Sources:
    from inspection.commands.sources import Sources
    from inspection.files.base_path import find_base_paths

    history, workspace = None, _workspace(options)
    try:
        history = settle(open_history(options.store))
    except StoreError:
        # A base path tells its own story, where there is one.
        alone = options.command in _WITHOUT_STORE
        if not alone or not (options.base_path or find_base_paths(None, workspace)):
            raise
    now = datetime.datetime.now(datetime.timezone.utc)
    return Sources(history, workspace, options.base_path, now)


def _workspace(options: argparse.Namespace) -> Workspace:
    if options.root and is_remote(options.root):
        return Workspace(_folder(options), options.root)
    return Workspace(Path(options.root) if options.root else _folder(options))


def _folder(options: argparse.Namespace) -> Path:
    path = Path(options.store.removeprefix("sqlite:///"))
    if "://" in options.store and str(path) == options.store:
        path = Path(STORE)  # A server has no folder; the runs may still have been made here.
    return path if path.is_dir() else path.parent


if __name__ == "__main__":
    sys.exit(main())
