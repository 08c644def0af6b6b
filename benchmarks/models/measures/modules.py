"""A published module, trained on from its address, beside the model that it came from."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.target import Target
from benchmarks.usage import CommandError, python
from documents.workspace import Workspace
from pipeline.settings import REPOSITORY

MAX_BELOW = 0.003


def measure(scratch: Path) -> tuple[list[Target], dict[str, Any]]:
    """Runs the default pipeline, publishes its encoder, and runs again from where it is served.

    The first run holds the module against the version when it is published: another number than
    the version's is an error there.
    """
    root, modules = scratch / "root", scratch / "modules"
    first = _run(scratch / "first.json", root)
    base_path = Workspace(root).base_path("fashion_mnist")
    published = scratch / "published.json"
    python(
        published,
        *("-m", "models.hub", "publish", str(first["version"]), "--to", str(modules)),
        *("--base-path", str(base_path), "--json"),
    )
    module = json.loads(published.read_text())
    command = [sys.executable, "-m", "models.hub", "serve", str(modules), "--port", "0"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            line = server.stdout.readline().split()
            if not line:
                raise CommandError("The server of modules did not start.")
            second = _run(
                scratch / "second.json",
                scratch / "again",
                *(f"hub.handle={line[0]}", f"hub.sha256={module['sha256']}", "hub.allow_http=true"),
            )
        finally:
            server.terminate()
    below = first["test_accuracy"] - second["test_accuracy"]
    return [Target("trained on from a published module, accuracy below", below, MAX_BELOW)], {
        "first": first["test_accuracy"],
        "from_its_module": second["test_accuracy"],
        "module": {key: module[key] for key in ("bytes", "takes", "gives")},
    }


def _run(output: Path, root: Path, *overrides: str) -> dict[str, Any]:
    settings = (part for each in overrides for part in ("--set", each))
    python(output, "local_runner.py", f"--root={root}", "--json", *settings)
    return dict(json.loads(output.read_text()))
