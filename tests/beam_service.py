"""Beam's portable job service and a pool of workers, in processes that cannot see this project.

Both speak the protocols of Flink's and Spark's (job API, Fn API); what they do not have is a
cluster: the service shuffles in its own memory and tries nothing twice.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shlex
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.settings import REPOSITORY
from tests.metadata_servers import free_port

READY_SECONDS = 120.0
BOOT = REPOSITORY / "pipeline/beam_workers/boot.py"


@dataclasses.dataclass(frozen=True)
class BeamService:
    """Addresses, as settings take them."""

    job_endpoint: str
    worker_pool: str

    @property
    def settings(self) -> dict[str, Any]:
        """What `beam` says to run there."""
        return {
            "profile": "portable",
            "start_seconds": 300.0,
            "portable": {
                "job_endpoint": self.job_endpoint,
                "environment": "external",
                "worker_pool": self.worker_pool,
            },
        }


def environment_without_project(folder: Path) -> Path:
    """Makes an environment with all packages of this one but not the project; returns its python.

    The path file of the checkout is not read in it, as a folder that a path file names is not
    searched for such files.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = folder / "lib" / name / "site-packages" / "packages.pth"
    packages.write_text(sysconfig.get_paths()["purelib"] + "\n")
    return folder / "bin" / "python"


def boot_command(python: Path, folder: Path) -> Path:
    """A program that boots workers with `python`, from a copy of the boot file."""
    copy = folder / "boot.py"
    copy.write_bytes(BOOT.read_bytes())
    command = folder / "boot"
    temporary = shlex.quote(str(folder))
    command.write_text(
        f"#!/bin/sh\nexec {shlex.quote(str(python))} {shlex.quote(str(copy))} "
        f'"$@" --semi_persist_dir={temporary}\n'
    )
    command.chmod(0o755)
    return command


@contextlib.contextmanager
def service(folder: Path) -> Iterator[BeamService]:
    """Both, until the block ends, with their output in `folder`."""
    python = environment_without_project(folder / "environment")
    job = free_port()
    command = [python, "-m", "apache_beam.runners.portability.local_job_service_main"]
    options = ["-p", job, "--staging_dir", folder / "staging"]
    with (
        _process(folder / "job.log", job, [*command, *options]),
        pool(folder, boot_command(python, folder)) as address,
    ):
        yield BeamService(f"localhost:{job}", address)


@contextlib.contextmanager
def pool(folder: Path, boot: Path) -> Iterator[str]:
    """A pool that starts workers with `boot`; yields its address."""
    port = free_port()
    command = [sys.executable, "-m", "apache_beam.runners.worker.worker_pool_main"]
    options = [f"--container_executable={boot}", f"--service_port={port}"]
    with _process(folder / f"pool-{port}.log", port, [*command, *options]):
        yield f"localhost:{port}"


@contextlib.contextmanager
def _process(log: Path, port: int, command: Sequence[Any]) -> Iterator[None]:
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=log.parent,
            env=clean,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            _wait(port, log)
            yield
        finally:
            # Workers are of the same group, and nothing of them is worth keeping.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        assert time.monotonic() < deadline, log.read_text()[-2000:]
        time.sleep(0.1)
