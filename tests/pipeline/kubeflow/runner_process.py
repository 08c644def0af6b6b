"""kubeflow_runner.py in a process of its own, and what a pushing node of a run logs."""

from __future__ import annotations

import subprocess
import sys

from pipeline.settings import REPOSITORY

PUSHED = "2026-10-05 08:09:00 INFO components.pusher.executor: The push came out as "


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "kubeflow_runner.py", *map(str, arguments)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
